/** Strings as MQTT 3.1.1 writes them (section 1.5.3), read in place: no packet is copied or decoded to be judged. */

import { isUtf8 } from 'node:buffer'

const SLASH = 0x2f
const PLUS = 0x2b
const HASH = 0x23

/** The offset behind a string that starts at `at` with its two bytes of length, or -1 where it is cut off or no MQTT text. */
export function textEnd (bytes: Buffer, at: number, end: number): number {
  const to = blobEnd(bytes, at, end)
  return to >= 0 && isText(bytes, at + 2, to) ? to : -1
}

/** The offset behind binary data with its two bytes of length, or -1 where it is cut off. */
export function blobEnd (bytes: Buffer, at: number, end: number): number {
  if (at + 2 > end) return -1
  const to = at + 2 + bytes.readUInt16BE(at)
  return to <= end ? to : -1
}

/** [MQTT-1.5.3-1] well-formed UTF-8 without surrogates; [MQTT-1.5.3-2] no U+0000. */
function isText (bytes: Buffer, from: number, to: number): boolean {
  let wide = false
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0
    if (byte === 0) return false
    if (byte >= 0x80) wide = true
  }
  return !wide || isUtf8(bytes.subarray(from, to))
}

/** [MQTT-3.3.2-2]: a topic to publish on has no wildcard. */
export function hasWildcard (bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    if (bytes[i] === PLUS || bytes[i] === HASH) return true
  }
  return false
}

/** [MQTT-4.7.1-2], [MQTT-4.7.1-3], [MQTT-4.7.3-1]: a wildcard fills a whole level, `#` the last one; not empty. */
export function isFilter (bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const byte = bytes[i]
    if (byte !== PLUS && byte !== HASH) continue
    if (i > from && bytes[i - 1] !== SLASH) return false
    if (i + 1 < to && (byte === HASH || bytes[i + 1] !== SLASH)) return false
  }
  return to > from
}
