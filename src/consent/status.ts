/**
 * What an account's consent says to one question at one time, and why. Pure.
 *
 * INVARIANT: recording a denial never widens what leaves.
 */

import type { AccountConsent, ConsentQuestion, ConsentRecord, ConsentState } from '../model/consent.js'
import type { CompiledPolicy, Purpose, RecipientKind } from '../model/policy.js'
import type { ConsentReason } from '../model/reasons.js'
import { isNoticeAtLeast } from './notice-version.js'
import { narrowest } from './scope.js'

export type StatusPolicy = Pick<CompiledPolicy, 'regimes' | 'purposes' | 'noticeVersion'>

export interface ConsentAnswer {
  readonly answer: 'yes' | 'no'
  readonly state: ConsentState
  /** Id of the deciding record, `required`, `regime:NAME`, `fact:minor` or `fact:opt-out-signal`. */
  readonly grounds: string
  /** Set exactly where the answer is no. */
  readonly reason?: ConsentReason
}

const UNSET = 'consent-unset'

/**
 * Answers in the order of the decision: minor, opt-out signal, notice version, consent.
 *
 * A required purpose is answered yes, whatever is recorded, except for recipient kinds with access
 * `recipient-consent`: there only a grant that names the recipient counts, whatever the purpose and the regime.
 * A purpose that the policy does not know, and a regime that it does not know, are answered as by `opt-in`.
 */
export function status (consent: AccountConsent, question: ConsentQuestion, policy: StatusPolicy, kind: RecipientKind, atMs: number): ConsentAnswer {
  const purpose = policy.purposes.get(question.purpose)
  const deciding = decide(narrowest(consent.records, question), purpose, atMs)
  const state = deciding?.state ?? 'unset'
  if (purpose === undefined) return no(state, `regime:${consent.facts.regime}`, UNSET)
  if (consent.facts.minor && !purpose.required) return no(state, 'fact:minor', 'minor')
  if (consent.facts.optOutSignal && purpose.signalHonored) return no(state, 'fact:opt-out-signal', 'opt-out-signal')
  if (kind.access === 'recipient-consent') return byRecipientGrant(deciding, consent)
  if (purpose.required) return { answer: 'yes', state, grounds: 'required' }
  return deciding === undefined ? byRegime(consent, purpose, policy, kind) : answerOf(deciding)
}

interface Deciding extends Weight {
  readonly record: ConsentRecord
  /** One of the narrowest records names the recipient. */
  readonly named: boolean
}

interface Weight {
  readonly state: ConsentState
  /** Why the record does not count as a yes. */
  readonly reason: ConsentReason | undefined
}

/** Of the narrowest records that answer, the one that speaks against it; the newest of several. */
function decide (records: readonly ConsentRecord[], purpose: Purpose | undefined, atMs: number): Deciding | undefined {
  let deciding: Deciding | undefined
  for (const record of records) {
    const named = record.recipient !== undefined || deciding?.named === true
    const { state, reason } = weigh(record, purpose, atMs)
    deciding = deciding !== undefined && severity(reason) < severity(deciding.reason)
      ? { ...deciding, named }
      : { record, named, state, reason }
  }
  return deciding
}

function weigh (record: ConsentRecord, purpose: Purpose | undefined, atMs: number): Weight {
  if (record.state !== 'granted') return { state: record.state, reason: `consent-${record.state}` }
  if (record.expires !== undefined && record.expires <= atMs) return { state: 'expired', reason: 'consent-expired' }
  const late = purpose?.minimumNotice !== undefined && !isNoticeAtLeast(record.notice, purpose.minimumNotice)
  return { state: 'granted', reason: late ? 'notice-version' : undefined }
}

/** A denial stands above a grant that no longer counts, and that above one that does. */
function severity (reason: ConsentReason | undefined): number {
  if (reason === undefined) return 0
  return reason === 'notice-version' || reason === 'consent-expired' ? 1 : 2
}

function byRecipientGrant (deciding: Deciding | undefined, consent: AccountConsent): ConsentAnswer {
  if (deciding === undefined) return no('unset', `regime:${consent.facts.regime}`, UNSET)
  if (deciding.reason !== undefined || deciding.named) return answerOf(deciding)
  return no('unset', deciding.record.id, UNSET)
}

function byRegime (consent: AccountConsent, purpose: Purpose, policy: StatusPolicy, kind: RecipientKind): ConsentAnswer {
  const regime = policy.regimes.get(consent.facts.regime)
  const allowed = regime !== undefined && !regime.deniedKinds.has(kind.name) && (regime.defaults.get(purpose.name) ?? regime.otherwise)
  const grounds = `regime:${regime?.name ?? 'opt-in'}`
  return allowed ? { answer: 'yes', state: 'unset', grounds } : no('unset', grounds, UNSET)
}

function answerOf ({ record, state, reason }: Deciding): ConsentAnswer {
  return reason === undefined ? { answer: 'yes', state, grounds: record.id } : no(state, record.id, reason)
}

function no (state: ConsentState, grounds: string, reason: ConsentReason): ConsentAnswer {
  return { answer: 'no', state, grounds, reason }
}
