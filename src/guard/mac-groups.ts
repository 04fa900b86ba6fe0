/** MAC addresses as groups of other sizes than two: `50c7.bf0d.918c`, `50c7-bf0d-918c`, `50C7BF-0D918C`, `0:1e:c2:9:a:ff`. See mac.ts. */

import { COLON, DASH, DOT, UNDERSCORE } from './chars.js'
import { gapCode, isDecimal, isMixed, lengthOf, type Run } from './runs.js'
import type { MacSink } from './mac.js'

const QUAD_SEPARATORS = new Set([COLON, DASH, UNDERSCORE])

export function findMacGroups (text: string, runs: readonly Run[], take: MacSink): boolean {
  return dottedMacs(text, runs, take) || groupedMacs(text, runs, take) || unpaddedMacs(text, runs, take)
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
