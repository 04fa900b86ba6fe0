/** What a report came to, as the gateway tells of it: disclosures, and counts of what stayed. No content but the disclosures. */

import type { Disclosure, ReportHeader } from './disclosure.js'
import type { CompiledRecipient, CompiledReport } from './policy.js'
import type { SuppressedReason, WithheldReason } from './reasons.js'
import type { ShownPath } from './report.js'

export interface JudgedReport {
  readonly type: CompiledReport
  /** One for each recipient of the policy, in its order. */
  readonly judgements: readonly RecipientJudgement[]
  readonly unclassified: ReadonlyMap<ShownPath, UnclassifiedLeaves>
  /** What the report says of its own device's firmware, as it stands there: never shown. */
  readonly firmware: readonly string[]
  /** Addresses that the report states as those of a device. */
  readonly ownAddresses: readonly StatedAddress[]
}

/** Unclassified leaves of one path. */
export interface UnclassifiedLeaves {
  count: number
  /** What they look like, see classify/value-form.ts. */
  readonly forms: Set<ValueForm>
}

export type ValueForm = 'text' | 'base64' | 'boolean' | 'integer' | 'decimal' | 'numeric-text' | 'epoch-seconds' | 'epoch-milliseconds' | 'iso-time' | 'local-time' | 'null'

/** As `Found` in guard/finder.ts. */
export interface StatedAddress {
  readonly kind: 'mac' | 'ip'
  readonly canonical: string
}

export type RecipientJudgement = {
  readonly recipient: CompiledRecipient
  /** Fields that did not leave; none where the recipient was refused before any was asked about. */
  readonly suppressed: readonly SuppressedCount[]
} & (
  | { readonly effect: 'disclosed', readonly disclosure: Disclosure, readonly header: ReportHeader }
  | { readonly effect: 'withheld', readonly reason: WithheldReason }
)

export interface SuppressedCount {
  /** `unclassified` where the fields have none. */
  readonly category: string
  readonly reason: SuppressedReason
  readonly count: number
}
