/**
 * IPv4 addresses by their syntax.
 *
 * Four numbers parted by dots, each decimal, zero padded, octal or `0x` hexadecimal; the first may be the tail of a longer
 * run of digits, the last the head of one (`x192.168.1.57777`), those between must be complete. Four decimal numbers parted
 * by `-` or `_`, all complete, unless a year before them makes them a date. `0.0.0.0` and its like are no exception.
 */

import { areCalendarFields, isYear } from './calendar.js'
import { lengthOf, type Run } from './runs.js'

/** Takes an IP address in canonical text; true stops the search. */
export type IpSink = (canonical: string) => boolean

/** A dot may have space before it; after it alone it ends a sentence or an ordinal. */
const DOT = /^(?:\.|[[({]\.[\])}]|\s\.\s?)$/
const DASHES = new Set(['-', '_'])
const MAX_PART_LENGTH = 12
/** Quantifiers are bounded, so that no text makes it slow. */
const HEX_QUAD = /(?:0x[0-9a-f]{1,8}|\d{1,8})(?:\.(?:0x[0-9a-f]{1,8}|\d{1,8})){3}/gi

/** Hands every IPv4 address of a text to the sink; `runs` are its runs of decimal digits. */
export function findIpv4 (text: string, runs: readonly Run[], sink: IpSink): boolean {
  for (let last = 3; last < runs.length; last++) {
    const gap = text.slice(runs[last - 1]!.end, Math.min(runs[last]!.start, runs[last - 1]!.end + 4))
    if (DOT.test(gap) && dottedQuad(text, runs, last, sink)) return true
    if (DASHES.has(gap) && dashedQuad(text, runs, last, gap, sink)) return true
  }
  return /0x/i.test(text) && hexQuads(text, sink)
}

function dottedQuad (text: string, runs: readonly Run[], last: number, sink: IpSink): boolean {
  if (!DOT.test(gapBefore(text, runs, last - 1)) || !DOT.test(gapBefore(text, runs, last - 2))) return false
  const [first, second, third, fourth] = partsOf(text, runs, last)
  if (!isOctet(second!) || !isOctet(third!)) return false
  const parts = [tailOctet(first!), second!, third!, headOctet(fourth!)]
  return readings(parts).some(sink)
}

function dashedQuad (text: string, runs: readonly Run[], last: number, dash: string, sink: IpSink): boolean {
  if (gapBefore(text, runs, last - 1) !== dash || gapBefore(text, runs, last - 2) !== dash) return false
  const parts = partsOf(text, runs, last)
  if (!parts.every(part => part.length <= 3 && Number(part) <= 255) || isPartOfDate(text, runs, last, dash)) return false
  return readings(parts).some(sink)
}

/** `2026-01-05-10-20-30`: the four parts follow a year at once, or a year and a month. */
function isPartOfDate (text: string, runs: readonly Run[], last: number, dash: string): boolean {
  const parts = partsOf(text, runs, last)
  return [0, 1].some(field => {
    const year = last - 4 - field
    if (year < 0 || !isYear(text.slice(runs[year]!.start, runs[year]!.end))) return false
    if (gapBefore(text, runs, year + 1) !== dash || gapBefore(text, runs, last - 3) !== dash) return false
    return areCalendarFields(parts, field)
  })
}

function gapBefore (text: string, runs: readonly Run[], i: number): string {
  const { end } = runs[i - 1]!
  return text.slice(end, Math.min(runs[i]!.start, end + 4))
}

/** The four parts that end with the run at `last`; very long runs are cut, they are no octets anyway. */
function partsOf (text: string, runs: readonly Run[], last: number): string[] {
  return runs.slice(last - 3, last + 1).map((run, i) => {
    if (lengthOf(run) <= MAX_PART_LENGTH) return text.slice(run.start, run.end)
    return i === 0 ? text.slice(run.end - MAX_PART_LENGTH, run.end) : text.slice(run.start, run.start + MAX_PART_LENGTH + 1)
  })
}

function isOctet (part: string): boolean {
  if (part.length > MAX_PART_LENGTH) return false
  return Number(part) <= 255 || isOctalOctet(part)
}

function isOctalOctet (part: string): boolean {
  return /^0[0-7]+$/.test(part) && Number.parseInt(part, 8) <= 255
}

/** The longest tail of at most three digits that is an octet; a whole part where it is one. */
function tailOctet (part: string): string {
  if (isOctet(part)) return part
  return [part.slice(-3), part.slice(-2)].find(isOctet) ?? part.slice(-1)
}

function headOctet (part: string): string {
  if (isOctet(part)) return part
  return [part.slice(0, 3), part.slice(0, 2)].find(isOctet) ?? part.slice(0, 1)
}

/** As decimal, and as octal where it can be: readers differ on a leading zero. */
function readings (parts: readonly string[]): string[] {
  const spelled = [parts.map(Number), parts.map(part => isOctalOctet(part) ? Number.parseInt(part, 8) : Number(part))]
  const valid = spelled.filter(octets => octets.every(octet => octet <= 255))
  return [...new Set(valid.map(octets => octets.join('.')))]
}

/** `0xC0.0xA8.0x01.0x05`, parts of it decimal or octal. */
function hexQuads (text: string, sink: IpSink): boolean {
  for (const [match] of text.matchAll(HEX_QUAD)) {
    if (readings(match.split('.')).some(sink)) return true
  }
  return false
}
