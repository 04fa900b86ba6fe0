/** Maximal runs of digits in a text: what every scanner of address syntax goes over. */

import { hexValue, isDigit } from './chars.js'

/** `text.slice(start, end)`. */
export interface Run {
  readonly start: number
  readonly end: number
}

export function hexRuns (text: string): Run[] {
  return runsOf(text, code => hexValue(code) >= 0)
}

export function digitRuns (text: string): Run[] {
  return runsOf(text, isDigit)
}

export function lengthOf ({ start, end }: Run): number {
  return end - start
}

export function isDecimal (text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isDigit(text.charCodeAt(i))) return false
  return true
}

/** Letters as well as decimal digits: what is hexadecimal, and not a number or a word. */
export function isMixed (hex: string): boolean {
  return /[a-f]/i.test(hex) && /\d/.test(hex)
}

/** The one character between two runs, as its code; undefined where they are further apart. */
export function gapCode (text: string, before: Run, after: Run): number | undefined {
  return after.start - before.end === 1 ? text.charCodeAt(before.end) : undefined
}

function runsOf (text: string, belongs: (code: number) => boolean): Run[] {
  const runs: Run[] = []
  let start = -1
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && belongs(text.charCodeAt(i))) {
      if (start < 0) start = i
    } else if (start >= 0) {
      runs.push({ start, end: i })
      start = -1
    }
  }
  return runs
}
