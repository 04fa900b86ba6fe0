/** JSON arrays that spell the bytes of a known address, `{"type":"Buffer","data":[…]}` included (second tier). */

import { holdKnownBytes } from './known-bytes.js'
import type { KnownAddresses } from './known.js'

const HEX_PAIR = /^(?:0x)?[0-9a-f]{2}$/i

/**
 * Does a stretch of an array hold the bytes of a known address? Bytes may be numbers, or hex pairs in text. Containers
 * among them are passed over: they may be left out of what leaves.
 */
export function arrayHoldsKnown (items: readonly unknown[], known: KnownAddresses): boolean {
  let bytes: number[] = []
  for (const item of items) {
    if (typeof item === 'object' && item !== null) continue
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

function byteOf (item: unknown): number | undefined {
  if (typeof item === 'string') return HEX_PAIR.test(item) ? Number.parseInt(item.replace(/^0x/i, ''), 16) : undefined
  return typeof item === 'number' && Number.isInteger(item) && item >= 0 && item <= 255 ? item : undefined
}
