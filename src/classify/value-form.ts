/**
 * What a value looks like, as one of a few words: all that is remembered of the value of an unclassified field.
 *
 * A form says nothing of the value beyond its own word; no count of letters, no prefix.
 */

import { readNumericText } from './numeric-text.js'
import { readTime } from './time-value.js'
import type { ValueForm } from '../model/judged.js'
import type { Scalar } from '../model/json.js'

export const VALUE_FORMS = ['text', 'base64', 'boolean', 'integer', 'decimal', 'numeric-text', 'epoch-seconds', 'epoch-milliseconds', 'iso-time', 'local-time', 'null'] as const satisfies readonly ValueForm[]

const FIRST_SECOND = Date.UTC(2001, 8, 10) / 1000
const LAST_SECOND = Date.UTC(2100, 0, 1) / 1000
const BASE64 = /^[A-Za-z0-9+/]{4,}={0,2}$/
const CONTROL = /\p{Cc}/u

/** Numbers between 2001 and 2100, counted in seconds or milliseconds, pass for times, in text too. */
export function valueForm (value: Scalar): ValueForm {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') return epochForm(value) ?? (Number.isInteger(value) ? 'integer' : 'decimal')
  const numeric = readNumericText(value)
  if (numeric !== undefined) return (numeric.suffix === '' ? epochForm(numeric.value) : undefined) ?? 'numeric-text'
  if (readTime(value, 'iso') !== undefined) return 'iso-time'
  if (readTime(value, 'local') !== undefined) return 'local-time'
  return isBase64Text(value) ? 'base64' : 'text'
}

function epochForm (value: number): ValueForm | undefined {
  if (!Number.isInteger(value)) return undefined
  if (value >= FIRST_SECOND && value < LAST_SECOND) return 'epoch-seconds'
  return value >= FIRST_SECOND * 1000 && value < LAST_SECOND * 1000 ? 'epoch-milliseconds' : undefined
}

/** In full groups of four (RFC 4648, section 4), and text once it is decoded. */
function isBase64Text (value: string): boolean {
  if (value.length % 4 !== 0 || !BASE64.test(value)) return false
  const bytes = Buffer.from(value, 'base64')
  const text = bytes.toString('utf8')
  return bytes.toString('base64') === value && Buffer.from(text, 'utf8').equals(bytes) && !CONTROL.test(text)
}
