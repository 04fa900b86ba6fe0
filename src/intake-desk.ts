/** The desk behind both doors: a report through filter or reference path into the outbox, and what is told of it. */

import { hash } from 'node:crypto'
import type { Carried, Transport } from './broker/door.js'
import type { Quarantine } from './classify/quarantine.js'
import type { StandingConsents } from './consent/standing/standing-consents.js'
import { pathContext, standingRow, type Core } from './core.js'
import { StandingDecisions } from './decide/standing-decisions.js'
import type { KeptDrift } from './drift/keep-drift.js'
import { around } from './faults.js'
import { Filter, type FilterContext } from './filter/filter.js'
import { judgedOf } from './judged.js'
import { lettersOf } from './letters.js'
import type { GatewayEvent, Observe, ReportOutcome } from './model/events.js'
import type { JudgedReport, RecipientJudgement } from './model/judged.js'
import type { CompiledPolicy, CompiledReport } from './model/policy.js'
import type { Intake } from './model/report.js'
import type { OutboxEntry, RedeliveryKey } from './outbox/contract.js'
import type { LmdbOutbox } from './outbox/lmdb-outbox.js'
import { OutboxFull } from './outbox/outbox-full.js'
import { releaseTime, takeReport, type PathContext, type Taken } from './pipeline.js'
import type { Keyring } from './store/keyring.js'
import type { Tracing } from './trace.js'

/** Longer than a packet is remembered, after which its being sent again is not recognized any more. */
const REDELIVERY_SPAN_MS = 2 * 3_600_000
const FINGERPRINT_BYTES = 16

type Quarantined = Extract<Taken, { outcome: 'quarantined' }>

/** Takes reports from the broker through the pure path into the outbox, and tells what became of them. */
export class IntakeDesk {
  readonly #core: Core
  readonly #outbox: LmdbOutbox
  readonly #quarantine: Quarantine
  readonly #drift: KeptDrift
  readonly #emit: Observe
  readonly #tracing: Tracing | undefined
  readonly #standing: StandingConsents
  /** Of the policy in force. */
  #filter: { readonly policy: CompiledPolicy, readonly filter: Filter } | undefined

  constructor (core: Core, outbox: LmdbOutbox, quarantine: Quarantine, drift: KeptDrift, emit: Observe, standing: StandingConsents, tracing: Tracing | undefined) {
    this.#core = core
    this.#outbox = outbox
    this.#quarantine = quarantine
    this.#drift = drift
    this.#emit = emit
    this.#standing = standing
    this.#tracing = tracing
  }

