/**
 * The composition root: puts the path of a report on a broker.
 *
 * The only file that sees every folder. What happens to a report is told in `pipeline.ts`.
 */

import { createHmac, randomBytes } from 'node:crypto'
import type { Aedes } from 'aedes'
import type { Door } from './broker/door.js'
import { install } from './broker/install.js'
import { Quarantine } from './classify/quarantine.js'
import { AlarmHistory } from './console/alarms/alarm-history.js'
import { StandingConsents } from './consent/standing/standing-consents.js'
import { createMetrics, type Metrics } from './console/metrics.js'
import { openCore, type Core, type CoreOptions } from './core.js'
import { keepDrift, type KeptDrift } from './drift/keep-drift.js'
import { around, type Faults } from './faults.js'
import { IntakeDesk } from './intake-desk.js'
import { LastQuestion } from './last-question.js'
import { lettersOf } from './letters.js'
import { systemClock } from './outbox/clock.js'
import { Delivery } from './outbox/delivery.js'
import { openOutbox } from './open-outbox.js'
import type { LmdbOutbox } from './outbox/lmdb-outbox.js'
import { foundIn, type Found } from './outbox/found.js'
import type { Sink } from './outbox/sink.js'
import { Sweeper } from './outbox/sweeper.js'
import { CurtilageError } from './model/errors.js'
import type { Observe } from './model/events.js'
import { eventOf } from './policy/policy-event.js'
import { ConfigurationWatch } from './policy/watch-folder.js'
import type { Tracing } from './trace.js'
import { RecipientSinks } from './recipient-sinks.js'
import { openRights, recover, type Recovered } from './rights/open-rights.js'
import type { Rights } from './rights/rights.js'
import { keepUp } from './rights/upkeep.js'
import { retireUnneeded } from './rotation.js'
import { FolderTurns } from './sinks/file/folder-turns.js'
import { lastBackupMs } from './store/last-backup.js'
import { freeBytesOf } from './store/free-space.js'
import { openSink } from './sinks/open-sink.js'

/** At the end, for what is due and can leave. */
const DRAIN_MS = 5_000
const SETTLE_MS = 5_000
const ABORT_MS = 2_000
const WATCH_MS = 1_000
const RETIRE_MS = 86_400_000

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
  /** What a person should look at, of the last day. */
  readonly alarms: AlarmHistory
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
  const outbox = openOutbox(core)
  const standing = new StandingConsents({
    ledger: core.ledger,
    purposes: [...inForce.current.policy.purposes.keys()],
    seed: randomBytes(4).readUInt32LE(),
    now: core.now,
    onTrouble: () => process.emitWarning('what consents stand is not held in memory any more: the ledger is asked', 'CurtilageWarning')
  })
  const lastQuestion = new LastQuestion(core, standing)
  const delivery = new Delivery({
    outbox,
    reconsider: waiting => lastQuestion.ask(waiting),
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
  const intake = new IntakeDesk(core, outbox, quarantine, drift, emit, standing, tracing)
  // of what is taken back nothing may be remembered
  observers.add(({ type }) => { if (type === 'taken-back') intake.forget() })
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
  const alarms = new AlarmHistory(core.now)
  observers.add(alarms.observe)
  const left = foundIn(outbox)
  let tornTails = 0
  const onTornTail = (): void => { tornTails++ }
  const turns = new FolderTurns()
  const rights = openRights(core, { outbox, turns, settle: async () => await delivery.settle(), observe: emit })
  const recovered = await recover(core, rights, outbox, emit)
  // in the background: until it is full, the ledger is asked
  standing.fill().catch(() => {})
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
    alarms,
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
      standing.close()
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
