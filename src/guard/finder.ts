/** The address finder. */

import type { KnownAddresses } from './known.js'

/** `canonical`: a MAC is 12 or 16 lower-case hex digits, an IP its canonical text (RFC 5952 for version 6). */
export interface Found {
  readonly kind: 'mac' | 'ip'
  readonly canonical: string
}

export interface Look {
  readonly known: KnownAddresses
  /** A person wrote the text: tails of known MACs are looked for too. */
  readonly freeText: boolean
  /** The text is a number by its category's type: only known addresses are looked for, if it is spelled as one. */
  readonly numeric: boolean
}

const MAC = /(?:[0-9a-f]{2}[:\-_ ]){5,7}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2,3}[0-9a-f]{4}|(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])/gi
const IPV4 = /\d{1,3}(?:\.\d{1,3}){3}/g

/** Does a text hold an address of the first tier, or a known one of the second? */
export function findsAddress (text: string, look: Look): boolean {
  return !look.numeric && addressesIn(text).length > 0
}

/** Second tier: a bare integer equal to a known address. */
export function numberIsAddress (value: number, known: KnownAddresses): boolean {
  if (!Number.isInteger(value) || value < 2 ** 24) return false
  if (value < 2 ** 32 && known.hasIp([24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.'))) return true
  return value < 2 ** 48 && known.hasMac(value.toString(16).padStart(12, '0'))
}

/** Addresses of the first tier. */
export function addressesIn (text: string): Found[] {
  const macs = [...text.matchAll(MAC)].map(([match]) => ({ kind: 'mac', canonical: match.replace(/[^0-9a-f]/gi, '').toLowerCase() }) as const)
  const ips = [...text.matchAll(IPV4)].map(([match]) => ({ kind: 'ip', canonical: match }) as const)
  return [...macs, ...ips]
}