  /** Resolves when the report is final; true where the account's own app may see it. Rejects in transient trouble. */
  async take (carried: Carried): Promise<boolean> {
    const [intake, transport] = [carried, carried]
    const startedMs = performance.now()
    const trace = this.#tracing?.report()
    const tell = (report: string, outcome: ReportOutcome, categories: readonly string[] = []): void => {
      trace?.end(report, outcome)
      this.#emit({ type: 'report', report, outcome, categories, seconds: (performance.now() - startedMs) / 1000 })
    }
    try {
      const context = pathContext(this.#core, intake.account, intake.device)
      const taken = trace === undefined ? this.#judge(intake, context) : byReference(intake, { ...context, trace })
      if ('outcome' in taken) {
        trace?.outcome(taken.reason)
        this.#quarantine.put(intake.payload, taken.reason, taken.report, intake.receivedMs)
        this.#emit({ type: 'quarantined', report: taken.report, reason: taken.reason, bytes: intake.payload.length })
        this.#core.store.watch.demandInPlace()
        tell(taken.report, 'quarantined')
        return false
      }
      const entries = taken.judgements.flatMap(entryOf)
      const { faults } = this.#core
      trace?.step('append')
      const appended = await around(faults, 'append', () => this.#outbox.append(entries, this.#redeliveryKey(intake, transport)))
      trace?.outcome(appended)
      await around(faults, 'learn', () => this.#learn(intake.device, taken))
      this.#core.store.watch.demandInPlace()
      if (appended === 'appended') this.#tellOf(taken, intake)
      tell(taken.type.name, appended === 'duplicate' ? 'redelivered' : entries.length > 0 ? 'disclosed' : 'withheld', categoriesOf(taken))
      return true
    } catch (error) {
      if (error instanceof OutboxFull) this.#emit({ type: 'outbox-full', recipient: error.recipient })
      tell(this.#core.configuration.policy.reportsByTopic.get(intake.topicTail)?.name ?? 'unknown', 'transient')
      throw error
    }
  }

  /** Nothing of reports that were taken before is known any more. */
  forget (): void {
    this.#filter?.filter.forget()
  }

  /** By the filter; what it leaves, by the reference. */
  #judge (intake: Intake, context: PathContext): JudgedReport | Quarantined {
    const { policy, faults } = context
    if (this.#filter?.policy !== policy) this.#filter = { policy, filter: new Filter(policy, releaseTime, new StandingDecisions(policy, this.#standing.table)) }
    const { account, receivedMs } = intake
    const row = standingRow(this.#core, this.#standing, account, receivedMs)
    const asking: FilterContext = {
      policy,
      maxReportBytes: context.maxReportBytes,
      row,
      get consent () { return context.consent },
      keysFor: context.keysFor,
      fingerprints: context.fingerprints,
      newId: context.newId,
      ...(faults?.step !== undefined && { step: faults.step })
    }
    return this.#filter.filter.take(intake, asking) ?? byReference(intake, context)
  }

  /** A digest of which half is kept cannot be carried on, so the key may stand in front. */
  #redeliveryKey ({ device, payload }: Intake, { qos, dup, packetId }: Transport): RedeliveryKey | undefined {
    if (qos === 0 || packetId === undefined) return undefined
    const [fingerprint = '', ...earlier] = redeliveryKeys(this.#core.keyring, this.#core.now()).map(key =>
      lettersOf(hash('sha256', Buffer.concat([key, Buffer.from(`${packetId}:`), payload]), 'buffer').subarray(0, FINGERPRINT_BYTES)))
    return { device, fingerprint, packetId, redelivered: dup, ...(dup && earlier.length > 0 && { earlier }) }
  }

  /** Before the acknowledgement: the next report may hold the address in a form that only its being known gives away. */
  async #learn (device: string, { ownAddresses }: JudgedReport): Promise<void> {
    if (ownAddresses.length > 0) await this.#core.registry.devices.learn(device, ownAddresses)
  }

  #tellOf (judged: JudgedReport, { device, receivedMs }: Intake): void {
    this.#drift.see(judged, device, receivedMs, this.#emit)
    for (const judgement of judged.judgements) {
      const recipient = judgement.recipient.name
      for (const suppressed of judgement.suppressed) this.#emit({ type: 'suppressed', recipient, ...suppressed })
      for (const event of judgedEvents(judged, judgement)) this.#emit(event)
      if (judgement.effect === 'withheld') this.#emit({ type: 'withheld', recipient, reason: judgement.reason, count: 1 })
    }
  }
}

function byReference (intake: Intake, context: PathContext): JudgedReport | Quarantined {
  const taken = takeReport(intake, context)
  return taken.outcome === 'quarantined' ? taken : judgedOf(taken, context.policy.nameDictionary)
}

/** The newest one, then those that packets of the last hours may have been remembered under. */
function redeliveryKeys (keyring: Keyring, nowMs: number): Uint8Array[] {
  const { all } = keyring.generations
  const needed = all.filter((_, i) => (all[i + 1]?.sinceMs ?? Infinity) > nowMs - REDELIVERY_SPAN_MS)
  return needed.reverse().flatMap(({ generation }) => keyring.key('redelivery', generation) ?? [])
}

function entryOf (judgement: RecipientJudgement): OutboxEntry[] {
  return judgement.effect === 'disclosed' ? [{ disclosure: judgement.disclosure, header: judgement.header }] : []
}

const categories = new WeakMap<CompiledReport, readonly string[]>()

function categoriesOf ({ type }: Pick<JudgedReport, 'type'>): readonly string[] {
  const known = categories.get(type) ?? [...new Set(type.fields.map(({ category }) => category.name))]
  categories.set(type, known)
  return known
}

/** None of a recipient that does not list the report. */
function judgedEvents (judged: JudgedReport, judgement: RecipientJudgement): GatewayEvent[] {
  const withheld = judgement.effect === 'withheld' ? judgement.reason : undefined
  if (withheld === 'report-not-listed') return []
  const left = judgement.effect === 'disclosed' ? [...new Set(judgement.header.fields.map(({ category }) => category))] : []
  const stayed = withheld === undefined || withheld === 'nothing-left'
    ? judgement.suppressed.map(({ category, reason }) => ({ category, reason }))
    : categoriesOf(judged).map(category => ({ category, reason: withheld }))
  return [{ type: 'judged', report: judged.type.name, recipient: judgement.recipient.name, left, stayed }]
}
