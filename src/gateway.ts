/**
 * The composition root: puts the path of a report on a broker.
 *
 * The only file that sees every folder. What happens to a report is told in `pipeline.ts`.
 */

import { createHmac, randomBytes } from 'node:crypto'
import type { Aedes } from 'aedes'
import type { Carried, Door, Transport } from './broker/door.js'
import { install } from './broker/install.js'
import { Quarantine } from './classify/quarantine.js'
import { createMetrics, type Metrics } from './console/metrics.js'
import { openCore, pathContext, type Core, type CoreOptions } from './core.js'
import { reconsider } from './decide/reconsider.js'
import { keepDrift, type KeptDrift } from './drift/keep-drift.js'
import { around, type Faults } from './faults.js'
import { judgedOf } from './judged.js'
import { lettersOf } from './letters.js'
import { stillCovers } from './policy/order.js'
import { systemClock } from './outbox/clock.js'
import { Delivery } from './outbox/delivery.js'
import { openOutbox } from './open-outbox.js'
import type { LmdbOutbox } from './outbox/lmdb-outbox.js'
import { foundIn, type Found } from './outbox/found.js'
import { OutboxFull } from './outbox/outbox-full.js'
import type { OutboxEntry, RedeliveryKey } from './outbox/contract.js'
import type { Sink } from './outbox/sink.js'
import { Sweeper } from './outbox/sweeper.js'
import { CurtilageError } from './model/errors.js'
import type { GatewayEvent, Observe, ReportOutcome } from './model/events.js'
import type { JudgedReport, RecipientJudgement } from './model/judged.js'
import type { CompiledReport } from './model/policy.js'
import type { Intake } from './model/report.js'
import { eventOf } from './policy/policy-event.js'
import { ConfigurationWatch } from './policy/watch-folder.js'
import { takeReport } from './pipeline.js'
import type { Tracing } from './trace.js'
import { RecipientSinks } from './recipient-sinks.js'
import { openRights, recover, type Recovered } from './rights/open-rights.js'
import type { Rights } from './rights/rights.js'
import { keepUp } from './rights/upkeep.js'
import { retireUnneeded } from './rotation.js'
import { FolderTurns } from './sinks/file/folder-turns.js'
import { lastBackupMs } from './store/last-backup.js'
import { freeBytesOf } from './store/free-space.js'
import type { Keyring } from './store/keyring.js'
import { openSink } from './sinks/open-sink.js'

/** At the end, for what is due and can leave. */
const DRAIN_MS = 5_000
const SETTLE_MS = 5_000
const ABORT_MS = 2_000
const WATCH_MS = 1_000
const RETIRE_MS = 86_400_000
/** Longer than a packet is remembered, after which its being sent again is not recognized any more. */
const REDELIVERY_SPAN_MS = 2 * 3_600_000

export interface GatewayOptions extends CoreOptions {
  /** Whether changes of the configuration folder are followed; true where absent. */
  readonly watch?: boolean
}

export interface Gateway {
  readonly core: Core
  readonly outbox: LmdbOutbox
  readonly delivery: Delivery
  readonly quarantine: Quarantine
  readonly metrics: Metrics
  /** Fields that devices send and that no report type lists. */
  readonly drift: KeptDrift
  readonly rights: Rights
  /** What the run before left. */
  readonly found: Found
  /** What the start had to do again, or to finish. */
  readonly recovered: Recovered
  /** Told of everything the gateway does, in names and counts. Returns what ends the subscription. */
  observe (observer: Observe): () => void
  /** Tells all who observe, and the metrics, of what belongs to the gateway and is not part of it: its listeners. */
  readonly tell: Observe
  /** All of the policy in force that are switched on. */
  readonly recipients: readonly string[]
  /** Stops delivery, flushes and gives the data folder back. Close the broker first. */
  close (): Promise<void>
}

/**
 * Puts the gateway on a broker of yours.
 *
 * Its hooks join those already set: every one must agree. Give the broker's `handle` to your server after this call, so
 * that connections come through the gate.
 *
 * @throws ConfigurationError with all problems at once; CurtilageError data-locked, store-*, secret-unsafe, file-sink-folder
 */
export async function curtilage (broker: Aedes, options: GatewayOptions): Promise<Gateway> {
  const core = await openCore(options, 'gateway')
  try {
    return await assemble(broker, core, options)
  } catch (error) {
    await core.close()
    throw error
  }
}

