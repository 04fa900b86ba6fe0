/** Hex of text (`35303a43373a…`), and bytes spelled as a list of numbers (`[80, 199, 191]`, `0x50,0xC7`). */

import { isAlphanumeric } from './chars.js'
import { lengthOf, type Run } from './runs.js'
import { LONGEST_GAP } from './traits.js'

const SHORTEST_HEX = 12
/** Signed bytes are those of a program that has no others; a sign stands after a space or another sign. */
const NUMBER = /0x[0-9a-f]{1,2}(?![0-9a-z])|(?<![^\s,;[({])-(?:12[0-8]|1[01]\d|\d{1,2})(?![0-9a-z])|\d{1,20}/gi
/** Of the members of a typed array, `"0":80`. */
const INDEX = /"\d{1,5}"\s?:\s?/g
const FEWEST_BYTES = 4

/** The bytes of every long run of hex digits, read from its first and from its second digit. */
export function * hexBytes (text: string, runs: readonly Run[]): Generator<Buffer> {
  for (const run of runs) {
    if (lengthOf(run) < SHORTEST_HEX) continue
    for (const offset of [0, 1]) {
      const start = run.start + offset
      yield Buffer.from(text.slice(start, run.end - (run.end - start) % 2), 'hex')
    }
  }
}

/** Every list of at least four numbers that are bytes in a text; the numbers are up to three signs apart, and all of the list are bytes. */
export function * listedBytes (written: string): Generator<Buffer> {
  const text = written.replace(INDEX, '')
  let bytes: number[] = []
  let end = -1
  for (const match of text.matchAll(NUMBER)) {
    if (end >= 0 && !isGap(text, end, match.index)) {
      if (bytes.length >= FEWEST_BYTES) yield Buffer.from(bytes)
      bytes = []
    }
    const value = Number(match[0])
    if (value <= 255) bytes.push(value)
    end = value <= 255 ? match.index + match[0].length : -1
    if (end < 0) {
      if (bytes.length >= FEWEST_BYTES) yield Buffer.from(bytes)
      bytes = []
    }
  }
  if (bytes.length >= FEWEST_BYTES) yield Buffer.from(bytes)
}

function isGap (text: string, from: number, to: number): boolean {
  if (to - from < 1 || to - from > LONGEST_GAP) return false
  for (let i = from; i < to; i++) if (isAlphanumeric(text.charCodeAt(i))) return false
  return true
}
