/** A decision for one report type and one recipient as the filter runs it: an action for every field, laid out by its index. */

import { isNumericText as isNumericField } from '../classify/fit.js'
import { DEVICE_PATH, TIME_PATH } from '../decide/reconsider.js'
import type { DiscloseDecision, FieldDecision, Plan } from '../model/decision.js'
import type { DisclosedField } from '../model/disclosure.js'
import type { CompiledField, CompiledPolicy, CompiledRecipient, CompiledReport, Transform } from '../model/policy.js'
import type { SuppressedReason } from '../model/reasons.js'
import { spellTransform } from '../policy/transform-spelling.js'
import type { Outcome } from './outcome.js'
import { slotOf, type KnownCounts } from './suppressed-counts.js'

/** How a value leaves where no closer look is needed; `ask`: by the reference's functions. */
export type Way = 'copy' | 'round' | 'round-time' | 'pseudonym' | 'ask'

export interface Action {
  readonly field: CompiledField
  /** Set where the field is suppressed for this recipient, whatever its value. */
  readonly reason: SuppressedReason | undefined
  /** Where that is counted. */
  readonly slot: number
  readonly transform: Transform
  readonly text: Way
  readonly number: Way
  readonly boolean: Way
  readonly isGrid: boolean
  /** Of `round` and `round-time`: the step in the field's own count, a whole number. */
  readonly step: number
  readonly disclosed: DisclosedField | undefined
  /** Place of the field's category among the counts. */
  readonly place: number
  readonly numbers: Map<number, Outcome>
  /** Of a grid, by the first coordinate, then the second. */
  readonly pairs: Map<number, Map<number, Pair>>
}

/** What became of two coordinates, the second of the field `partner`. */
export interface Pair {
  readonly partner: number
  readonly outcomes: readonly Outcome[]
}

export interface RecipientPlan {
  readonly recipient: CompiledRecipient
  readonly plan: Plan
  readonly actions: readonly Action[]
  readonly device: FieldDecision
  readonly time: FieldDecision
  readonly deviceField: DisclosedField | undefined
  readonly timeField: DisclosedField | undefined
  /** Parts of the envelope as they are written around id, device and time, and data. */
  readonly afterId: Uint8Array
  readonly afterData: Uint8Array
  /** The envelope's time as it was last written, and of which interval. */
  readonly lastTime: { of: number, bytes: Uint8Array | undefined }
  /** Lists of the last disclosures, which those of the next mostly are again. */
  readonly lastCounts: KnownCounts
  readonly lastFields: KnownFields
}

/** Fields that left together, and from what the list was made. */
export interface KnownFields {
  order: readonly number[]
  list: readonly DisclosedField[]
}

const KEEP = { kind: 'keep' } as const

export function planOf ({ recipient, plan }: DiscloseDecision, report: CompiledReport, policy: CompiledPolicy, placeOf: ReadonlyMap<string, number>): RecipientPlan {
  return {
    recipient,
    plan,
    actions: report.fields.map(field => actionOf(field, plan.fields[field.index]!, placeOf.get(field.category.name)!)),
    device: plan.device,
    time: plan.time,
    deviceField: disclosedAs(DEVICE_PATH, 'device.id', plan.device),
    timeField: disclosedAs(TIME_PATH, 'time.event', plan.time),
    afterId: Buffer.from(`","recipient":${JSON.stringify(recipient.name)},"report":${JSON.stringify(report.name)}`),
    afterData: Buffer.from(`,"notice":${JSON.stringify(policy.noticeVersion)},"policy":${JSON.stringify(policy.digest)}}`),
    lastTime: { of: NaN, bytes: undefined },
    lastCounts: [],
    lastFields: { order: [], list: [] }
  }
}

function disclosedAs (path: string, category: string, decision: FieldDecision): DisclosedField | undefined {
  return decision.effect === 'disclose' ? { path, category, transform: spellTransform(decision.allow.transform) } : undefined
}

function actionOf (field: CompiledField, decision: FieldDecision, place: number): Action {
  const transform = decision.effect === 'disclose' ? decision.allow.transform : KEEP
  const { types } = field.category
  const isPlain = field.encoding === undefined
  const step = stepOf(transform, field)
  const reason = decision.effect === 'suppress' ? decision.reason : undefined
  return {
    field,
    reason,
    slot: slotOf(place, reason ?? 'rule'),
    transform,
    text: transform.kind === 'pseudonymize' ? 'pseudonym' : transform.kind === 'keep' && isPlain && types.has('text') && !isNumericField(field) ? 'copy' : 'ask',
    number: step > 0 ? (transform.kind === 'round' && transform.ofTime ? 'round-time' : 'round') : transform.kind === 'keep' && isPlain && types.has('number') ? 'copy' : 'ask',
    boolean: transform.kind === 'keep' && isPlain && types.has('boolean') ? 'copy' : 'ask',
    isGrid: transform.kind === 'grid',
    step,
    disclosed: disclosedAs(field.path, field.category.name, decision),
    place,
    numbers: new Map(),
    pairs: new Map()
  }
}

/** 0 where a number takes the longer way. */
function stepOf (transform: Transform, { encoding, category, scale, format = 'epoch-seconds' }: CompiledField): number {
  if (transform.kind !== 'round' || encoding !== undefined) return 0
  if (!transform.ofTime) return category.types.has('number') ? wholeStep(transform.step / scale) : 0
  if (!category.types.has('time') || category.types.size > 1) return 0
  if (format === 'epoch-seconds') return wholeStep(transform.step / 1000)
  return format === 'epoch-milliseconds' ? wholeStep(transform.step) : 0
}

function wholeStep (step: number): number {
  return Number.isInteger(step) && step >= 1 && step <= 1e9 ? step : 0
}
