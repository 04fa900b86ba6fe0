/**
 * JSON arrays that spell a known address, `{"type":"Buffer","data":[…]}` and the `{"0":80,"1":199,…}` of a typed array
 * included (second tier).
 */

import { listedBytes } from './hex-text.js'
import { holdKnownBytes } from './known-bytes.js'
import { holdsKnownDigits } from './second-tier.js'
import type { KnownAddresses } from './known.js'

/** A hex pair with or without a mark of its base, or a digit that lost its leading zero. */
const HEX_BYTE = /^\W{0,2}(?:0?x)?([0-9a-f]{1,2})h?\W{0,2}$/i
const INDEX = /^\d{1,5}$/

/**
 * Do the scalars of an array hold a known address? As bytes (numbers, signed too, or hex in text), or as digits that run
 * on from text to text. Containers among them are passed over: they may be left out of what leaves.
 */
export function arrayHoldsKnown (items: readonly unknown[], known: KnownAddresses): boolean {
  const scalars = items.filter(item => typeof item !== 'object' || item === null)
  if (scalars.length < 2) return false
  return bytesHoldKnown(scalars, known) || (scalars.some(item => typeof item === 'string') && textsHoldKnown(scalars.join(','), known))
}

/** The members of an object that are numbered like the items of an array. */
export function numberedMembers<T> (members: readonly (readonly [key: string, value: T])[]): T[] {
  return members.filter(([key]) => INDEX.test(key)).map(([, value]) => value)
}

function bytesHoldKnown (scalars: readonly unknown[], known: KnownAddresses): boolean {
  let bytes: number[] = []
  for (const item of scalars) {
    const byte = byteOf(item)
    if (byte !== undefined) {
      bytes.push(byte)
      continue
    }
    if (holdKnownBytes(bytes, known)) return true
    bytes = []
  }
  return holdKnownBytes(bytes, known)
}

function textsHoldKnown (joined: string, known: KnownAddresses): boolean {
  if (holdsKnownDigits(joined, known)) return true
  for (const bytes of listedBytes(joined)) if (holdKnownBytes(bytes, known)) return true
  return false
}

function byteOf (item: unknown): number | undefined {
  if (typeof item === 'string') {
    const hex = HEX_BYTE.exec(item)?.[1]
    return hex === undefined ? undefined : Number.parseInt(hex, 16)
  }
  return typeof item === 'number' && Number.isInteger(item) && item >= -128 && item <= 255 ? item & 0xff : undefined
}
