/**
 * Times as reports spell them, to epoch milliseconds and back in the same spelling.
 *
 * `local` is a wall-clock time without a zone (`2026-01-05 10:20:30`); it is counted as if it were UTC, so rounding stays within it.
 */

import type { Scalar } from '../model/json.js'
import type { TimeFormat } from '../model/policy.js'

const DIGITS = /^\d{1,14}$/
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/
const LOCAL = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}$/
const LAST_MS = 8.64e15

/** Epoch milliseconds, or undefined where the value is not a time of that format. */
export function readTime (value: Scalar, format: TimeFormat): number | undefined {
  const ms = unchecked(value, format)
  return ms !== undefined && Math.abs(ms) <= LAST_MS ? ms : undefined
}

function unchecked (value: Scalar, format: TimeFormat): number | undefined {
  if (format === 'iso') return readText(value, ISO, '')
  if (format === 'local') return readText(value, LOCAL, 'Z')
  const number = typeof value === 'string' && DIGITS.test(value) ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  return format === 'epoch-seconds' ? number * 1000 : number
}

function readText (value: Scalar, form: RegExp, zone: string): number | undefined {
  if (typeof value !== 'string' || !form.test(value)) return undefined
  const ms = Date.parse(value.replace(' ', 'T') + zone)
  return Number.isNaN(ms) ? undefined : ms
}

/** Spells a time in the format and JSON form of the value it replaces. */
export function spellTime (epochMs: number, format: TimeFormat, like: Scalar): Scalar {
  if (format === 'iso') return new Date(epochMs).toISOString()
  if (format === 'local') return spellLocal(epochMs, String(like))
  const count = format === 'epoch-seconds' ? Math.floor(epochMs / 1000) : epochMs
  return typeof like === 'string' ? String(count) : count
}

function spellLocal (epochMs: number, like: string): string {
  const iso = new Date(epochMs).toISOString().slice(0, 19)
  return like.includes('T') ? iso : iso.replace('T', ' ')
}
