/** What was decided for one report and one recipient, with reasons. */

import type { AllowRule, CompiledRecipient } from './policy.js'
import type { SuppressedReason, WithheldReason } from './reasons.js'

/** Where an answer comes from: `file:line`, the consent record's id (or `regime:opt-in`, `required`), the notice's clause. */
export interface Grounds {
  readonly rule?: string
  readonly consent?: string
  readonly clause?: string
}

export interface FieldPass extends Grounds {
  readonly effect: 'disclose'
  readonly allow: AllowRule
}

export interface FieldStop extends Grounds {
  readonly effect: 'suppress'
  readonly reason: SuppressedReason
}

export type FieldDecision = FieldPass | FieldStop

/** One decision per field index of the report type, and for the envelope. */
export interface Plan {
  readonly fields: readonly FieldDecision[]
  readonly device: FieldDecision
  readonly time: FieldDecision
}

export interface DiscloseDecision {
  readonly effect: 'disclose'
  readonly recipient: CompiledRecipient
  readonly plan: Plan
}

export interface WithholdDecision extends Grounds {
  readonly effect: 'withhold'
  readonly recipient: CompiledRecipient
  readonly reason: WithheldReason
  /** Per field, for explain: present where fields were asked. */
  readonly plan?: Plan
}

export type Decision = DiscloseDecision | WithholdDecision
