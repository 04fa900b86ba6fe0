/** MAC and IP addresses of simulated devices, in the spellings that real devices use. A MAC is held as 12 upper-case hex digits. */

import type { Random } from './random.js'

/** Prefixes that the vendor's devices carry, and those of other makers' routers. */
const DEVICE_PREFIXES = ['50C7BF', '1C3BF3', '54AF97', 'C006C3', '482254', '3C52A1', '40AE30', '7CF17E', 'A842A1', 'F0A731', 'B09575']
const ROUTER_PREFIXES = ['C80E14', '5C4979', '9CC7A6', 'E0286D', '3C3712', 'A0648F', '44D453', '88F077', 'D8EC5E']

export function deviceMac (random: Random): string {
  return random.pick(DEVICE_PREFIXES) + random.hex(6)
}

export function routerMac (random: Random): string {
  return random.pick(ROUTER_PREFIXES) + random.hex(6)
}

export function pairs (mac: string): string[] {
  return mac.match(/../g) ?? []
}

export function colonMac (mac: string): string {
  return pairs(mac).join(':')
}

export function dashMac (mac: string): string {
  return pairs(mac).join('-')
}

/** EUI-64 of a sub-gigahertz child: `FFFE` in the middle, as bridges derive it from a MAC. */
export function extendedAddress (mac: string): string {
  return `${mac.slice(0, 6)}FFFE${mac.slice(6)}`
}

/** The half of a MAC that soft-AP names end in. */
export function macTail (mac: string, digits: 4 | 6): string {
  return mac.slice(-digits)
}

/** A link-local IPv6 address made from a MAC (SLAAC, RFC 4291 appendix A). */
export function linkLocalIpv6 (mac: string): string {
  return `fe80::${slaacTail(mac)}`
}

/** A global IPv6 address made from a prefix and a MAC. */
export function globalIpv6 (prefix: string, mac: string): string {
  return `${prefix}:${slaacTail(mac)}`
}

/** Every spelling in which a leak check looks for a MAC. */
export function macSpellings (mac: string): string[] {
  const split = pairs(mac)
  const quads = mac.match(/..../g) ?? []
  const upper = [mac, split.join(':'), split.join('-'), split.join('_'), split.join(' '), quads.join('.'), extendedAddress(mac)]
  const texts = [...upper, ...upper.map(text => text.toLowerCase()), slaacTail(mac)]
  return [...texts, ...texts.slice(0, 3).map(text => Buffer.from(text).toString('base64').replace(/=+$/, ''))]
}

function slaacTail (mac: string): string {
  const first = (Number.parseInt(mac.slice(0, 2), 16) ^ 0b10).toString(16).padStart(2, '0')
  const whole = `${first}${mac.slice(2, 6)}fffe${mac.slice(6)}`.toLowerCase()
  return (whole.match(/..../g) ?? []).map(group => group.replace(/^0{1,3}/, '')).join(':')
}
