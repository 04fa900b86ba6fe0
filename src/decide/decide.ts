/**
 * Policy and consent → a decision for one report type and one recipient, with reasons.
 *
 * Asked in the design's order: recipient switched on; region transfer; origin; account known, not a minor; opt-out
 * signal; notice version; consent; then the recipient's `allow`. Pure: the account's consent and the time are arguments.
 */

import { status, type ConsentAnswer } from '../consent/status.js'
import { clauseOf } from './clause.js'
import type { AccountConsent } from '../model/consent.js'
import type { Decision, FieldDecision, WithholdDecision } from '../model/decision.js'
import type { AllowRule, Category, CompiledPolicy, CompiledRecipient, CompiledReport } from '../model/policy.js'
import type { ConsentReason, WithheldReason } from '../model/reasons.js'

export interface Question {
  readonly report: CompiledReport
  readonly recipient: CompiledRecipient
  readonly device: string
  /** Undefined: the registry does not know the account. */
  readonly consent: AccountConsent | undefined
  readonly nowMs: number
}

/** Decides for every field of the report type, present in the report at hand or not. */
export function decide (question: Question, policy: CompiledPolicy): Decision {
  const { recipient, report } = question
  const gate = closedGate(question, policy)
  if (gate !== undefined) return withhold(recipient, gate, recipient.rule)
  const decideField = fieldDecider(question, policy)
  const rules = recipient.plans.get(report.name) ?? []
  const fields = report.fields.map(field => decideField(field.category, rules[field.index]))
  const plan = {
    fields,
    device: decideField(policy.deviceCategory, recipient.deviceRule),
    time: decideField(policy.timeCategory, recipient.timeRule)
  }
  if (fields.some(field => field.effect === 'disclose')) return { effect: 'disclose', recipient, plan }
  return { ...withholdFor(recipient, fields), plan }
}

/** The gates before any field is asked about. */
function closedGate ({ recipient, report, consent }: Question, policy: CompiledPolicy): WithheldReason | undefined {
  if (!recipient.enabled) return 'recipient-off'
  if (recipient.kind.access === 'aggregate' || recipient.kind.access === 'closed') return 'recipient-kind-closed'
  if (!recipient.reports.has(report.name)) return 'report-not-listed'
  if (consent === undefined) return 'account-unknown'
  if (policy.transfers.get(consent.facts.region)?.has(recipient.region) !== true) return 'region'
  if (recipient.excludeOrigins.has(report.origin)) return 'origin'
}

/** Consent is asked once for each category of the report, with the full question. */
function fieldDecider (question: Question, policy: CompiledPolicy): (category: Category, allow: AllowRule | undefined) => FieldDecision {
  const answers = new Map<string, ConsentAnswer>()
  return (category, allow) => {
    let answer = answers.get(category.name)
    if (answer === undefined) {
      answer = ask(question, category.name, policy)
      answers.set(category.name, answer)
    }
    return decideOne(category, allow, answer, question.recipient)
  }
}

function ask ({ recipient, device, consent, nowMs }: Question, category: string, policy: CompiledPolicy): ConsentAnswer {
  if (consent === undefined) throw new TypeError('consent is asked of a known account only')
  const question = { purpose: recipient.purpose.name, recipient: recipient.name, category, device }
  return status(consent, question, policy, recipient.kind, nowMs)
}

function decideOne (category: Category, allow: AllowRule | undefined, answer: ConsentAnswer, recipient: CompiledRecipient): FieldDecision {
  const grounds = { rule: allow?.rule ?? recipient.rule, consent: answer.grounds, clause: category.clause }
  if (category.never) return { effect: 'suppress', reason: 'never-disclosed', ...grounds }
  if (answer.reason !== undefined) {
    return { effect: 'suppress', reason: answer.reason, ...grounds, clause: clauseOf(answer.reason, recipient) }
  }
  if (allow === undefined) return { effect: 'suppress', reason: 'not-allowed', ...grounds }
  if (allow.transform.kind === 'suppress') return { effect: 'suppress', reason: 'rule', ...grounds }
  return { effect: 'disclose', allow, ...grounds }
}

/** No field passes: a consent reason explains more than the absence of a rule does. */
function withholdFor (recipient: CompiledRecipient, fields: readonly FieldDecision[]): WithholdDecision {
  for (const field of fields) {
    if (field.effect === 'disclose' || !isConsentReason(field.reason)) continue
    return { ...withhold(recipient, field.reason, recipient.rule), ...(field.consent !== undefined && { consent: field.consent }) }
  }
  return withhold(recipient, 'nothing-left', recipient.rule)
}

function withhold (recipient: CompiledRecipient, reason: WithheldReason, rule: string): WithholdDecision {
  return { effect: 'withhold', recipient, reason, rule, clause: clauseOf(reason, recipient) }
}

/** Of these reasons a report can be withheld as a whole as well as a field suppressed. */
export function isConsentReason (reason: string): reason is ConsentReason {
  return reason === 'minor' || reason === 'opt-out-signal' || reason === 'notice-version' || reason.startsWith('consent-')
}
