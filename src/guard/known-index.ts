/** Addresses found in one report and its surroundings, laid out for quick comparison. */

import type { Found } from './finder.js'

/** Integers below this are no addresses of anyone's: counters, flags and years are. */
export const SMALLEST_INTEGER = 2 ** 24

/** All zeros or all ones: a device that has no address yet, or a broadcast. */
export function isNobodysMac (hex: string): boolean {
  return /^(?:0+|f+)$/.test(hex)
}

export class KnownIndex {
  readonly macs = new Set<string>()
  readonly ips = new Set<string>()
  readonly tails = new Set<string>()
  /** Of the MACs of 48 bits, and of the IPv4 addresses, as numbers. */
  readonly macNumbers = new Set<number>()
  readonly ipv4Numbers = new Set<number>()
  /** In hex: EUI-64s, those made of a known MAC too, with the one bit turned or not; and IPv6 addresses. */
  readonly longHex = new Set<string>()

  add ({ kind, canonical }: Found): void {
    if (kind === 'ip') this.addIp(canonical)
    else this.addMac(canonical)
  }

  /** An EUI-64 made of a MAC is known as that MAC too. Addresses of nobody are not worth knowing. */
  private addMac (hex: string): void {
    if (isNobodysMac(hex)) return
    this.macs.add(hex)
    for (const digits of [4, 5, 6]) this.tails.add(hex.slice(-digits))
    if (hex.length === 12) return this.addDerived(hex)
    this.longHex.add(hex)
    if (hex.slice(6, 10) === 'fffe') this.addMac(hex.slice(0, 6) + hex.slice(10))
  }

  private addDerived (hex: string): void {
    this.macNumbers.add(Number.parseInt(hex, 16))
    const eui64 = `${hex.slice(0, 6)}fffe${hex.slice(6)}`
    this.longHex.add(eui64).add(turned(eui64))
  }

  private addIp (canonical: string): void {
    this.ips.add(canonical)
    if (canonical.includes(':')) return this.addIpv6(canonical)
    const value = canonical.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
    if (value >= SMALLEST_INTEGER) this.ipv4Numbers.add(value)
  }

  /** An address of which the interface identifier is made of a MAC makes that MAC known too. */
  private addIpv6 (canonical: string): void {
    const hex = ipv6Hex(canonical)
    this.longHex.add(hex)
    if (hex.slice(22, 26) === 'fffe') this.addMac(turned(hex.slice(16, 22) + hex.slice(26)))
  }
}

/** RFC 4291, appendix A: the universal/local bit of the first byte. */
function turned (hex: string): string {
  return (Number.parseInt(hex.slice(0, 2), 16) ^ 2).toString(16).padStart(2, '0') + hex.slice(2)
}

/** The 32 digits of a canonical address. */
function ipv6Hex (canonical: string): string {
  const [head = '', tail] = canonical.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = new Array<string>(8 - before.length - after.length).fill('0')
  return [...before, ...zeros, ...after].map(group => group.padStart(4, '0')).join('')
}
