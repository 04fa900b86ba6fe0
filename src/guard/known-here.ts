/** What is known while one report is judged, and the questions that can be answered from it without a search. */

import { SMALLEST_INTEGER } from './known-index.js'
import type { OwnAddresses } from './own-addresses.js'
import { isAnswered, type Asked } from './questions.js'
import type { FingerprintLookup } from './known.js'

/** Addresses of the report and its surroundings, and the registry. */
export interface KnownHere {
  readonly own: OwnAddresses
  readonly registry: FingerprintLookup
}

/** Are all known addresses MACs of 48 bits and IPv4 addresses of the report itself, kept as numbers? */
export function areNumbers ({ own, registry }: KnownHere): boolean {
  return own.indexes.length === 0 && registry.isEmpty === true
}

/** So many questions are asked of a whole number, at most: as an IPv4 address and as a MAC, each with and without its sign. */
export const QUESTIONS_OF_NUMBER = 4
/** Below it a whole number has fewer digits than a MAC, so that none can stand among them. */
export const FEWEST_OF_MAC_DIGITS = 1e11

/**
 * Is a whole number of fewer than twelve digits a known address? As `isKnownNumber` in second-tier.ts, where all that is
 * known are numbers.
 */
export function isKnownWhole (value: number, { macs, ipv4s }: OwnAddresses): boolean {
  const size = Math.abs(value)
  return isKnownValue(size, macs, ipv4s) || (value < 0 && isKnownValue(2 ** 32 - size, macs, ipv4s))
}

/** Four bytes, as a number: as `holdKnownBytes` in known-bytes.ts judges a row of four. */
export function isKnownQuad (value: number, { ipv4s }: OwnAddresses): boolean {
  return value >= SMALLEST_INTEGER && ipv4s.includes(value)
}

/** Does a search that asked these questions find nothing? */
export function isClear ({ isTold, questions }: Asked, { own, registry }: KnownHere): boolean {
  return !isTold && (questions === undefined || !isAnswered(questions, own, registry))
}

function isKnownValue (value: number, macs: readonly number[], ipv4s: readonly number[]): boolean {
  if (value < SMALLEST_INTEGER) return false
  for (let k = 0; k < ipv4s.length; k++) if (ipv4s[k] === value) return true
  for (let k = 0; k < macs.length; k++) if (macs[k] === value) return true
  return false
}
