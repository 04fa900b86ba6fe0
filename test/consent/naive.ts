/** The design's words on consent, taken literally and slowly: the oracle for status. */

import type { AccountFacts, ConsentQuestion, ConsentScope, RecordedState } from '../../src/model/consent.js'
import type { RecipientKind } from '../../src/model/policy.js'
import type { StatusPolicy } from '../../src/consent/status.js'

export interface NaiveRecord extends ConsentScope {
  readonly at: number
  readonly state: RecordedState
  readonly expires?: number | undefined
  readonly notice: string
}

export interface NaiveFacts {
  readonly at: number
  readonly facts: Partial<AccountFacts>
}

export type NaiveEntry = NaiveRecord | NaiveFacts

const PARTS = ['purpose', 'recipient', 'category', 'device'] as const

export function naiveAnswer (entries: readonly NaiveEntry[], question: ConsentQuestion, policy: StatusPolicy, kind: RecipientKind, atMs: number): 'yes' | 'no' | 'unknown' {
  const then = entries.filter(entry => entry.at <= atMs)
  const facts = then.reduce<Partial<AccountFacts>>((sum, entry) => 'facts' in entry ? { ...sum, ...entry.facts } : sum, {})
  if (facts.regime === undefined) return 'unknown'
  const records = then.filter((entry): entry is NaiveRecord => !('facts' in entry))
  const standing = records.filter((record, i) => !records.slice(i + 1).some(later => speaksOf(later, record)))
  const answering = standing.filter(record => speaksOf(record, question))
  const closest = answering.filter(record => !answering.some(other => speaksOf(record, other) && !speaksOf(other, record)))
  return naiveRules(facts, closest, question, policy, kind, atMs) ? 'yes' : 'no'
}

function naiveRules (facts: Partial<AccountFacts>, closest: readonly NaiveRecord[], question: ConsentQuestion, policy: StatusPolicy, kind: RecipientKind, atMs: number): boolean {
  const purpose = policy.purposes.get(question.purpose)
  if (purpose === undefined) return false
  if (facts.minor === true && !purpose.required) return false
  if (facts.optOutSignal === true && purpose.signalHonored) return false
  const holds = (record: NaiveRecord) => record.state === 'granted' && (record.expires === undefined || record.expires > atMs) &&
    (purpose.minimumNotice === undefined || Number(record.notice) >= Number(purpose.minimumNotice))
  const granted = closest.length > 0 && closest.every(holds)
  if (kind.access === 'recipient-consent') return granted && closest.some(record => record.recipient === question.recipient)
  if (purpose.required) return true
  if (closest.length > 0) return granted
  const regime = policy.regimes.get(facts.regime ?? '')
  if (regime === undefined || regime.deniedKinds.has(kind.name)) return false
  return regime.defaults.get(question.purpose) ?? regime.otherwise
}

function speaksOf (broad: ConsentScope, narrow: ConsentScope): boolean {
  return PARTS.every(part => broad[part] === undefined || broad[part] === narrow[part])
}
