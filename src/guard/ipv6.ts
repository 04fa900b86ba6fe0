/**
 * IPv6 addresses by their syntax (RFC 4291, RFC 5952): in 2000::/3, fc00::/7, fe80::/10 and ff00::/8, or holding an IPv4
 * address (mapped, translated, NAT64, compatible).
 *
 * Word boundaries are no excuse here either: the first group may be the tail of a longer run (`defe80::1`), the last the
 * head of one. Zone, prefix, port and brackets stand around it and need no reading. `::`, `::1`, `a::b` are no addresses
 * of anyone.
 */

import { COLON, DOT, isAlphanumeric, isDigit } from './chars.js'
import { lengthOf, type Run } from './runs.js'
import { spellIpv4, spellIpv6 } from './spell-ip.js'
import type { IpSink } from './ipv4.js'

const GROUPS = 8

interface Parsed {
  /** Eight groups; those that `::` stands for are zero. */
  readonly groups: readonly number[]
  readonly compressed: boolean
}

/** Hands every IPv6 address of a text to the sink; `runs` are its runs of hex digits. */
export function findIpv6 (text: string, runs: readonly Run[], sink: IpSink): boolean {
  for (let i = 0; i < runs.length; i++) {
    if (text.charCodeAt(runs[i]!.end) === COLON && isInRange(lastGroup(text, runs[i]!)) && take(parse(text, runs, i), sink)) return true
    if (takeHeld(text, runs, i, sink)) return true
  }
  return false
}

function take (parsed: Parsed | undefined, sink: IpSink): boolean {
  return parsed !== undefined && sink(spellIpv6(parsed.groups))
}

function isInRange (group: number): boolean {
  return (group >= 0x2000 && group <= 0x3fff) || (group >= 0xfc00 && group <= 0xfdff) || (group >= 0xfe80 && group <= 0xfebf) || group >= 0xff00
}

/** The run as a first group: its last four digits. */
function lastGroup (text: string, { start, end }: Run): number {
  return Number.parseInt(text.slice(Math.max(start, end - 4), end), 16)
}

/** The run as a last group: its first four digits. */
function headGroup (text: string, { start, end }: Run): number {
  return Number.parseInt(text.slice(start, Math.min(end, start + 4)), 16)
}

/** Reads an address whose first group is the run at `i`: eight groups, or fewer and a `::`. */
function parse (text: string, runs: readonly Run[], i: number): Parsed | undefined {
  const groups = [lastGroup(text, runs[i]!)]
  for (let j = i; groups.length < GROUPS; j++) {
    const { end } = runs[j]!
    if (text.charCodeAt(end) !== COLON) return undefined
    if (text.charCodeAt(end + 1) === COLON) return { groups: expand(groups, groupsAfter(text, runs, j + 1, end + 2, GROUPS - 1 - groups.length)), compressed: true }
    const next = runs[j + 1]
    if (next?.start !== end + 1 || (groups.length < GROUPS - 1 && lengthOf(next) > 4)) return undefined
    groups.push(headGroup(text, next))
  }
  return { groups, compressed: false }
}

/** Up to `most` groups parted by single colons, the first of them at `start`. */
function groupsAfter (text: string, runs: readonly Run[], i: number, start: number, most: number): number[] {
  const groups: number[] = []
  for (let j = i; groups.length < most && runs[j]?.start === start; j++) {
    // the first number of a dotted quad, which findIpv4 finds
    if (text.charCodeAt(runs[j]!.end) === DOT && isDigit(text.charCodeAt(runs[j]!.end + 1))) break
    groups.push(headGroup(text, runs[j]!))
    if (lengthOf(runs[j]!) > 4 || text.charCodeAt(runs[j]!.end) !== COLON) break
    start = runs[j]!.end + 1
  }
  return groups
}

function expand (head: readonly number[], tail: readonly number[]): number[] {
  return [...head, ...new Array<number>(GROUPS - head.length - tail.length).fill(0), ...tail]
}

/** Addresses that hold an IPv4 address in their last two groups; with a dotted quad there, findIpv4 finds it. */
function takeHeld (text: string, runs: readonly Run[], i: number, sink: IpSink): boolean {
  const groups = heldAt(text, runs, i)
  return groups !== undefined && sink(spellIpv4(groups[6]! * 0x10000 + groups[7]!))
}

function heldAt (text: string, runs: readonly Run[], i: number): readonly number[] | undefined {
  const run = runs[i]!
  // 64:ff9b::/96 and 64:ff9b:1::/48
  if (/64$/.test(text.slice(run.start, run.end)) && text.charCodeAt(run.end) === COLON && spelled(text, runs[i + 1]) === 'ff9b') return parse(text, runs, i)?.groups
  if (spelled(text, run) === 'ffff' && followsZeros(text, runs, i)) return expand([], groupsAfter(text, runs, i, run.start, 3))
  const isAfterColons = text.charCodeAt(run.start - 1) === COLON && text.charCodeAt(run.start - 2) === COLON
  const isZero = Number.parseInt(text.slice(run.start, Math.min(run.end, run.start + 5)), 16) === 0
  if (!isAfterColons && !(isZero && lengthOf(run) <= 4)) return undefined
  const groups = isAfterColons ? afterColons(text, runs, i) : parse(text, runs, i)?.groups
  return groups !== undefined && holdsIpv4(groups) ? groups : undefined
}

/** Four zero groups before the run; what they follow may be glued to something else. */
function followsZeros (text: string, runs: readonly Run[], i: number): boolean {
  const before = runs.slice(Math.max(0, i - 4), i + 1)
  return before.length === 5 && before.every(({ start, end }, k) => k === 4 || (/^0{1,4}$/.test(text.slice(start, Math.min(end, start + 5))) && text.charCodeAt(end) === COLON && before[k + 1]!.start === end + 1))
}

/** `::` and what follows; with a group before it that is not zero it is another address. */
function afterColons (text: string, runs: readonly Run[], i: number): readonly number[] | undefined {
  const { start } = runs[i]!
  const groups = expand([], groupsAfter(text, runs, i, start, GROUPS - 1))
  const isGlued = isAlphanumeric(text.charCodeAt(start - 3)) || text.charCodeAt(start - 3) === COLON
  return isGlued && groups[5] !== 0xffff && groups[4] !== 0xffff ? undefined : groups
}

/** ::ffff:0:0/96, ::ffff:0:0:0/96, and ::/96 unless its first octet is zero (`::1`, `::12:34`). */
function holdsIpv4 (groups: readonly number[]): boolean {
  if (groups.slice(0, 4).some(group => group !== 0)) return false
  const [fifth, sixth, high] = [groups[4], groups[5], groups[6]!]
  if (fifth === 0xffff) return sixth === 0
  return fifth === 0 && (sixth === 0xffff || (sixth === 0 && high >= 0x100))
}

function spelled (text: string, run: Run | undefined): string | undefined {
  return run === undefined ? undefined : text.slice(run.start, Math.min(run.end, run.start + 5)).toLowerCase()
}
