/**
 * MAC addresses (EUI-48, EUI-64) by their syntax, found over the runs of hex digits in a text.
 *
 * Word boundaries are no excuse: the first pair or group may be the tail of a longer run (`dAA-BB-…`), the last one the
 * head of one. A bare run must be of exactly 12 digits, up to three letters aside that belong to a word beside it (the `ac`
 * of `MAC50C7BF0D918C`); within a longer run twelve digits are looked for among the known addresses. Beyond the spellings of the design, if both letters and digits occur:
 * any one separator of up to three signs; `50C7BF-0D918C`; `50c7-bf0d-918c`; `0:1e:c2:9:a:ff`.
 * Reversed byte order is out of scope.
 */

import { areCalendarFields, isYear } from './calendar.js'
import { COLON, DASH, DOT, isAlphanumeric, UNDERSCORE } from './chars.js'
import { gapCode, isDecimal, lengthOf, type Run } from './runs.js'
import { LONGEST_GAP } from './traits.js'
import { isVersion4, nodeIn } from './uuid.js'

/** Takes 12 or 16 lower-case hex digits; true stops the search. */
export type MacSink = (hex: string) => boolean

const MAC_DIGITS = 12
const WORD_REST = 3
const PAIR_GAPS = new Set([':', '-', '_', ' '])
const QUAD_SEPARATORS = new Set([COLON, DASH, UNDERSCORE])

/** Hands every MAC of a text to the sink; true if the sink stopped it. Linear in the text. */
export function findMacs (text: string, runs: readonly Run[], sink: MacSink): boolean {
  const take = (hex: string): boolean => sink(hex.toLowerCase())
  return bareMacs(text, runs, take) || pairedMacs(text, runs, take) || dottedMacs(text, runs, take) ||
    groupedMacs(text, runs, take) || unpaddedMacs(text, runs, take)
}

function bareMacs (text: string, runs: readonly Run[], take: MacSink): boolean {
  return runs.some((run, i) => {
    const node = nodeIn(text, runs, i)
    if (node !== undefined && take(node)) return true
    const hex = text.slice(run.start, Math.min(run.end, run.start + 17))
    if (hex.length > MAC_DIGITS && hex.length <= MAC_DIGITS + WORD_REST && gluedMacs(text, run, hex, take)) return true
    if (hex.length === MAC_DIGITS) return !isVersion4(text, runs, i) && take(hex)
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

/** Chains of hex pairs: six are a MAC, eight an EUI-64, and every six within any other number. */
function pairedMacs (text: string, runs: readonly Run[], take: MacSink): boolean {
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

/** Three or four groups of four, parted by dots. Digits alone must stand by themselves, or version numbers would fall. */
function dottedMacs (text: string, runs: readonly Run[], take: MacSink): boolean {
  let eui64End = 0
  for (let i = 0; i + 2 < runs.length; i++) {
    const four = runs.slice(i, i + 4)
    if (four.length === 4 && areDotted(text, four)) {
      eui64End = four[3]!.end
      if (take(quadsOf(text, four))) return true
    }
    const three = four.slice(0, 3)
    if (three[2]!.end > eui64End && areDotted(text, three) && take(quadsOf(text, three))) return true
  }
  return false
}

function areDotted (text: string, groups: readonly Run[]): boolean {
  if (groups.length === 0 || !groups.every(run => lengthOf(run) >= 4)) return false
  if (!groups.every((run, i) => i === 0 || gapCode(text, groups[i - 1]!, run) === DOT)) return false
  if (!groups.slice(1, -1).every(run => lengthOf(run) === 4)) return false
  return groups.every(run => lengthOf(run) === 4) || !isDecimal(quadsOf(text, groups))
}

function quadsOf (text: string, groups: readonly Run[]): string {
  return groups.map(({ start, end }, i) => i === 0 ? text.slice(end - 4, end) : text.slice(start, start + 4)).join('')
}

/** `50c7-bf0d-918c` and `50C7BF-0D918C`, standing by themselves: groups of a longer chain belong to a UUID or to an IP address. */
function groupedMacs (text: string, runs: readonly Run[], take: MacSink): boolean {
  let first = 0
  for (let i = 0; i < runs.length; i++) {
    const separator = i + 1 < runs.length ? gapCode(text, runs[i]!, runs[i + 1]!) : undefined
    const goesOn = separator !== undefined && QUAD_SEPARATORS.has(separator) && (i === first || gapCode(text, runs[i - 1]!, runs[i]!) === separator)
    if (goesOn) continue
    if (isGrouping(text, runs, first, i) && take(joined(text, runs.slice(first, i + 1)))) return true
    first = i + 1
  }
  return false
}

function isGrouping (text: string, runs: readonly Run[], first: number, last: number): boolean {
  const count = last - first + 1
  if (count < 2 || count > 4) return false
  const groups = runs.slice(first, last + 1)
  const isDashed = text.charCodeAt(groups[0]!.end) === DASH
  const size = count === 2 && isDashed ? 6 : count > 2 ? 4 : 0
  return groups.every(run => lengthOf(run) === size) && isMixed(joined(text, groups))
}

/** Six groups parted by colons, some without their leading zero. */
function unpaddedMacs (text: string, runs: readonly Run[], take: MacSink): boolean {
  let first = 0
  for (let i = 0; i < runs.length; i++) {
    const short = lengthOf(runs[i]!) <= 2
    const next = runs[i + 1]
    if (short && next !== undefined && lengthOf(next) <= 2 && gapCode(text, runs[i]!, next) === COLON) continue
    const groups = i - first === 5 ? runs.slice(first, i + 1) : []
    const hex = groups.map(({ start, end }) => text.slice(start, end).padStart(2, '0')).join('')
    if (groups.filter(run => lengthOf(run) === 2).length >= 3 && isMixed(hex) && take(hex)) return true
    first = i + 1
  }
  return false
}

function joined (text: string, groups: readonly Run[]): string {
  return groups.map(({ start, end }) => text.slice(start, end)).join('')
}

function isMixed (hex: string): boolean {
  return /[a-f]/i.test(hex) && /\d/.test(hex)
}
