/**
 * Bytes → JSON, strictly: valid UTF-8, valid JSON (RFC 8259), no duplicate keys, bounded depth.
 *
 * Duplicate keys are refused because two readers may pick different values (RFC 8259, section 4).
 */

import type { Json } from '../model/json.js'
import type { QuarantineReason } from '../model/reasons.js'

export const MAX_DEPTH = 64

export type Decoded =
  | { readonly ok: true, readonly json: Json, readonly text: string }
  | { readonly ok: false, readonly reason: QuarantineReason }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const COMMA = 0x2c

/** Decodes one payload of at most `maxBytes`; never throws. */
export function decode (payload: Uint8Array, maxBytes: number): Decoded {
  if (payload.length > maxBytes) return { ok: false, reason: 'too-large' }
  const text = decodeUtf8(payload)
  if (text === undefined) return { ok: false, reason: 'invalid-utf8' }
  const parsed = parse(text)
  if (parsed === undefined) return { ok: false, reason: 'not-json' }
  const flaw = structuralFlaw(text)
  return flaw === undefined ? { ok: true, json: parsed.json, text } : { ok: false, reason: flaw }
}

function decodeUtf8 (payload: Uint8Array): string | undefined {
  try {
    // a byte order mark is kept, so that JSON.parse refuses it
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload)
  } catch {
    return undefined
  }
}

function parse (text: string): { json: Json } | undefined {
  try {
    return { json: JSON.parse(text) as Json }
  } catch {
    return undefined
  }
}

/** Depth and duplicate keys of a text that is known to be valid JSON. */
function structuralFlaw (text: string): 'too-deep' | 'duplicate-key' | undefined {
  const keys: (Set<string> | undefined)[] = []
  let expectKey = false
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        const end = stringEnd(text, i)
        if (expectKey && !addKey(keys.at(-1), text.slice(i, end + 1))) return 'duplicate-key'
        expectKey = false
        i = end
        break
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY: {
        expectKey = text.charCodeAt(i) === OPEN_OBJECT
        if (keys.push(expectKey ? new Set() : undefined) > MAX_DEPTH) return 'too-deep'
        break
      }
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        keys.pop()
        expectKey = false
        break
      case COMMA:
        expectKey = keys.at(-1) !== undefined
    }
  }
}

/** Index of the closing quote of the string that opens at `start`. */
function stringEnd (text: string, start: number): number {
  let i = start + 1
  while (text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1
  return i
}

/** Keys are compared as decoded, so that an escape cannot hide a duplicate. */
function addKey (keys: Set<string> | undefined, quoted: string): boolean {
  const key = quoted.includes('\\') ? JSON.parse(quoted) as string : quoted.slice(1, -1)
  if (keys === undefined || keys.has(key)) return false
  keys.add(key)
  return true
}
