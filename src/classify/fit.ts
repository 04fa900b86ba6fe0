/** Does a value fit its category's type? What does not fit is suppressed. */

import { isPlainNumber, readNumericText } from './numeric-text.js'
import { readTime } from './time-value.js'
import type { Scalar } from '../model/json.js'
import type { CompiledField, ValueType } from '../model/policy.js'

const NUMERIC_TYPES: readonly ValueType[] = ['number', 'time', 'coordinate']
const DEGREES = { latitude: 90, longitude: 180 }

/**
 * The value as it is to be judged (base64 undone), or undefined where it does not fit.
 *
 * `null` fits nothing: what is left out is absent, never null.
 */
export function fit (value: Scalar, field: CompiledField): Scalar | undefined {
  const plain = field.encoding === 'base64' ? decodeBase64(value) : value
  if (plain === undefined || plain === null) return undefined
  for (const type of field.category.types) {
    if (FITS[type](plain, field)) return plain
  }
  return undefined
}

const FITS: Record<ValueType, (value: Scalar, field: CompiledField) => boolean> = {
  text: value => typeof value === 'string',
  boolean: value => typeof value === 'boolean',
  number: value => numberIn(value) !== undefined,
  time: (value, field) => readTime(value, field.format ?? 'epoch-seconds') !== undefined,
  coordinate: fitsCoordinate
}

function fitsCoordinate (value: Scalar, field: CompiledField): boolean {
  const raw = numberIn(value)
  if (raw === undefined || field.axis === undefined) return false
  return raw === field.unset || Math.abs(raw * field.scale) <= DEGREES[field.axis]
}

/** The number that a JSON number or a numeric text stands for. */
export function numberIn (value: Scalar): number | undefined {
  if (typeof value === 'number') return isPlainNumber(value) ? value : undefined
  return typeof value === 'string' ? readNumericText(value)?.value : undefined
}

/** Base64 (RFC 4648, section 4) of valid UTF-8; undefined for anything else. */
function decodeBase64 (value: Scalar): string | undefined {
  if (typeof value !== 'string') return undefined
  const bytes = Buffer.from(value, 'base64')
  if (bytes.toString('base64').replace(/=+$/, '') !== value.replace(/=+$/, '')) return undefined
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined
}

/** Text of such a field is a number by its category's type. */
export function isNumericText (field: CompiledField | undefined): boolean {
  if (field === undefined || field.category.types.has('text')) return false
  return NUMERIC_TYPES.some(type => field.category.types.has(type))
}
