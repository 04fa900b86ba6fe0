/** Texts that are new in every report and hold nothing: see prescreen.ts, which says why. */

import { HEX_VALUES } from './byte-classes.js'

const DASH = 0x2d
const PLAIN_TIME = '1234-56-78 90:12:34'

/** A version 4 UUID in lower case. */
export function isRandomUuid (bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 36 || bytes[start + 14] !== 0x34) return false
  for (let k = 0; k < 36; k++) {
    const byte = bytes[start + k]!
    if (k === 8 || k === 13 || k === 18 || k === 23 ? byte !== DASH : HEX_VALUES[byte]! > 15 || (byte >= 0x41 && byte <= 0x46)) return false
  }
  return '89ab'.includes(String.fromCharCode(bytes[start + 19]!))
}

/** Of a UUID: four runs of decimals in a row, of which those in the middle are whole groups. */
export function mayHoldQuad (bytes: Uint8Array, start: number): boolean {
  return isDecimal(bytes, start + 14, start + 18) && (isDecimal(bytes, start + 9, start + 13) || isDecimal(bytes, start + 19, start + 23))
}

function isDecimal (bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (HEX_VALUES[bytes[i]!]! > 9) return false
  return true
}

/** `2026-01-05 10:20:30`, of a year that is no octet. */
export function isPlainTime (bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== PLAIN_TIME.length || bytes[start]! < 0x31) return false
  for (let k = 0; k < PLAIN_TIME.length; k++) {
    const byte = bytes[start + k]!
    const form = PLAIN_TIME.charCodeAt(k)
    if (form >= 0x30 && form <= 0x39 ? byte < 0x30 || byte > 0x39 : byte !== form) return false
  }
  return true
}
