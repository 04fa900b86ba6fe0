/** Whether what looks encoded in a text decodes to any text at all: most of it is an id, and decodes to noise. See prescreen.ts. */

import { BASE64, BASE64_VALUES, CLASSES, DIGIT, HEX_LETTER, HEX_VALUES, UPPER } from './byte-classes.js'
import { holdsText } from './text-in-bytes.js'

const SHORTEST_HEX = 12
const SHORTEST_BASE64 = 8
const decoded = new Uint8Array(512)

/** Runs of at least twelve hex digits, read from their first and from their second digit. */
export function holdHexText (bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end;) {
    const first = i
    while (i < end && HEX_VALUES[bytes[i]!]! < 16) i++
    if (i - first >= SHORTEST_HEX && (isHexOfText(bytes, first, i) || isHexOfText(bytes, first + 1, i))) return true
    i++
  }
  return false
}

/** Runs of at least eight of the alphabets, with an upper-case letter and not all hex, read from each of their first four. */
export function holdBase64Text (bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end;) {
    const first = i
    let isHex = true
    let hasUpper = false
    for (; i < end; i++) {
      const bits = CLASSES[bytes[i]!]!
      if ((bits & BASE64) === 0) break
      if ((bits & (DIGIT | HEX_LETTER)) === 0) isHex = false
      if ((bits & UPPER) !== 0) hasUpper = true
    }
    if (i - first >= SHORTEST_BASE64 && hasUpper && !isHex) {
      for (let offset = 0; offset < 4; offset++) if (isBase64OfText(bytes, first + offset, i)) return true
    }
    i++
  }
  return false
}

function isHexOfText (bytes: Uint8Array, start: number, end: number): boolean {
  let count = 0
  for (let i = start; i + 1 < end; i += 2) decoded[count++] = HEX_VALUES[bytes[i]!]! << 4 | HEX_VALUES[bytes[i + 1]!]!
  return holdsText(decoded, count)
}

function isBase64OfText (bytes: Uint8Array, start: number, end: number): boolean {
  let count = 0
  let bits = 0
  let held = 0
  for (let i = start; i < end; i++) {
    bits = (bits << 6 | BASE64_VALUES[bytes[i]!]!) & 0xffffff
    held += 6
    if (held >= 8) {
      held -= 8
      decoded[count++] = bits >> held & 0xff
    }
  }
  return holdsText(decoded, count)
}
