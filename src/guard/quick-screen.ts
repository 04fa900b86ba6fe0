/**
 * The prescreen's answer for most texts, from sums that a scanner has at hand when it comes to their end: no second pass.
 *
 * Whatever is an address, or holds one encoded, has four hex digits, or a decimal digit beside a dot or colon, or a run of
 * eight of the alphabets of base64 with an upper-case letter, or a sign that begins an escape, or anything beyond ASCII. A
 * text that has none of these is `STILL`, as prescreen.ts would say after its longer course.
 *
 * A text without decimal digits, dots, colons, spaces and brackets, and without that upper-case letter, cannot spell an IPv4
 * address (digits), an IPv6 address or a URL (colons; `[colon]` and ` colon ` stand for one, so spaces and brackets count
 * with them), nor anything in base64; if it has fewer than eight hex digits, no MAC and no part of a known address that is
 * looked for outside of free text. It is `QUIET`: most names of members are.
 *
 * INVARIANT: what the quick screen calls still or quiet, the prescreen calls no less.
 */

import { ESCAPE, HIGH, MARK, PAUSE, STOPS, TELLING, UPPER } from './byte-classes.js'

/** As in prescreen.ts. `MAYBE`: ask the prescreen. */
const MAYBE = 0
const QUIET = 2
const STILL = 3
/** Longer texts are the prescreen's: the sums would run over, and it does not judge them either. */
const LONGEST = 400
const FOUR_HEX = 4 << 10
const EIGHT_HEX = 8 << 10
const DIGITS = 1023
const SHORTEST_BASE64 = 8

/** `classes` and `counts` are those of all bytes of the text together, see byte-classes.ts. */
export function quickLevel (classes: number, counts: number, length: number): number {
  if ((classes & TELLING) === 0) return STILL
  if (length > LONGEST || counts >= EIGHT_HEX || (classes & (HIGH | ESCAPE | STOPS)) !== 0) return MAYBE
  if ((classes & UPPER) !== 0 && length >= SHORTEST_BASE64) return MAYBE
  const hasDigit = (counts & DIGITS) !== 0
  if (counts < FOUR_HEX && (!hasDigit || (classes & MARK) === 0)) return STILL
  return hasDigit || (classes & (MARK | PAUSE)) !== 0 ? MAYBE : QUIET
}
