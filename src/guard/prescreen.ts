/**
 * The prescreen: proves of most texts, in one pass over their bytes, that the finder would find nothing.
 *
 * It reasons from what every address needs: twelve digits loosely together for a MAC, four runs of decimals for an IPv4
 * address, two colons for IPv6, a `://` for the host of a URL, an encoding around any of them. Where it cannot exclude
 * all of these, it says `MAYBE`, and the finder is asked. It never says that there is an address.
 *
 * INVARIANT: what the prescreen calls clear, the finder finds no address of the first tier in; what it calls quiet, no
 * known address either, whichever are known.
 */

import { ALPHANUMERIC, BASE64, CLASSES, DIGIT, ESCAPE, HEX_LETTER, HIGH, NO_HEX, STOPS, TELLING, UPPER } from './byte-classes.js'
import { holdBase64Text, holdHexText } from './decoded-text.js'
import { isPlainTime, isRandomUuid, mayHoldQuad } from './passing-texts.js'
import { LONGEST_GAP } from './traits.js'

/** Only the finder can tell. */
export const MAYBE = 0
/** Nothing of the first tier. */
export const CLEAR = 1
/** Nor anything of the second, but for tails in text that a person wrote. */
export const QUIET = 2
/** Nor a tail. */
export const STILL = 3

/** Longer texts are the finder's. */
const LONGEST = 400

const DOT = 0x2e
const COLON = 0x3a
const SPACE = 0x20
const SLASH = 0x2f

/**
 * What the bytes from `start` to `end` can hold; as they stand between the quotes of JSON, without a backslash. `classes`
 * are those of all of them together.
 */
export function prescreen (bytes: Uint8Array, start: number, end: number, classes: number): number {
  if ((classes & TELLING) === 0) return STILL
  if (end - start > LONGEST || (classes & (HIGH | ESCAPE | STOPS)) !== 0) return MAYBE
  return (classes & NO_HEX) === 0 ? prescreenHex(bytes, start, end) : prescreenAny(bytes, start, end)
}

/** One run of hex digits. */
function prescreenHex (bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length < 4) return STILL
  if (length < 8) return QUIET
  if (length < 12) return CLEAR
  return length < 17 || holdHexText(bytes, start, end) ? MAYBE : CLEAR
}

function prescreenAny (bytes: Uint8Array, start: number, end: number): number {
  if (isPlainTime(bytes, start, end)) return CLEAR
  if (isRandomUuid(bytes, start, end)) return mayHoldQuad(bytes, start) || holdHexText(bytes, start + 24, end) ? MAYBE : CLEAR
  let digits = 0; let dots = 0; let colons = 0; let hasSpace = false; let isAllBase64 = true; let isSuspect = false
  let hexRun = 0; let longestHex = 0; let loose = 0; let looseHex = 0; let gap = 0
  let hexRuns = 0; let longRuns = 0; let hasHexChain = false
  let base64Run = 0; let longestBase64 = 0; let hasUpper = false
  let value = -1; let listed = 0; let mostListed = 0; let digitRuns = 0; let mostDigitRuns = 0; let digitGap = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    const bits = CLASSES[byte]!
    if ((bits & (DIGIT | HEX_LETTER)) !== 0) {
      if (hexRun === 0) { if (loose === 0) { hexRuns = 1; longRuns = 0 } else hexRuns++ }
      if (++hexRun > longestHex) longestHex = hexRun
      if (hexRun === 4 && ++longRuns >= 2) hasHexChain = true
      if (hexRun === 2 && hexRuns >= 6) hasHexChain = true
      if (++loose > looseHex) looseHex = loose
      gap = 0
    } else {
      if (hexRun >= 12 && hexRun <= 16) isSuspect = true
      if ((bits & ALPHANUMERIC) !== 0 || ++gap > LONGEST_GAP) loose = 0
      hexRun = 0
      if (byte === DOT) dots++
      else if (byte === COLON) colons++
      else if (byte === SPACE) hasSpace = true
    }
    if ((bits & DIGIT) !== 0) {
      digits++
      if (value < 0) {
        value = 0
        listed++
        digitRuns++
        if (digitRuns > mostDigitRuns) mostDigitRuns = digitRuns
      }
      if (value < 1000) value = value * 10 + byte - 0x30
      digitGap = 0
    } else {
      if (value > 255) listed = 0
      if (listed > mostListed) mostListed = listed
      value = -1
      if ((bits & ALPHANUMERIC) !== 0 || ++digitGap > LONGEST_GAP + 2) { listed = 0; digitRuns = 0 }
    }
    if ((bits & BASE64) !== 0) {
      base64Run++
      if ((bits & UPPER) !== 0) hasUpper = true
      if (hasUpper && base64Run > longestBase64) longestBase64 = base64Run
    } else {
      base64Run = 0
      hasUpper = false
      if (byte !== SPACE) isAllBase64 = false
    }
    if (isSign(bytes, start, end, i, byte)) isSuspect = true
  }
  if (hexRun >= 12 && hexRun <= 16) isSuspect = true
  if (value >= 0 && value <= 255 && listed > mostListed) mostListed = listed
  const isWorthIt = looseHex >= 8 || longestHex >= 4 || digits >= 4 || (digits >= 1 && (dots >= 3 || colons >= 1)) || longestBase64 >= 8
  if (!isWorthIt) return looseHex >= 4 ? QUIET : STILL
  if (isSuspect || dots > 8 || colons >= 2 || mostDigitRuns >= 4 || mostListed >= 6) return MAYBE
  if (looseHex >= 9 && hasHexChain) return MAYBE
  if (longestBase64 >= 4 && hasSpace && isAllBase64) return MAYBE
  if (longestHex >= 12 && holdHexText(bytes, start, end)) return MAYBE
  if (longestBase64 >= 8 && holdBase64Text(bytes, start, end)) return MAYBE
  if (looseHex >= 8 || digits >= 8 || longestBase64 >= 8 || mostListed >= 4) return CLEAR
  return looseHex >= 4 ? QUIET : STILL
}

/** Marks of what is looked at more closely: `://`, `0x`, `.]`, and the words that stand for a dot or a colon. */
function isSign (bytes: Uint8Array, start: number, end: number, i: number, byte: number): boolean {
  const before = i > start ? bytes[i - 1]! | 0x20 : 0
  switch (byte | 0x20) {
    case 0x78: return before === 0x30 // 0x
    case 0x2f: return byte === SLASH && i > start && bytes[i - 1] === COLON
    case 0x29: // ) ] }
    case 0x7d: return before === DOT || before === COLON || before === SPACE
    case 0x36: return before === 0x76 // v6, of ipv6-literal
    case 0x6f: { // dot, colon, point
      const after = i + 1 < end ? bytes[i + 1]! | 0x20 : 0
      return (before === 0x64 && after === 0x74) || (before === 0x6c && after === 0x6e) || (before === 0x70 && after === 0x69)
    }
    default: return false
  }
}

/** The classes of some bytes together. */
export function classesOf (bytes: Uint8Array, start: number, end: number): number {
  let classes = 0
  for (let i = start; i < end; i++) classes |= CLASSES[bytes[i]!]!
  return classes
}
