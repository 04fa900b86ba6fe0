/** IPv6 addresses as names of the reverse tree (RFC 3596): 32 hex digits, the last first, parted by dots, and `ip6.arpa`. */

import { hexValue } from './chars.js'
import { spellIpv6 } from './spell-ip.js'
import type { IpSink } from './ipv4.js'

const ZONE = '.ip6.arpa'
const DIGITS = 32

export function findReverseNames (text: string, sink: IpSink): boolean {
  const lower = text.toLowerCase()
  for (let at = lower.indexOf(ZONE); at >= 0; at = lower.indexOf(ZONE, at + 1)) {
    const hex = digitsBefore(lower, at)
    if (hex.length === DIGITS && sink(spellIpv6(hex.match(/.{4}/g)!.map(group => Number.parseInt(group, 16))))) return true
  }
  return false
}

function digitsBefore (text: string, end: number): string {
  let hex = ''
  for (let i = end - 1; hex.length < DIGITS && hexValue(text.charCodeAt(i)) >= 0; i -= 2) {
    hex += text.charAt(i)
    if (text.charAt(i - 1) !== '.') break
  }
  return hex
}
