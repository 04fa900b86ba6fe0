/**
 * What becomes of one value for one recipient: found out by the reference's own functions, and remembered by the text that
 * it follows from.
 */

import { fit, isNumericText as isNumericField } from '../classify/fit.js'
import { findsAddress } from '../guard/finder.js'
import { isNumericText } from '../guard/numeric-text.js'
import { askedBy, type Asked } from '../guard/questions.js'
import { writtenValue } from '../guard/spell.js'
import type { TextMemory } from '../guard/text-memory.js'
import { transformValue, type MinimizeContext } from '../minimize/transform.js'
import type { Scalar } from '../model/json.js'
import type { CompiledField, Transform } from '../model/policy.js'
import type { SuppressedReason } from '../model/reasons.js'

export interface Outcome {
  /** Set where the value stays. */
  readonly reason: SuppressedReason | undefined
  /** Its JSON, where it leaves. */
  readonly bytes: Uint8Array
  /** What the first look asks beyond the second: of text that a person wrote, that is encoded, that is a number. */
  readonly asked: Asked | undefined
  /** It leaves as a text that is a number. */
  readonly numericText: string | undefined
}

const NONE = new Uint8Array(0)
/** The value leaves as its bytes stand. */
export const COPIED: Outcome = { reason: undefined, bytes: NONE, asked: undefined, numericText: undefined }
/** A number leaves, or all numbers of an array, as it was counted: see judge-leaf.ts. */
export const COUNTED: Outcome = { reason: undefined, bytes: NONE, asked: undefined, numericText: undefined }
/** All numbers of an array leave, each with an outcome of its own. */
export const LISTED: Outcome = { reason: undefined, bytes: NONE, asked: undefined, numericText: undefined }
const suppressions = new Map<SuppressedReason, Outcome>()

export function suppressedAs (reason: SuppressedReason): Outcome {
  const known = suppressions.get(reason) ?? { reason, bytes: NONE, asked: undefined, numericText: undefined }
  suppressions.set(reason, known)
  return known
}

/** A value of a field under its rule, `grid` apart. */
export function outcomeOf (value: Scalar, field: CompiledField, transform: Transform, context: MinimizeContext, memory: TextMemory): Outcome {
  const plain = fit(value, field)
  if (plain === undefined) return suppressedAs('type-mismatch')
  const transformed = transformValue(plain, transform, field, context)
  return 'suppressed' in transformed ? suppressedAs(transformed.suppressed) : outcomeOfResult(transformed.value, field, memory)
}

/** What a transform gave, as the first look of guard/screen.ts takes it. */
export function outcomeOfResult (value: Scalar, field: CompiledField, memory: TextMemory): Outcome {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return suppressedAs('type-mismatch')
  const written = writtenValue({ value, encoding: field.encoding })
  const bytes = Buffer.from(JSON.stringify(written), 'utf8')
  if (typeof value !== 'string') return { reason: undefined, bytes, asked: undefined, numericText: undefined }
  const { freeText } = field.category
  if (isNumericField(field) && isNumericText(value)) {
    return { reason: undefined, bytes, asked: askedBy(asking => findsAddress(value, { known: asking, freeText, numeric: true })), numericText: String(written) }
  }
  return { reason: undefined, bytes, asked: freeText || written !== value ? memory.ofText(value).asked(freeText) : undefined, numericText: undefined }
}

/** A classified key under its rule. The second look reads it as text, so only what a person wrote is asked more of. */
export function outcomeOfKey (key: string, field: CompiledField, transform: Transform, context: MinimizeContext, memory: TextMemory): Outcome {
  if (fit(key, field) === undefined) return suppressedAs('type-mismatch')
  const transformed = transformValue(key, transform, field, context)
  if ('suppressed' in transformed) return suppressedAs(transformed.suppressed)
  const text = String(transformed.value)
  return { reason: undefined, bytes: Buffer.from(JSON.stringify(text), 'utf8'), asked: memory.ofText(text).asked(field.category.freeText), numericText: undefined }
}
