/** Bytes that are a known address: six or eight of a MAC, four or sixteen of an IP address (second tier). */

import { spellIpv4, spellIpv6 } from './spell-ip.js'
import type { KnownAddresses } from './known.js'

const MAC_BYTES = 6
const EUI64_BYTES = 8
const IPV4_BYTES = 4
const IPV6_BYTES = 16

/** Are the bytes as a whole a known address, or is a MAC of the report somewhere within them? */
export function holdKnownBytes (bytes: ArrayLike<number>, known: KnownAddresses): boolean {
  return isKnownWhole(bytes, known) || holdMac(bytes, known)
}

function isKnownWhole (bytes: ArrayLike<number>, known: KnownAddresses): boolean {
  switch (bytes.length) {
    case MAC_BYTES:
    case EUI64_BYTES: return known.hasMac(hexOf(bytes))
    case IPV4_BYTES: return bytes[0] !== 0 && known.hasIp(spellIpv4(valueOf(bytes)))
    case IPV6_BYTES: return known.hasIp(spellIpv6(groupsOf(bytes)))
    default: return false
  }
}

/** The last six bytes, as a number, at every place. */
function holdMac (bytes: ArrayLike<number>, { index }: KnownAddresses): boolean {
  if (index.macNumbers.size === 0) return false
  let window = 0
  for (let i = 0; i < bytes.length; i++) {
    window = (window % 2 ** 40) * 256 + bytes[i]!
    if (i >= MAC_BYTES - 1 && index.macNumbers.has(window)) return true
  }
  return false
}

function hexOf (bytes: ArrayLike<number>): string {
  return Buffer.from(Array.from(bytes)).toString('hex')
}

function valueOf (bytes: ArrayLike<number>): number {
  return Array.from(bytes).reduce((sum, byte) => sum * 256 + byte, 0)
}

function groupsOf (bytes: ArrayLike<number>): number[] {
  return Array.from({ length: IPV6_BYTES / 2 }, (_, i) => bytes[2 * i]! * 256 + bytes[2 * i + 1]!)
}
