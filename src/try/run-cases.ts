/** Runs the cases of a configuration on its own policy: the same path as a report takes, without any store. */

import { recordId } from '../consent/record-id.js'
import { withEntry } from '../consent/view.js'
import type { AccountConsent } from '../model/consent.js'
import type { Json } from '../model/json.js'
import { anyId, anyKeys } from './any-keys.js'
import { takeReport, type Judgement, type PathContext, type Taken } from '../pipeline.js'
import type { CaseAccount, Expectation, TestCase } from '../policy/cases.js'
import type { Configuration } from '../policy/compile.js'
import { NOTHING_KNOWN } from '../registry/fingerprints.js'
import { meets } from './meets.js'

const ACCOUNT = 'account-1'
/** For cases that name no time, so that they turn out the same on every day. */
const ANY_TIME_MS = Date.UTC(2026, 0, 5, 12)

export interface CaseResult {
  readonly name: string
  /** `file:line` */
  readonly rule: string
  readonly ok: boolean
  readonly results: readonly RecipientResult[]
}

export interface RecipientResult {
  readonly recipient: string
  readonly ok: boolean
  readonly expected: Json
  readonly actual: Json
}

export function runCases (configuration: Configuration): CaseResult[] {
  return configuration.cases.map(one => runCase(one, configuration))
}

export function runCase (one: TestCase, configuration: Configuration): CaseResult {
  const outcomes = outcomesOf(takeCase(one, configuration))
  const results = [...one.expect].map(([recipient, expected]) => resultOf(recipient, expected, outcomes.get(recipient) ?? outcomes.get(ALL) ?? null))
  return { name: one.name, rule: one.rule, ok: results.every(({ ok }) => ok), results }
}

/** What the path makes of the report of a case. */
export function takeCase ({ report, device, payload, account, atMs }: TestCase, { policy, maxReportBytes }: Pick<Configuration, 'policy' | 'maxReportBytes'>): Taken {
  const context: PathContext = {
    policy,
    maxReportBytes,
    consent: consentOf(account, policy.noticeVersion),
    keysFor: anyKeys,
    fingerprints: NOTHING_KNOWN,
    newId: anyId
  }
  const topicTail = policy.reports.get(report)?.topicTail.join('/') ?? ''
  return takeReport({ account: ACCOUNT, device, topicTail, payload: Buffer.from(JSON.stringify(payload)), receivedMs: atMs ?? ANY_TIME_MS, surroundings: [] }, context)
}

/** Stands for every recipient: the report never came as far as one. */
const ALL = '*'

/** In the words of `expect`, by recipient. */
export function outcomesOf (taken: Taken): Map<string, Json> {
  if (taken.outcome === 'quarantined') return new Map([[ALL, { quarantined: taken.reason }]])
  return new Map(taken.judgements.map(judgement => [judgement.recipient.name, actualOf(judgement)]))
}

function actualOf (judgement: Judgement): Json {
  if (judgement.effect === 'withheld') return { withheld: judgement.reason }
  const { device, time, data } = JSON.parse(Buffer.from(judgement.disclosure.bytes).toString('utf8')) as Record<string, Json>
  return { disclosed: { ...(device !== undefined && { device }), ...(time !== undefined && { time }), data: data ?? null } }
}

function resultOf (recipient: string, expectation: Expectation, actual: Json): RecipientResult {
  const expected = 'withheld' in expectation ? { withheld: expectation.withheld } : { disclosed: { ...expectation.disclosed } }
  return { recipient, ok: meets(expected, actual), expected, actual }
}

/** As the ledger would see it: facts first, then the records one after the other. */
function consentOf ({ consents, ...facts }: CaseAccount, notice: string): AccountConsent | undefined {
  const recorded = (sequence: number) => ({ id: recordId(sequence), sequence, at: sequence })
  const registered = withEntry(undefined, ACCOUNT, { ...recorded(0), notice, facts })
  return consents.reduce((view, consent, i) => withEntry(view, ACCOUNT, { ...recorded(i + 1), ...consent }), registered)
}
