/**
 * The path of one report, a line a stage:
 *
 *     broker ─▶ classify ─▶ decide ─▶ minimize ─▶ guard ─▶ outbox ─▶ sink
 *
 * A stage that throws lets nothing out, and the report is not acknowledged. Raw content ends in `minimize`.
 */

import { classify } from './classify/classify.js'
import { decode } from './classify/decode.js'
import { ownAddresses, rawScalars } from './classify/walk.js'
import { decide } from './decide/decide.js'
import type { Faults } from './faults.js'
import { release } from './guard/release.js'
import { minimize } from './minimize/minimize.js'
import { disclosedFields } from './minimize/draft-fields.js'
import { addressesIn, type Found } from './guard/finder.js'
import { KnownAddressCollector, type FingerprintLookup, type KnownAddresses } from './guard/known.js'
import { parseMac } from './parse-mac.js'
import type { ReportTrace } from './trace.js'
import type { AccountConsent } from './model/consent.js'
import type { WithholdDecision } from './model/decision.js'
import type { Disclosure, ReportHeader } from './model/disclosure.js'
import type { Draft } from './model/draft.js'
import type { PseudonymKeys } from './minimize/pseudonym.js'
import type { CompiledPolicy, CompiledRecipient } from './model/policy.js'
import type { QuarantineReason, WithheldReason } from './model/reasons.js'
import type { Intake, Report } from './model/report.js'

/** Everything the path takes beside the report: one policy for the whole of it, and the account as it stands now. */
export interface PathContext {
  readonly policy: CompiledPolicy
  readonly maxReportBytes: number
  /** Undefined: the registry does not know the account. */
  readonly consent: AccountConsent | undefined
  /** The gateway's key, and the account's with one recipient. */
  readonly keysFor: (recipient: string) => PseudonymKeys
  readonly fingerprints: FingerprintLookup
  /** A fresh id of a disclosure to that recipient, letters g–z. */
  readonly newId: (recipient: string) => string
  /** Told of the stages, where this report is traced. */
  readonly trace?: ReportTrace
  /** For tests alone. */
  readonly faults?: Faults
}

export type Taken =
  | { readonly outcome: 'quarantined', readonly reason: QuarantineReason, readonly report: string }
  | { readonly outcome: 'judged', readonly report: Report, readonly judgements: readonly Judgement[], readonly ownAddresses: readonly Found[] }

/** What became of one report for one recipient. */
export type Judgement =
  | { readonly effect: 'disclosed', readonly recipient: CompiledRecipient, readonly disclosure: Disclosure, readonly header: ReportHeader, readonly draft: Draft }
  | { readonly effect: 'withheld', readonly recipient: CompiledRecipient, readonly reason: WithheldReason, readonly decision: WithholdDecision | undefined, readonly draft: Draft | undefined }

/** Takes a report as far as the guard. Pure but for `newId`; the outbox follows in `gateway.ts`. */
export function takeReport (intake: Intake, context: PathContext): Taken {
  context.trace?.step('classify')
  context.faults?.step?.('classify')
  const type = context.policy.reportsByTopic.get(intake.topicTail)
  const decoded = decode(intake.payload, context.maxReportBytes)
  if (!decoded.ok) return { outcome: 'quarantined', reason: decoded.reason, report: type?.name ?? 'unknown' }
  if (type === undefined) return { outcome: 'quarantined', reason: 'unknown-report', report: 'unknown' }
  const report = classify(decoded.json, type, intake)
  const known = knownAddresses(report, intake, context.fingerprints)
  const judgements = context.policy.recipients.map(recipient => judge(report, recipient, known, context))
  return { outcome: 'judged', report, judgements, ownAddresses: statedAddresses([...ownAddresses(report.root)]) }
}

/** One report for one recipient: decide, minimize, guard. */
export function judge (report: Report, recipient: CompiledRecipient, known: KnownAddresses, context: PathContext): Judgement {
  const { policy, consent, keysFor, faults, trace } = context
  const nowMs = report.receivedMs
  trace?.step('decide', recipient.name)
  faults?.step?.('decide')
  const decision = decide({ report: report.type, recipient, device: report.device, consent, nowMs }, policy)
  trace?.outcome(decision.effect === 'withhold' ? decision.reason : 'disclose')
  if (decision.effect === 'withhold') return { effect: 'withheld', recipient, reason: decision.reason, decision, draft: undefined }
  trace?.step('minimize', recipient.name)
  faults?.step?.('minimize')
  const draft = minimize(report, decision, policy, { recipient: recipient.name, keys: keysFor(recipient.name), nowMs })
  trace?.step('guard', recipient.name)
  faults?.step?.('guard')
  const released = release(draft, known, context.newId(recipient.name))
  trace?.outcome('withheld' in released ? released.withheld : 'disclosed')
  if ('withheld' in released) return { effect: 'withheld', recipient, reason: released.withheld, decision: undefined, draft }
  return { effect: 'disclosed', recipient, disclosure: released.disclosure, header: privateHeader(report, recipient, draft), draft }
}

/** All addresses of the raw report, unclassified fields included, of its surroundings and of the registry. */
function knownAddresses (report: Report, intake: Intake, fingerprints: FingerprintLookup): KnownAddresses {
  const collector = new KnownAddressCollector()
  for (const text of intake.surroundings) collector.add(text, { numeric: false })
  for (const { text, numeric, closed } of rawScalars(report.root)) {
    collector.add(text, { numeric })
    if (closed) for (const found of meantAddress(text)) collector.know(found)
  }
  return collector.known(fingerprints)
}

function statedAddresses (texts: readonly string[]): Found[] {
  return [...addressesIn(...texts), ...texts.flatMap(meantAddress)]
}

/** In a closed field bare digits are an address without any sign of it, as an EUI-64 often stands there. */
export function meantAddress (text: string): Found[] {
  const canonical = parseMac(text)
  return canonical === undefined ? [] : [{ kind: 'mac', canonical }]
}

function privateHeader (report: Report, recipient: CompiledRecipient, draft: Draft): ReportHeader {
  return {
    account: report.account,
    device: report.device,
    policy: draft.policy,
    fields: disclosedFields(draft),
    decidedMs: report.receivedMs,
    notBeforeMs: releaseTime(report.receivedMs, recipient.releaseMs)
  }
}

/** The end of the interval: the moment of delivery must not tell the time that rounding hid. */
export function releaseTime (nowMs: number, intervalMs: number | undefined): number {
  return intervalMs === undefined ? nowMs : (Math.floor(nowMs / intervalMs) + 1) * intervalMs
}
