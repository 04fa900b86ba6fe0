/** MAC addresses as chains of hex pairs: by one separator, by several, by other signs. See mac.ts. */

import { areCalendarFields, isYear } from './calendar.js'
import { isAlphanumeric } from './chars.js'
import { isDecimal, isMixed, lengthOf, type Run } from './runs.js'
import { LONGEST_GAP } from './traits.js'
import type { MacSink } from './mac.js'

const PAIR_GAPS = new Set([':', '-', '_', ' '])

/** Chains of hex pairs: six are a MAC, eight an EUI-64, and every six within any other number. */
export function findMacPairs (text: string, runs: readonly Run[], take: MacSink): boolean {
  let first = 0
  for (let i = 0; i < runs.length; i++) {
    if (lengthOf(runs[i]!) < 2) {
      first = i + 1
      continue
    }
    if (i > first && !isGap(text, runs[i - 1]!, runs[i]!)) first = i
    if (i - first >= 5 && endsChain(text, runs, i) && chainMacs(text, runs, first, i, take)) return true
    if (lengthOf(runs[i]!) > 2) first = i
  }
  return false
}

/** Whether no further pair follows in the chain that the run at `i` belongs to. */
function endsChain (text: string, runs: readonly Run[], i: number): boolean {
  const next = runs[i + 1]
  return lengthOf(runs[i]!) > 2 || next === undefined || lengthOf(next) < 2 || !isGap(text, runs[i]!, next)
}

function isGap (text: string, before: Run, after: Run): boolean {
  const length = after.start - before.end
  if (length > LONGEST_GAP) return false
  for (let i = before.end; i < after.start; i++) {
    const code = text.charCodeAt(i)
    if (isAlphanumeric(code) || code >= 128) return false
  }
  return true
}

/** Chains with one separator first: where there is one, the pairs around it are not read together with its own. */
function chainMacs (text: string, runs: readonly Run[], first: number, last: number, take: MacSink): boolean {
  let start = first
  let uniform = 0
  for (let i = first + 1; i <= last; i++) {
    const goesOn = i < last && gapOf(text, runs, i) === gapOf(text, runs, i + 1)
    if (goesOn) continue
    if (i - start >= 5 && PAIR_GAPS.has(gapOf(text, runs, i))) {
      uniform++
      if (uniformMacs(text, runs, start, i, take)) return true
    }
    start = i
  }
  return uniform === 0 && windowMacs(text, runs, first, last, take)
}

function uniformMacs (text: string, runs: readonly Run[], first: number, last: number, take: MacSink): boolean {
  const pairs = runs.slice(first, last + 1)
  const isBounded = lengthOf(pairs[0]!) === 2 && lengthOf(pairs.at(-1)!) === 2
  if (pairs.length === 8 && take(pairsOf(text, pairs))) return true
  return (pairs.length !== 8 || !isBounded) && windowMacs(text, runs, first, last, take)
}

function windowMacs (text: string, runs: readonly Run[], first: number, last: number, take: MacSink): boolean {
  for (let start = first; start + 5 <= last; start++) {
    if (isMac(text, runs, start, start + 5) && take(pairsOf(text, runs.slice(start, start + 6)))) return true
  }
  return false
}

/**
 * One separator throughout is enough. A mixture, or spaces around separators, must come with a letter, or every list of
 * times would be a MAC; other gaps must be all alike and come with letters and digits, or lists of words and numbers would be.
 */
function isMac (text: string, runs: readonly Run[], first: number, last: number): boolean {
  const hex = pairsOf(text, runs.slice(first, last + 1))
  const gaps = new Set<string>()
  for (let i = first + 1; i <= last; i++) gaps.add(gapOf(text, runs, i))
  const arePlain = [...gaps].every(gap => PAIR_GAPS.has(gap.trim() || ' '))
  if (gaps.size === 1 && !arePlain) return isMixed(hex)
  if (gaps.size === 1 && PAIR_GAPS.has([...gaps][0]!)) return !isDecimal(hex) || !isCalendar(text, runs, first, last)
  return arePlain && !isDecimal(hex)
}

/** What parts the run at `i` from the one before. */
function gapOf (text: string, runs: readonly Run[], i: number): string {
  return text.slice(runs[i - 1]!.end, runs[i]!.start)
}

/** `2026-01-05-10-20-30`: the pairs from the year's second half on. */
function isCalendar (text: string, runs: readonly Run[], first: number, last: number): boolean {
  const [year, ...fields] = runs.slice(first, last + 1).map(({ start, end }) => text.slice(start, end))
  return isYear(year!) && areCalendarFields(fields, 0)
}

function pairsOf (text: string, pairs: readonly Run[]): string {
  return pairs.map(({ start, end }, i) => i === 0 ? text.slice(end - 2, end) : text.slice(start, start + 2)).join('')
}
