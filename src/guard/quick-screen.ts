/**
 * The prescreen's answer for most texts, from sums that a scanner has at hand when it comes to their end: no second pass.
 *
 * Whatever is an address, or holds one encoded, has four hex digits, or a decimal digit beside a dot or colon, or a run of
 * eight of the alphabets of base64 with an upper-case letter, or a sign that begins an escape, or anything beyond ASCII. A
 * text that has none of these is `STILL`, as prescreen.ts would say after its longer course.
 *
 * INVARIANT: what the quick screen calls still, the prescreen calls still.
 */

import { ESCAPE, HIGH, MARK, STOPS, TELLING, UPPER } from './byte-classes.js'

/** Longer texts are the prescreen's: the sums would run over, and it does not judge them either. */
const LONGEST = 400
const FEWEST_HEX = 4 << 10
const DIGITS = 1023
const SHORTEST_BASE64 = 8

/** `classes` and `counts` are those of all bytes of the text together, see byte-classes.ts. */
export function isStill (classes: number, counts: number, length: number): boolean {
  if ((classes & TELLING) === 0) return true
  if (length > LONGEST || counts >= FEWEST_HEX || (classes & (HIGH | ESCAPE | STOPS)) !== 0) return false
  return ((counts & DIGITS) === 0 || (classes & MARK) === 0) && ((classes & UPPER) === 0 || length < SHORTEST_BASE64)
}
