/**
 * MAC addresses (EUI-48, EUI-64) by their syntax, found over the runs of hex digits in a text.
 *
 * Word boundaries are no excuse: the first pair or group may be the tail of a longer run (`dAA-BB-…`), the last one the
 * head of one. A bare run must be of exactly 12 digits, up to three letters aside that belong to a word beside it (the `ac`
 * of `MAC50C7BF0D918C`); within a longer run twelve digits are looked for among the known addresses. Beyond the spellings
 * of the design, if both letters and digits occur: any one separator of up to three signs, `50C7BF-0D918C`,
 * `50c7-bf0d-918c`, `0:1e:c2:9:a:ff`.
 * Reversed byte order is out of scope.
 */

import { findMacGroups } from './mac-groups.js'
import { findMacPairs } from './mac-pairs.js'
import type { Run } from './runs.js'
import { isVersion4, nodeIn } from './uuid.js'

/** Takes 12 or 16 lower-case hex digits; true stops the search. */
export type MacSink = (hex: string) => boolean

const MAC_DIGITS = 12
const WORD_REST = 3

/** Hands every MAC of a text to the sink; true if the sink stopped it. Linear in the text. */
export function findMacs (text: string, runs: readonly Run[], sink: MacSink): boolean {
  const take = (hex: string): boolean => sink(hex.toLowerCase())
  return bareMacs(text, runs, take) || findMacPairs(text, runs, take) || findMacGroups(text, runs, take)
}

function bareMacs (text: string, runs: readonly Run[], take: MacSink): boolean {
  return runs.some((run, i) => {
    const node = nodeIn(text, runs, i)
    if (node !== undefined && take(node)) return true
    if (isVersion4(text, runs, i)) return false
    const hex = text.slice(run.start, Math.min(run.end, run.start + 17))
    if (hex.length > MAC_DIGITS && hex.length <= MAC_DIGITS + WORD_REST && gluedMacs(text, run, hex, take)) return true
    if (hex.length === MAC_DIGITS) return take(hex)
    return hex.length === 16 && (hex.slice(6, 10).toLowerCase() === 'fffe' || /^0x$/i.test(text.slice(run.start - 2, run.start))) && take(hex)
  })
}

/** Twelve digits that only the last letters of a word before them, or the first of one after them, make a longer run. */
function gluedMacs (text: string, { start, end }: Run, hex: string, take: MacSink): boolean {
  const rest = hex.length - MAC_DIGITS
  const isAfterWord = isWordLetter(text.charAt(start - 1)) && /^[a-f]+$/i.test(hex.slice(0, rest))
  const isBeforeWord = isWordLetter(text.charAt(end)) && /^[a-f]+$/i.test(hex.slice(-rest))
  return (isAfterWord && take(hex.slice(rest))) || (isBeforeWord && take(hex.slice(0, MAC_DIGITS)))
}

function isWordLetter (char: string): boolean {
  return /^[g-z]$/i.test(char)
}
