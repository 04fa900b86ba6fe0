/**
 * Addresses in the spellings in which they mostly stand where they are meant to: twelve bare hex digits, six pairs parted by
 * colons or dashes, a dotted quad. Where one of these is read, the finder finds that address in the text, no other, and
 * without extra work; what might be read in two ways is left to it.
 */

import { HEX_VALUES } from './byte-classes.js'
import { holdBase64Text, holdHexText } from './decoded-text.js'
import { SMALLEST_INTEGER } from './known-index.js'

const DIGITS = 12
const PAIRED = 17
const COLON = 0x3a
const DASH = 0x2d
const DOT = 0x2e
/** So many decimal pairs in a row may be an IPv4 address, or bytes. */
const FEWEST_OCTETS = 4
const LAST = 2 ** 48 - 1

/** A MAC as a number; -1 for any other text. */
export function plainMac (bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length !== DIGITS && length !== PAIRED) return -1
  const separator = length === PAIRED ? bytes[start + 2]! : 0
  if (separator !== 0 && separator !== COLON && separator !== DASH) return -1
  let value = 0
  let decimals = 0
  let mayBeText = true
  for (let i = start; i < end; i += separator === 0 ? 2 : 3) {
    const high = HEX_VALUES[bytes[i]!]!
    const low = HEX_VALUES[bytes[i + 1]!]!
    if (high > 15 || low > 15 || (separator !== 0 && i + 2 < end && bytes[i + 2] !== separator)) return -1
    value = value * 256 + high * 16 + low
    if (high === 1 || (high === 0 && low !== 0 && low !== 9 && low !== 10 && low !== 13)) mayBeText = false
    // a run of decimals may begin and end within a pair
    if (high < 10) decimals++
    if (separator !== 0 && decimals >= FEWEST_OCTETS) return -1
    if (high >= 10 || low >= 10) decimals = low < 10 ? 1 : 0
  }
  if (separator === 0 ? mayBeText && holdHexText(bytes, start, end) : separator === DASH && holdBase64Text(bytes, start, end)) return -1
  return value
}

/** An IPv4 address as a number; -1 for any other text, and for one whose digits may be those of a MAC. */
export function plainIpv4 (bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 7 || end - start > 15) return -1
  let value = 0
  let octets = 0
  for (let i = start; i < end; i++) {
    const first = i
    let octet = 0
    for (; i < end && bytes[i] !== DOT; i++) {
      const digit = bytes[i]! - 0x30
      if (digit < 0 || digit > 9) return -1
      octet = octet * 10 + digit
    }
    if (i === first || i - first > 3 || octet > 255 || (i - first > 1 && bytes[first] === 0x30)) return -1
    value = value * 256 + octet
    octets++
  }
  return octets === 4 && bytes[end - 1] !== DOT && end - start !== DIGITS + 3 && value >= SMALLEST_INTEGER ? value : -1
}

/** Known to nobody: see known-index.ts. */
export function isNobody (mac: number): boolean {
  return mac === 0 || mac === LAST
}
