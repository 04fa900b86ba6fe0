/** Byte arrays: six or eight numbers that spell a known MAC, four or sixteen that spell a known IP (second tier). */

import type { KnownAddresses } from './known.js'

const HEX_PAIR = /^(?:0x)?[0-9a-f]{2}$/i

/** Does an array hold the bytes of a known MAC anywhere, or consist of those of a known IP? Elements may be hex pairs in text. */
export function holdsKnownBytes (items: readonly unknown[], known: KnownAddresses): boolean {
  const bytes = items.map(byteOf)
  if ((bytes.length === 4 || bytes.length === 16) && !bytes.includes(undefined) && known.hasIp(bytes.join('.'))) return true
  return [6, 8].some(size => bytes.some((_, start) => isKnownMac(bytes.slice(start, start + size), size, known)))
}

function isKnownMac (bytes: readonly (number | undefined)[], size: number, known: KnownAddresses): boolean {
  if (bytes.length !== size || bytes.includes(undefined)) return false
  return known.hasMac(bytes.map(byte => byte!.toString(16).padStart(2, '0')).join(''))
}

function byteOf (item: unknown): number | undefined {
  if (typeof item === 'string') return HEX_PAIR.test(item) ? Number.parseInt(item.replace(/^0x/i, ''), 16) : undefined
  return typeof item === 'number' && Number.isInteger(item) && item >= 0 && item <= 255 ? item : undefined
}