async function assemble (broker: Aedes, core: Core, { config, watch = true }: GatewayOptions): Promise<Gateway> {
  const { inForce } = core
  const observers = new Set<Observe>()
  const emit: Observe = event => { for (const observer of observers) observer(event) }
  const outbox = openOutbox(core, delivered => core.counts.add(delivered, core.now(), account => core.registry.accounts.isStored(account)))
  const delivery = new Delivery({
    outbox,
    reconsider: waiting => {
      core.faults?.step?.('reconsider')
      core.store.watch.demandInPlace()
      return reconsider(waiting, waiting.header.account === undefined ? undefined : core.registry.consentOf(waiting.header.account), inForce.current.policy, core.now(), stillCovers)
    },
    clock: systemClock,
    random: Math.random,
    settleMs: SETTLE_MS,
    abortMs: ABORT_MS,
    onDelivered: (recipient, report, count) => emit({ type: 'delivered', recipient, report, count }),
    onWithheld: (recipient, reason, count) => emit({ type: 'withheld', recipient, reason, count }),
    onRefused: (recipient, reason, count) => emit({ type: 'dead-lettered', recipient, reason, count }),
    onTrouble: (recipient, error) => emit({ type: 'delivery-trouble', recipient, code: error instanceof CurtilageError ? error.code : 'internal' })
  })
  const quarantine = new Quarantine(randomBytes)
  const drift = keepDrift(core.store, core.now)
  const { traces } = inForce.current.gateway
  const tracing = traces === undefined ? undefined : (await import('./console/open-tracing.js')).openTracing(traces, Math.random)
  const intake = new IntakeDesk(core, outbox, quarantine, drift, emit, tracing)
  const { subscribers, connected } = install(broker, doorOf(core, intake, delivery, emit))
  // a credential became void: connections made with it end
  core.registry.onRevoked(identity => { for (const client of connected.of(identity)) client.close() })
  const names = (): string[] => inForce.current.policy.recipients.filter(({ enabled }) => enabled).map(({ name }) => name)
  const metrics = createMetrics({
    recipients: names,
    reports: () => [...inForce.current.policy.reports.keys()],
    depth: name => outbox.depth(name),
    bytes: name => outbox.bytes(name),
    oldestMs: name => outbox.oldestMs(name),
    deadLetters: name => outbox.deadLetterCount(name),
    isPaused: name => outbox.pauseOf(name) !== undefined,
    connections: () => connected.size,
    freeBytes: () => freeBytesOf(core.dataFolder),
    lastBackupMs: () => lastBackupMs(core.store),
    isPolicyWaiting: () => inForce.waiting !== undefined,
    isFolderRefused: () => inForce.folder !== undefined && 'problems' in inForce.folder,
    policyDigest: () => inForce.current.policy.digest
  }, core.now)
  observers.add(metrics.observe)
  const left = foundIn(outbox)
  let tornTails = 0
  const onTornTail = (): void => { tornTails++ }
  const turns = new FolderTurns()
  const rights = openRights(core, { outbox, turns, settle: async () => await delivery.settle(), observe: emit })
  const recovered = await recover(core, rights, emit)
  const onRetention = (recipient: string, removed: number | undefined): void => emit(removed === undefined ? { type: 'retention-trouble', recipient } : { type: 'days-removed', recipient, count: removed })
  const sinks = new RecipientSinks({
    delivery,
    open: async (name, sink) => withTraces(name, withFaults(await openSink(name, sink, { dataFolder: core.dataFolder, subscribers, nowMs: core.now, turns, onTornTail, onRetention }), core.faults), tracing)
  })
  await sinks.begin(inForce.current.policy, [...outbox.recipients(), ...outbox.deadLetters().map(({ recipient }) => recipient)])
  core.policies.attach({ prepare: async ({ policy }) => await sinks.prepare(policy), tell: told => emit(eventOf(told)) })
  // what goes wrong is told to those who observe
  const configurationWatch = watch ? new ConfigurationWatch({ folder: config, loaded: core.archive.folder ?? '', changed: async () => { await core.policies.reload('gateway').catch(() => {}) } }) : undefined
  let retiring = retireUnneeded(core)
  const daily = setInterval(() => { retiring = retiring.then(async () => await retireUnneeded(core)) }, RETIRE_MS).unref()
  const watching = setInterval(() => { if (core.store.watch.trouble() !== undefined) emit({ type: 'data-gone' }) }, WATCH_MS).unref()
  const sweeper = new Sweeper({
    outbox,
    clock: systemClock,
    retentionMs: () => inForce.current.gateway.limits.deadLetterRetentionMs,
    onExpired: (recipient, count) => emit({ type: 'dead-letters-gone', recipient, why: 'expired', count })
  })
  const upkeep = keepUp(core, rights)
  return {
    core,
    outbox,
    delivery,
    quarantine,
    metrics,
    drift,
    rights,
    found: { ...left, tornTails },
    recovered,
    get recipients () { return names() },
    tell: emit,
    observe: observer => {
      observers.add(observer)
      return () => { observers.delete(observer) }
    },
    close: async () => {
      await configurationWatch?.close()
      await core.policies.end()
      clearInterval(watching)
      clearInterval(daily)
      await retiring
      await upkeep.end()
      await drift.end()
      await delivery.drain(DRAIN_MS)
      await Promise.all([delivery.stop(), sweeper.stop()]).finally(async () => {
        await tracing?.end()
        await outbox.close()
        await core.close()
      })
    }
  }
}

