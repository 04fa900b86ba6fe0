/**
 * The second tier: digits that are an address only if it is a known one.
 *
 * Twelve hex digits anywhere in a run, also with up to three signs between them, and those of longer addresses likewise;
 * integers, decimal and hexadecimal; in text that a person wrote, the tails of MACs (see tail.ts).
 */

import { hexValue, isAlphanumeric } from './chars.js'
import { SMALLEST_INTEGER } from './known-index.js'
import { lengthOf, type Run } from './runs.js'
import { spellIpv4, spellIpv6 } from './spell-ip.js'
import { holdsTail, SHORTEST_TAIL } from './tail.js'
import { LONGEST_GAP } from './traits.js'
import type { KnownAddresses } from './known.js'
import type { View } from './views.js'

const MAC_DIGITS = 12
const EUI64_DIGITS = 16
const IPV4_DIGITS = 8
const IPV6_DIGITS = 32
/** Hex digits with at most three signs between two of them. Quantifiers do not overlap. */
const STRETCH = /[0-9a-f](?:[^0-9a-z]{0,3}[0-9a-f])*/gi
const NO_HEX = /[^0-9a-f]/gi
/** A text that takes more windows than this is no text of a device's: it counts as holding an address. */
const MOST_WINDOWS = 65_536

/** Does a view hold a known address? */
export function holdsKnown (view: View, known: KnownAddresses, freeText: boolean): boolean {
  const { longestHex, looseHex, digits } = view.traits
  if (looseHex >= IPV4_DIGITS && holdsKnownDigits(view.text, known)) return true
  if (longestHex >= IPV4_DIGITS && view.hexRuns.some(run => isKnownRun(view.text, run, known))) return true
  if (digits >= IPV4_DIGITS && view.digitRuns.some(run => isKnownInteger(view.text, run, known))) return true
  if (looseHex >= EUI64_DIGITS && holdsLong(view.text, known.index.longHex)) return true
  return freeText && looseHex >= SHORTEST_TAIL && holdsTail(view, known)
}

/**
 * Is a number a known address, or do its decimal digits hold those of a known MAC? A fraction or a sign makes it no other;
 * below zero it may also be the 32 bits of an IPv4 address, counted in two's complement.
 */
export function isKnownNumber (value: number, known: KnownAddresses): boolean {
  const size = Math.abs(value)
  const whole = Math.trunc(size)
  if (isKnownValue(whole, known) || (value < 0 && isKnownValue(2 ** 32 - whole, known))) return true
  const digits = String(size)
  return digits.length >= MAC_DIGITS && holdsKnownDigits(digits, known)
}

function isKnownValue (value: number, known: KnownAddresses): boolean {
  if (value < SMALLEST_INTEGER || !Number.isSafeInteger(value)) return false
  if (value < 2 ** 32 && known.hasIp(spellIpv4(value))) return true
  return value < 2 ** 48 && known.hasMac(value.toString(16).padStart(MAC_DIGITS, '0'))
}

/** Goes over the hex digits of a text, signs between them left out, with the last twelve at hand as two halves of 24 bits. */
export function holdsKnownDigits (text: string, known: KnownAddresses): boolean {
  const { ipv4Numbers } = known.index
  let high = 0
  let low = 0
  let count = 0
  let gap = 0
  for (let i = 0, windows = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const digit = hexValue(code)
    if (digit < 0) {
      if (isAlphanumeric(code) || ++gap > LONGEST_GAP) count = 0
      continue
    }
    gap = 0
    high = ((high << 4) | (low >>> 20)) & 0xffffff
    low = ((low << 4) | digit) & 0xffffff
    count++
    if (count >= IPV4_DIGITS && (known.isIncomplete || (ipv4Numbers.size > 0 && ipv4Numbers.has((high & 0xff) * 2 ** 24 + low)))) return true
    if (count >= MAC_DIGITS && (++windows > MOST_WINDOWS || known.hasMac(sixDigits(high) + sixDigits(low)))) return true
  }
  return false
}

function sixDigits (half: number): string {
  return (half + 0x1000000).toString(16).slice(1)
}

/** A run as a whole: a hexadecimal integer, an EUI-64, or the sixteen bytes of an IPv6 address, in a longer run too. */
function isKnownRun (text: string, run: Run, known: KnownAddresses): boolean {
  const length = lengthOf(run)
  const hex = text.slice(run.start, run.end).toLowerCase()
  if (length === IPV4_DIGITS && isKnownValue(Number.parseInt(hex, 16), known)) return true
  if (length === EUI64_DIGITS && known.hasMac(hex)) return true
  return length === IPV6_DIGITS && known.hasIp(ipv6Of(hex))
}

/** Longer known addresses, with up to three signs between their digits. */
function holdsLong (text: string, longHex: ReadonlySet<string>): boolean {
  if (longHex.size === 0) return false
  return (text.match(STRETCH) ?? []).some(stretch => holdsLongRun(stretch.replace(NO_HEX, '').toLowerCase(), longHex))
}

function holdsLongRun (hex: string, longHex: ReadonlySet<string>): boolean {
  for (let i = 0; i + EUI64_DIGITS <= hex.length; i++) {
    if (longHex.has(hex.slice(i, i + EUI64_DIGITS)) || longHex.has(hex.slice(i, i + IPV6_DIGITS))) return true
  }
  return false
}

function ipv6Of (hex: string): string {
  return spellIpv6((hex.match(/.{4}/g) ?? []).map(group => Number.parseInt(group, 16)))
}

function isKnownInteger (text: string, run: Run, known: KnownAddresses): boolean {
  if (lengthOf(run) < IPV4_DIGITS || lengthOf(run) > 20) return false
  const value = Number(text.slice(run.start, run.end))
  return isKnownValue(value, known) || (text.charAt(run.start - 1) === '-' && isKnownValue(2 ** 32 - value, known))
}
