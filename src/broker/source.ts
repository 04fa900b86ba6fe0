/** Where a connection comes from, as far as one sender can be told from another: an IPv4 address, or the /64 of an IPv6 one. */

import { isIPv6 } from 'node:net'

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i
const NETWORK_GROUPS = 4

/** In memory only: it is still an address. Whoever has one IPv6 address has 2⁶⁴ of them. */
export function sourceOf (remoteAddress: string): string {
  const mapped = MAPPED.exec(remoteAddress)?.[1]
  if (mapped !== undefined) return mapped
  return isIPv6(remoteAddress) ? groupsOf(remoteAddress).slice(0, NETWORK_GROUPS).join(':') : remoteAddress
}

function groupsOf (address: string): string[] {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  // four groups are enough here, so an IPv4 tail that counts as two changes nothing
  const missing = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array.from({ length: missing }, () => '0'), ...right].map(group => group.toLowerCase())
}
