/**
 * The decision asked again when a disclosure leaves the outbox.
 *
 * Every question of the private header is put once more to the consent and the policy now in force; one no withholds the
 * whole disclosure. So does a policy that is now narrower for that recipient and report. An erasure notice asks for one
 * thing: that the policy still names the recipient. One that is switched off gets it when it is on again.
 */

import { decide, isConsentReason } from './decide.js'
import type { StandingDecisions } from './standing-decisions.js'
import type { Found as Row } from '../consent/standing/standing-table.js'
import type { AccountConsent } from '../model/consent.js'
import type { FieldDecision, Plan } from '../model/decision.js'
import type { DisclosedField, PrivateHeader, ReportHeader } from '../model/disclosure.js'
import type { CompiledPolicy, CompiledRecipient, CompiledReport, Transform } from '../model/policy.js'
import type { WithheldReason } from '../model/reasons.js'

export const DEVICE_PATH = '@device'
export const TIME_PATH = '@time'

export interface Waiting {
  readonly recipient: string
  readonly report: string
  readonly header: PrivateHeader
}

/** Compares a transform now in force with the canonical spelling of the one that was applied. */
export type StillCovers = (active: Transform, applied: string) => boolean

/** Undefined: it may leave. */
export function reconsider (waiting: Waiting, consent: AccountConsent | undefined, policy: CompiledPolicy, nowMs: number, stillCovers: StillCovers): WithheldReason | undefined {
  const recipient = policy.recipients.find(({ name }) => name === waiting.recipient)
  if (recipient === undefined) return 'recipient-off'
  if (waiting.header.erasure === true) return undefined
  return reconsiderReport({ ...waiting, header: waiting.header }, recipient, consent, policy, nowMs, stillCovers)
}

function reconsiderReport (waiting: Waiting & { readonly header: ReportHeader }, recipient: CompiledRecipient, consent: AccountConsent | undefined, policy: CompiledPolicy, nowMs: number, stillCovers: StillCovers): WithheldReason | undefined {
  const report = policy.reports.get(waiting.report)
  if (report === undefined) return 'policy-narrowed'
  if (consent === undefined) return 'erased'
  const decision = decide({ report, recipient, device: waiting.header.device, consent, nowMs }, policy)
  if (decision.effect === 'withhold') return decision.reason
  return firstRefusal(waiting.header.fields, decision.plan, report, stillCovers)
}

function firstRefusal (fields: readonly DisclosedField[], plan: Plan, report: CompiledReport, stillCovers: StillCovers): WithheldReason | undefined {
  for (const field of fields) {
    const refusal = refusalOf(field, plan, report, stillCovers)
    if (refusal !== undefined) return refusal
  }
}

function refusalOf (field: DisclosedField, plan: Plan, report: CompiledReport, stillCovers: StillCovers): WithheldReason | undefined {
  const decision = decisionNow(field, plan, report)
  if (decision === undefined) return 'policy-narrowed'
  if (decision.effect === 'suppress') return isConsentReason(decision.reason) ? decision.reason : 'policy-narrowed'
  if (!stillCovers(decision.allow.transform, field.transform)) return 'policy-narrowed'
}

function decisionNow ({ path, category }: DisclosedField, plan: Plan, report: CompiledReport): FieldDecision | undefined {
  if (path === DEVICE_PATH) return plan.device
  if (path === TIME_PATH) return plan.time
  const field = report.fields.find(candidate => candidate.path === path && candidate.category.name === category)
  return field === undefined ? undefined : plan.fields[field.index]
}

/**
 * The same question under one policy, for accounts that have a row in the table of all consents.
 *
 * INVARIANT: it answers what `reconsider` answers. Plans come from `StandingDecisions`, one for all accounts that are alike, so
 * what a plan says of a field that was disclosed is asked once.
 */
export class StandingReconsideration {
  readonly #policy: CompiledPolicy
  readonly #decisions: StandingDecisions
  readonly #stillCovers: StillCovers
  readonly #recipients: ReadonlyMap<string, CompiledRecipient>
  readonly #refusals = new WeakMap<Plan, WeakMap<DisclosedField, WithheldReason | 'none'>>()

  constructor (policy: CompiledPolicy, decisions: StandingDecisions, stillCovers: StillCovers) {
    this.#policy = policy
    this.#decisions = decisions
    this.#stillCovers = stillCovers
    this.#recipients = new Map(policy.recipients.map(recipient => [recipient.name, recipient]))
  }

  /** `row` is good for this turn. `unknown`: the row does not tell. Undefined: it may leave. */
  of ({ recipient: name, report: reportName, header }: Waiting, row: Row): WithheldReason | 'unknown' | undefined {
    const [recipient, report] = [this.#recipients.get(name), this.#policy.reports.get(reportName)]
    if (row <= 0 || recipient === undefined || report === undefined || header.erasure === true) return 'unknown'
    const decision = this.#decisions.of(report, recipient, row)
    if (decision === undefined) return 'unknown'
    return decision.effect === 'withhold' ? decision.reason : this.#firstRefusal(header.fields, decision.plan, report)
  }

  #firstRefusal (fields: readonly DisclosedField[], plan: Plan, report: CompiledReport): WithheldReason | undefined {
    let refusals = this.#refusals.get(plan)
    if (refusals === undefined) this.#refusals.set(plan, refusals = new WeakMap<DisclosedField, WithheldReason | 'none'>())
    for (const field of fields) {
      let refusal = refusals.get(field)
      if (refusal === undefined) refusals.set(field, refusal = refusalOf(field, plan, report, this.#stillCovers) ?? 'none')
      if (refusal !== 'none') return refusal
    }
  }
}