function withFaults (sink: Sink, faults: Faults | undefined): Sink {
  if (faults === undefined) return sink
  const { maxBatch } = sink
  return { maxBatch, deliver: (batch, signal) => around(faults, 'deliver', () => sink.deliver(batch, signal)), close: () => sink.close() }
}

function withTraces (recipient: string, sink: Sink, tracing: Tracing | undefined): Sink {
  if (tracing === undefined) return sink
  const deliver: Sink['deliver'] = async (batch, signal) => {
    const ended = tracing.deliver(recipient, batch.length)
    try {
      const refusals = await sink.deliver(batch, signal)
      ended(refusals === undefined || refusals.length === 0 ? 'delivered' : 'refused')
      return refusals
    } catch (error) {
      ended(error instanceof CurtilageError ? error.code : 'internal')
      throw error
    }
  }
  return { maxBatch: sink.maxBatch, deliver, close: () => sink.close() }
}

function doorOf (core: Core, desk: IntakeDesk, delivery: Delivery, emit: Observe): Door {
  const { limits } = core.configuration.gateway
  const clientIdKey = randomBytes(32)
  return {
    authenticate: async (userName, password) => await around(core.faults, 'authenticate', async () => core.registry.authenticate(userName, password)),
    registered: async device => {
      const known = core.registry.devices.get(device)
      return known === undefined || core.registry.unfinished.isErasing(known.account) ? undefined : { kind: 'device', account: known.account, device }
    },
    take: report => { desk.take(report).then(mayBeShown => report.final(mayBeShown), () => report.failed()) },
    dropped: () => emit({ type: 'dropped' }),
    refused: reason => emit({ type: 'refused', reason }),
    recipientReady: recipient => delivery.wake(recipient),
    scopeClientId: (userName, clientId) => lettersOf(createHmac('sha256', clientIdKey).update(`${userName.length}:${userName}${clientId}`).digest().subarray(0, 12)),
    limits
  }
}

/** Takes reports from the broker through the pure path into the outbox, and tells what became of them. */
class IntakeDesk {
  readonly #core: Core
  readonly #outbox: LmdbOutbox
  readonly #quarantine: Quarantine
  readonly #drift: KeptDrift
  readonly #emit: Observe
  readonly #tracing: Tracing | undefined

  constructor (core: Core, outbox: LmdbOutbox, quarantine: Quarantine, drift: KeptDrift, emit: Observe, tracing: Tracing | undefined) {
    this.#core = core
    this.#outbox = outbox
    this.#quarantine = quarantine
    this.#drift = drift
    this.#emit = emit
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
      const path = takeReport(intake, trace === undefined ? context : { ...context, trace })
      const taken = path.outcome === 'quarantined' ? path : judgedOf(path, context.policy.nameDictionary)
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

  #redeliveryKey ({ device, payload }: Intake, { qos, dup, packetId }: Transport): RedeliveryKey | undefined {
    if (qos === 0 || packetId === undefined) return undefined
    const [fingerprint = '', ...earlier] = redeliveryKeys(this.#core.keyring, this.#core.now()).map(key =>
      lettersOf(createHmac('sha256', key).update(`${packetId}:`).update(payload).digest()))
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
