/** One transform on one value. Each gives the value as it leaves, or a reason why it does not. */

import { numberIn } from '../classify/fit.js'
import { readNumericText } from '../classify/numeric-text.js'
import { readTime, spellTime } from '../classify/time-value.js'
import { pseudonymOf, type PseudonymKeys } from './pseudonym.js'
import type { Scalar } from '../model/json.js'
import type { Category, TimeFormat, Transform } from '../model/policy.js'
import type { SuppressedReason } from '../model/reasons.js'

/** What a transform needs to know of the value's field. */
export interface ValueForm {
  readonly category: Category
  readonly scale: number
  readonly format: TimeFormat | undefined
}

export interface MinimizeContext {
  readonly recipient: string
  readonly keys: PseudonymKeys
  readonly nowMs: number
}

export type Transformed =
  | { readonly value: Scalar }
  | { readonly suppressed: SuppressedReason }

const RULE = { suppressed: 'rule' } as const
const MISMATCH = { suppressed: 'type-mismatch' } as const
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

/** Applies any transform but `grid`, which takes two values (see minimize.ts). */
export function transformValue (value: Scalar, transform: Transform, form: ValueForm, context: MinimizeContext): Transformed {
  switch (transform.kind) {
    case 'keep': return { value }
    case 'suppress': return RULE
    case 'round': return transform.ofTime ? roundTime(value, transform.step, form) : roundNumber(value, transform.step, form)
    case 'bucket': return bucket(value, transform.edges, form)
    case 'grid': return { suppressed: 'unpaired' }
    case 'map': return mapValue(value, transform.values)
    case 'pseudonymize': return { value: pseudonymOf(String(value), { ...context, category: form.category.name, epochMs: transform.epochMs }, context.keys) }
    case 'part': return partOfTime(value, transform.part, form)
  }
}

/**
 * Rounds a time down to the start of its interval.
 *
 * Rounds toward the past even before 1970, so two readings of one interval always meet in the same value.
 */
export function generalizeTime (epochMs: number, intervalMs: number): number {
  return Math.floor(epochMs / intervalMs) * intervalMs
}

/** Rounds a number down to a multiple of `step`; the noise of floating point is taken off at twelve digits. */
export function generalizeNumber (value: number, step: number): number {
  return tidy(Math.floor(tidy(value / step)) * step)
}

function roundTime (value: Scalar, intervalMs: number, form: ValueForm): Transformed {
  const format = form.format ?? 'epoch-seconds'
  const epochMs = readTime(value, format)
  if (epochMs === undefined) return MISMATCH
  return { value: spellTime(generalizeTime(epochMs, intervalMs), format, value) }
}

function roundNumber (value: Scalar, step: number, form: ValueForm): Transformed {
  const number = numberIn(value)
  if (number === undefined) return MISMATCH
  return { value: spellNumber(generalizeNumber(number, step / form.scale), value) }
}

/** The lower bound of the bucket that holds the value; below the first bound there is no bucket. */
function bucket (value: Scalar, edges: readonly number[], form: ValueForm): Transformed {
  const number = numberIn(value)
  if (number === undefined) return MISMATCH
  const inUnit = tidy(number * form.scale)
  const edge = edges.findLast(candidate => candidate <= inUnit)
  return edge === undefined ? RULE : { value: spellNumber(tidy(edge / form.scale), value) }
}

function mapValue (value: Scalar, values: ReadonlyMap<string, Scalar>): Transformed {
  const mapped = values.get(String(value))
  return mapped === undefined ? RULE : { value: mapped }
}

function partOfTime (value: Scalar, part: 'hour' | 'weekday', form: ValueForm): Transformed {
  const epochMs = readTime(value, form.format ?? 'epoch-seconds')
  if (epochMs === undefined) return MISMATCH
  const date = new Date(epochMs)
  return { value: part === 'hour' ? date.getUTCHours() : WEEKDAYS[date.getUTCDay()] ?? null }
}

/** Numbers stay numbers; numeric text stays text, with its unit. */
export function spellNumber (value: number, like: Scalar): Scalar {
  if (typeof like !== 'string') return value
  return `${value}${readNumericText(like)?.suffix ?? ''}`
}

function tidy (value: number): number {
  return Number(value.toPrecision(12))
}
