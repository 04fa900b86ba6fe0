/**
 * Addresses of one report and its surroundings: MACs of 48 bits and IPv4 addresses as numbers, which are compared at once,
 * all others in indexes.
 */

import type { Found } from './finder.js'
import { isNobodysMac, KnownIndex, SMALLEST_INTEGER } from './known-index.js'

export interface OwnAddresses {
  readonly indexes: readonly KnownIndex[]
  readonly macs: readonly number[]
  readonly ipv4s: readonly number[]
}

/** Some addresses that were found together. */
export interface OwnPart {
  readonly index: KnownIndex | undefined
  readonly macs: readonly number[]
  readonly ipv4s: readonly number[]
}

const MAC_DIGITS = 12

/** Where a report's addresses are gathered. */
export class OwnCollector implements OwnAddresses {
  readonly indexes: KnownIndex[] = []
  readonly macs: number[] = []
  readonly ipv4s: number[] = []

  clear (): void {
    // setting a length costs more than asking for it
    if (this.indexes.length > 0) this.indexes.length = 0
    if (this.macs.length > 0) this.macs.length = 0
    if (this.ipv4s.length > 0) this.ipv4s.length = 0
  }

  add ({ index, macs, ipv4s }: OwnPart): void {
    if (index !== undefined) this.indexes.push(index)
    for (let k = 0; k < macs.length; k++) this.macs.push(macs[k]!)
    for (let k = 0; k < ipv4s.length; k++) this.ipv4s.push(ipv4s[k]!)
  }
}

const NONE: OwnPart = { index: undefined, macs: [], ipv4s: [] }

/** Those of nobody are left out: a device that has no address yet, a broadcast. */
export function ownOf (found: readonly Found[]): OwnPart {
  if (found.length === 0) return NONE
  const macs: number[] = []
  const ipv4s: number[] = []
  let index: KnownIndex | undefined
  for (const address of found) {
    const { kind, canonical } = address
    const ipv4 = kind === 'ip' && !canonical.includes(':') ? canonical.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0) : 0
    if (kind === 'mac' && canonical.length === MAC_DIGITS) {
      if (!isNobodysMac(canonical)) macs.push(Number.parseInt(canonical, 16))
    } else if (ipv4 >= SMALLEST_INTEGER) {
      ipv4s.push(ipv4)
    } else {
      index ??= new KnownIndex()
      index.add(address)
    }
  }
  return { index, macs, ipv4s }
}
