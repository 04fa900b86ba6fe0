import { deepStrictEqual, ok } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import { restore } from '../../src/guard/release.js'
import type { Disclosure } from '../../src/model/disclosure.js'
import { errorOf } from '../../src/model/errors.js'
import type { WithheldReason } from '../../src/model/reasons.js'
import { backoffMs } from '../../src/outbox/backoff.js'
import { systemClock } from '../../src/outbox/clock.js'
import type { Outbox } from '../../src/outbox/contract.js'
import { Delivery } from '../../src/outbox/delivery.js'
import type { DeliverySettings } from '../../src/outbox/delivery-loop.js'
import type { Reconsider } from '../../src/outbox/judge.js'
import { LmdbOutbox } from '../../src/outbox/lmdb-outbox.js'
import type { Refusal, Sink } from '../../src/outbox/sink.js'
import { openFileSink } from '../../src/sinks/file/file-sink.js'
import { openStore } from '../../src/store/store.js'
import { ChaosSink } from '../contract/chaos-sink.js'
import { entryOf, type Sample } from '../contract/disclosure-of.js'
import { emptyDisk, MemoryOutbox, type MemoryDisk } from '../contract/memory-outbox.js'
import { TestClock } from './test-clock.js'

const numRuns = Number(process.env['CURTILAGE_RUNS'] ?? (process.env['CI'] !== undefined ? 1000 : 200))

/** A sink that does as told. */
class TestSink implements Sink {
  maxBatch = 256
  readonly arrived: string[] = []
  calls = 0
  closed = false
  /** Settles the hand-over; called in the turn of `deliver`. */
  respond: (signal: AbortSignal, batch: readonly Disclosure[]) => Promise<readonly Refusal[] | void> = async () => {}

  async deliver (batch: readonly Disclosure[], signal: AbortSignal): Promise<readonly Refusal[]> {
    this.calls++
    const refusals = await this.respond(signal, batch) ?? []
    this.arrived.push(...batch.filter((_, at) => !refusals.some(({ index }) => index === at)).map(({ id }) => id))
    return refusals
  }

  async close (): Promise<void> {
    this.closed = true
  }
}

interface Bench {
  readonly clock: TestClock
  readonly outbox: Outbox
  readonly delivery: Delivery
  readonly log: string[]
}

function bench (t: Test, { reconsider = () => undefined, disk = emptyDisk(), outbox: given, ...more }: Partial<DeliverySettings> & { disk?: MemoryDisk } = {}): Bench {
  const clock = new TestClock()
  const outbox = given ?? new MemoryOutbox(disk, 10_000, () => clock.nowMs())
  const log: string[] = []
  const delivery = new Delivery({
    outbox,
    reconsider,
    clock,
    random: () => 0,
    settleMs: 5000,
    abortMs: 1000,
    onDelivered: (recipient, report, count) => log.push(`delivered ${recipient} ${report} ${count}`),
    onWithheld: (recipient, reason, count) => log.push(`withheld ${recipient} ${reason} ${count}`),
    onRefused: (recipient, reason, count) => log.push(`refused ${recipient} ${reason} ${count}`),
    onTrouble: (recipient, error) => log.push(`trouble ${recipient} ${(error as { code?: string }).code ?? 'no code'}`),
    ...more
  })
  t.teardown(async () => {
    const stopping = delivery.stop().catch(() => {})
    await clock.advance(5000)
    await clock.advance(1000)
    await stopping
  })
  return { clock, outbox, delivery, log }
}

async function append (outbox: Outbox, ...samples: Sample[]): Promise<void> {
  await outbox.append(samples.map(entryOf))
}

async function untilAborted (signal: AbortSignal): Promise<void> {
  await new Promise((_resolve, reject) => { signal.addEventListener('abort', () => { reject(new Error('aborted')) }) })
}

t.test('delivery: disclosures wait and others come -> all arrive in order, are acked and counted', async t => {
  const { clock, outbox, delivery, log } = bench(t)
  const sink = new TestSink()
  await append(outbox, { id: 'g' }, { id: 'h' }, { id: 'i', report: 'sysinfo' })
  delivery.start('analytics', sink)
  await clock.until(() => outbox.depth('analytics') === 0)
  await append(outbox, { id: 'j' })
  await clock.until(() => outbox.depth('analytics') === 0)
  t.same(sink.arrived, ['g', 'h', 'i', 'j'])
  await clock.until(() => log.length === 3)
  t.same(log, ['delivered analytics motion 2', 'delivered analytics sysinfo 1', 'delivered analytics motion 1'])
  t.throws(() => { delivery.start('analytics', sink) }, TypeError)
})

t.test('delivery: a sink with a small batch -> is given no more than that', async t => {
  const { clock, outbox, delivery } = bench(t)
  const sink = new TestSink()
  sink.maxBatch = 2
  await append(outbox, ...['g', 'h', 'i', 'j', 'k'].map(id => ({ id })))
  delivery.start('analytics', sink)
  await clock.until(() => outbox.depth('analytics') === 0)
  t.equal(sink.calls, 3)
})

t.test('delivery: one recipient is down, another hangs -> a third gets its disclosures', async t => {
  const { clock, outbox, delivery } = bench(t)
  const [down, hanging, fine] = [new TestSink(), new TestSink(), new TestSink()]
  down.respond = async () => { throw errorOf('recipient-not-connected') }
  hanging.respond = untilAborted
  delivery.start('down', down)
  delivery.start('hanging', hanging)
  delivery.start('fine', fine)
  for (const id of ['g', 'h', 'i']) await append(outbox, ...['down', 'hanging', 'fine'].map(recipient => ({ id: `${recipient}-${id}`, recipient })))
  await clock.until(() => outbox.depth('fine') === 0)
  t.same(fine.arrived, ['fine-g', 'fine-h', 'fine-i'])
  t.equal(outbox.depth('down') + outbox.depth('hanging'), 6)
})

t.test('delivery: the sink fails -> waits longer each time, not cut short by news, but by a wake', async t => {
  const { clock, outbox, delivery, log } = bench(t)
  const sink = new TestSink()
  sink.respond = async () => { throw errorOf('recipient-not-connected') }
  delivery.start('analytics', sink)
  await append(outbox, { id: 'g' })
  await clock.advance(0)
  t.equal(sink.calls, 1)
  await append(outbox, { id: 'h' })
  await clock.advance(99)
  t.equal(sink.calls, 1)
  await clock.advance(1)
  t.equal(sink.calls, 2)
  await clock.advance(199)
  t.equal(sink.calls, 2)
  await clock.advance(1)
  t.equal(sink.calls, 3)
  sink.respond = async () => {}
  delivery.wake('analytics')
  await nextTurn()
  t.same(sink.arrived, ['g', 'h'])
  t.equal(log.filter(line => line === 'trouble analytics recipient-not-connected').length, 3)
  t.equal(clock.waiting, 0)
})

t.test('backoff: failures in a row -> doubles, up to 30 s, the random part at most half', async t => {
  t.same([0, 1, 2, 7, 8, 100].map(failures => backoffMs(failures, 0)), [100, 200, 400, 12_800, 15_000, 15_000])
  t.equal(backoffMs(100, 1), 30_000)
})

t.test('delivery: asked again on the way out and the answer is no -> withheld with the reason, counted, the others leave', async t => {
  const answers: Record<string, WithheldReason> = { b: 'consent-withdrawn', c: 'policy-narrowed' }
  const asked: unknown[] = []
  const { clock, outbox, delivery, log } = bench(t, { reconsider: waiting => { asked.push(waiting); return answers[waiting.header.account ?? ''] } })
  const sink = new TestSink()
  await append(outbox, ...['a', 'b', 'c', 'b'].map((account, i) => ({ id: `g${i}`, account })))
  delivery.start('analytics', sink)
  await clock.until(() => outbox.depth('analytics') === 0)
  t.same(sink.arrived, ['g0'])
  t.same(log.sort(), ['delivered analytics motion 1', 'withheld analytics consent-withdrawn 2', 'withheld analytics policy-narrowed 1'])
  t.match(asked[0], { recipient: 'analytics', report: 'motion', header: { account: 'a' } })
})

t.test('delivery: consent changes in the next microtask -> the sink was called in the turn of the question', async t => {
  let consent: WithheldReason | undefined
  const reconsider: Reconsider = () => {
    const answer = consent
    queueMicrotask(() => { consent = 'consent-withdrawn' })
    return answer
  }
  const { clock, outbox, delivery } = bench(t, { reconsider })
  const sink = new TestSink()
  const consentAtHandOver: unknown[] = []
  sink.respond = async () => { consentAtHandOver.push(consent) }
  await append(outbox, { id: 'g' }, { id: 'h' })
  delivery.start('analytics', sink)
  await clock.until(() => outbox.depth('analytics') === 0)
  t.same(consentAtHandOver, [undefined])
  await append(outbox, { id: 'i' })
  await clock.until(() => outbox.depth('analytics') === 0)
  t.same(sink.arrived, ['g', 'h'])
})

t.test('delivery: asking fails -> those stay and are asked again, the others leave', async t => {
  let broken = true
  const reconsider: Reconsider = ({ header }) => {
    if (broken && header.account === 'b') throw errorOf('outbox-read')
    return undefined
  }
  const { clock, outbox, delivery, log } = bench(t, { reconsider })
  const sink = new TestSink()
  await append(outbox, { id: 'g', account: 'b' }, { id: 'h', account: 'a' })
  delivery.start('analytics', sink)
  await clock.until(() => log.includes('trouble analytics outbox-read'))
  t.same(sink.arrived, ['h'])
  t.equal(outbox.depth('analytics'), 1)
  broken = false
  await clock.until(() => outbox.depth('analytics') === 0)
  t.same(sink.arrived, ['h', 'g'])
})

t.test('delivery: what the disk holds is no disclosure any more -> withheld as guard-alarm', async t => {
  const store = openStore(t.testdir())
  t.teardown(async () => { await store.close() })
  const make = (restored: typeof restore) => new LmdbOutbox({ database: store.database('outbox'), restore: restored, maxEntries: 10, nowMs: () => 0 })
  await append(make(restore), { id: 'g' }, { id: 'h' })
  const outbox = make(stored => stored.id === 'g' ? undefined : restore(stored))
  const { clock, delivery, log } = bench(t, { outbox })
  const sink = new TestSink()
  delivery.start('analytics', sink)
  await clock.until(() => log.length === 2)
  t.same(sink.arrived, ['h'])
  t.ok(log.includes('withheld analytics guard-alarm 1'))
  t.equal(outbox.depth('analytics'), 0)
  await delivery.stop()
  await outbox.close()
})

t.test('delivery: release interval -> nothing leaves before its end, all of it then', async t => {
  const { clock, outbox, delivery } = bench(t)
  const sink = new TestSink()
  delivery.start('analytics', sink)
  await append(outbox, { id: 'g', notBeforeMs: 900_000 }, { id: 'h', notBeforeMs: 900_000 }, { id: 'i', notBeforeMs: 1_800_000 })
  await clock.advance(899_999)
  t.same(sink.arrived, [])
  await clock.advance(1)
  t.same(sink.arrived, ['g', 'h'])
  await append(outbox, { id: 'j' })
  await nextTurn()
  t.same(sink.arrived, ['g', 'h', 'j'])
  await clock.advance(900_000)
  t.same(sink.arrived, ['g', 'h', 'j', 'i'])
})

t.test('delivery: the ack fails -> not sent again, acked first when the store works', async t => {
  const memory = new MemoryOutbox(emptyDisk(), 100, () => 0)
  let broken = true
  const ack = memory.ack.bind(memory)
  memory.ack = async (recipient, sequences) => { if (broken) throw errorOf('outbox-write'); await ack(recipient, sequences) }
  const { clock, delivery, log } = bench(t, { outbox: memory })
  const sink = new TestSink()
  delivery.start('analytics', sink)
  await append(memory, { id: 'g' })
  await clock.until(() => log.filter(line => line.startsWith('trouble')).length === 3)
  t.same(sink.arrived, ['g'])
  broken = false
  await clock.until(() => memory.depth('analytics') === 0)
  await clock.until(() => log.includes('delivered analytics motion 1'))
  t.same(sink.arrived, ['g'])
})

t.test('delivery: the outbox cannot be read -> tries again', async t => {
  const memory = new MemoryOutbox(emptyDisk(), 100, () => 0)
  const claim = memory.claim.bind(memory)
  memory.claim = () => { throw errorOf('outbox-read') }
  const { clock, delivery, log } = bench(t, { outbox: memory })
  const sink = new TestSink()
  delivery.start('analytics', sink)
  await append(memory, { id: 'g' })
  await clock.until(() => log.includes('trouble analytics outbox-read'))
  memory.claim = claim
  await clock.until(() => sink.arrived.length === 1)
})

t.test('delivery: the sink refuses some for good -> they are dead letters, the others arrive, and it goes on', async t => {
  const { clock, outbox, delivery, log } = bench(t)
  const sink = new TestSink()
  sink.respond = async (_signal, batch) => batch.flatMap(({ id }, index) => id === 'h' ? [{ index, reason: 'http-422' }] : id === 'i' ? [{ index, reason: 'Your secret is x' }] : [])
  delivery.start('analytics', sink)
  await append(outbox, { id: 'g' }, { id: 'h' }, { id: 'i' }, { id: 'j' })
  await clock.until(() => outbox.depth('analytics') === 0)
  await append(outbox, { id: 'k' })
  await clock.until(() => sink.arrived.length === 3)
  t.same(sink.arrived, ['g', 'j', 'k'])
  t.match(outbox.deadLetters(), [{ id: 'h', reason: 'http-422' }, { id: 'i', reason: 'refused' }])
  t.ok(log.includes('delivered analytics motion 2'))
  t.ok(log.includes('refused analytics http-422 1') && log.includes('refused analytics refused 1'), 'what is no plain word is not passed on')
})

t.test('dead letter, retry: consent and policy are asked again -> what they forbid now is withheld', async t => {
  const answers: WithheldReason[] = []
  const { clock, outbox, delivery, log } = bench(t, { reconsider: () => answers[0] })
  const sink = new TestSink()
  sink.respond = async (_signal, batch) => batch.map((_, index) => ({ index, reason: 'http-400' }))
  delivery.start('analytics', sink)
  await append(outbox, { id: 'g' })
  await clock.until(() => outbox.deadLetters().length === 1)
  sink.respond = async () => {}
  answers.push('consent-withdrawn')
  await outbox.retry(() => true)
  await clock.until(() => log.includes('withheld analytics consent-withdrawn 1'))
  t.same([sink.arrived, outbox.deadLetters(), outbox.depth('analytics')], [[], [], 0])
})

t.test('dead letters, as many as may be kept -> delivery to that recipient stops, and goes on when there is room', async t => {
  const clock = new TestClock()
  const memory = new MemoryOutbox(emptyDisk(), 100, () => clock.nowMs(), undefined, 3)
  const { delivery, log, clock: own } = bench(t, { outbox: memory })
  const [sink, other] = [new TestSink(), new TestSink()]
  sink.respond = async (_signal, batch) => batch.map((_, index) => ({ index, reason: 'http-400' }))
  delivery.start('analytics', sink)
  delivery.start('health', other)
  await append(memory, ...['g', 'h', 'i', 'j', 'k'].map(id => ({ id })))
  await own.until(() => delivery.troubleOf('analytics')?.code === 'dead-letters-full')
  const { calls } = sink
  await append(memory, { id: 'l' }, { id: 'm', recipient: 'health' })
  await own.until(() => memory.depth('health') === 0)
  await own.advance(100_000)
  t.equal(sink.calls, calls)
  t.equal(memory.deadLetters().length, 3, 'never more than the bound')
  t.equal(memory.depth('analytics'), 3)
  t.equal(log.filter(line => line === 'trouble analytics dead-letters-full').length, 1)
  sink.respond = async () => {}
  await memory.discard(({ id }) => id === 'g')
  await own.until(() => memory.depth('analytics') === 0)
  t.same(sink.arrived, ['j', 'k', 'l'])
  t.equal(delivery.troubleOf('analytics'), undefined)
})

t.test('delivery: the recipient asks for time -> not sooner, whatever wakes it; never longer than an hour', async t => {
  const { clock, outbox, delivery } = bench(t)
  const sink = new TestSink()
  const fail = (retryAfterMs: unknown) => { sink.respond = async () => { throw Object.assign(new Error('busy'), { retryAfterMs }) } }
  delivery.start('analytics', sink)
  fail(120_000)
  await append(outbox, { id: 'g' })
  await clock.advance(0)
  t.equal(sink.calls, 1)
  delivery.wake('analytics')
  await clock.advance(119_999)
  delivery.wake('analytics')
  await clock.advance(0)
  t.equal(sink.calls, 1)
  fail(1e12)
  await clock.advance(1)
  t.equal(sink.calls, 2)
  await clock.advance(3_599_999)
  t.equal(sink.calls, 2)
  fail(Number.NaN)
  await clock.advance(1)
  t.equal(sink.calls, 3)
  sink.respond = async () => {}
  await clock.advance(30_000)
  t.same(sink.arrived, ['g'])
})

t.test('trouble: told since when and by its code -> until something works again', async t => {
  const { clock, outbox, delivery } = bench(t)
  const sink = new TestSink()
  sink.respond = async () => { throw errorOf('recipient-not-connected') }
  await clock.advance(500)
  delivery.start('analytics', sink)
  t.equal(delivery.troubleOf('analytics'), undefined)
  await append(outbox, { id: 'g' })
  await clock.advance(0)
  await clock.advance(10_000)
  t.same(delivery.troubleOf('analytics'), { sinceMs: 500, code: 'recipient-not-connected' })
  sink.respond = async () => { throw new Error('anything') }
  await clock.advance(60_000)
  t.same(delivery.troubleOf('analytics'), { sinceMs: 500, code: 'internal' })
  sink.respond = async () => {}
  await clock.until(() => outbox.depth('analytics') === 0)
  await clock.until(() => delivery.troubleOf('analytics') === undefined)
  t.equal(delivery.troubleOf('nobody'), undefined)
})

t.test('pause: while a batch is under way -> nothing is handed over after it, and settling waits for it alone', async t => {
  const { clock, outbox, delivery } = bench(t)
  const [sink, hanging] = [new TestSink(), new TestSink()]
  let release = () => {}
  sink.maxBatch = 1
  sink.respond = async () => await new Promise(resolve => { release = resolve })
  hanging.respond = async () => await new Promise(() => {})
  delivery.start('analytics', sink)
  delivery.start('health', hanging)
  await append(outbox, { id: 'g' }, { id: 'h' }, { id: 'i', recipient: 'health' })
  await clock.until(() => sink.calls === 1 && hanging.calls === 1)
  const pausing = outbox.pause('analytics', { reason: 'stop', by: 'ops', atMs: 1 })
  await pausing
  const settling = delivery.settle('analytics')
  release()
  await settling
  await clock.advance(100_000)
  t.equal(sink.calls, 1)
  t.same(sink.arrived, ['g'])
})

t.test('settle: arrived and not recorded as such -> an error, since whoever asks next would not learn of it', async t => {
  const memory = new MemoryOutbox(emptyDisk(), 100, () => 0)
  const ack = memory.ack.bind(memory)
  memory.ack = async () => { throw errorOf('outbox-write') }
  const { clock, delivery, log } = bench(t, { outbox: memory })
  delivery.start('analytics', new TestSink())
  await append(memory, { id: 'g' })
  await clock.until(() => log.includes('trouble analytics outbox-write'))
  await t.rejects(delivery.settle(), { code: 'delivery-unsettled' })
  memory.ack = ack
  await clock.until(() => memory.depth('analytics') === 0)
  await delivery.settle()
})

t.test('settle: nothing under way -> at once', async t => {
  const { delivery } = bench(t)
  delivery.start('analytics', new TestSink())
  await delivery.settle()
})

t.test('settle: a send under way -> waits for it, and not for those that come after', async t => {
  const { clock, outbox, delivery } = bench(t)
  const sink = new TestSink()
  const releases: Array<() => void> = []
  sink.respond = async () => await new Promise(resolve => { releases.push(resolve) })
  delivery.start('analytics', sink)
  await append(outbox, { id: 'g' })
  await clock.until(() => sink.calls === 1)
  await append(outbox, { id: 'h' })
  let settled = false
  const settling = delivery.settle().then(() => { settled = true })
  await nextTurn()
  t.notOk(settled)
  releases[0]!()
  await settling
  await clock.until(() => sink.calls === 2)
  t.same(sink.arrived, ['g'])
  releases[1]!()
})

t.test('settle: a send takes too long -> aborted, and comes again', async t => {
  const { clock, outbox, delivery } = bench(t)
  const sink = new TestSink()
  sink.respond = untilAborted
  delivery.start('analytics', sink)
  await append(outbox, { id: 'g' })
  await clock.until(() => sink.calls === 1)
  const settling = delivery.settle()
  await clock.advance(5000)
  await settling
  t.same(sink.arrived, [])
  sink.respond = async () => {}
  await clock.until(() => sink.arrived.length === 1)
})

t.test('settle, stop: a sink that ignores the abort -> an error', async t => {
  const { clock, outbox, delivery } = bench(t)
  const sink = new TestSink()
  sink.respond = async () => await new Promise(() => {})
  delivery.start('analytics', sink)
  await append(outbox, { id: 'g' })
  await clock.until(() => sink.calls === 1)
  const settling = delivery.settle()
  settling.catch(() => {})
  await clock.advance(5000)
  await clock.advance(1000)
  await t.rejects(settling, { code: 'delivery-unsettled' })
  const stopping = delivery.stop()
  stopping.catch(() => {})
  await clock.advance(5000)
  await clock.advance(1000)
  await t.rejects(stopping, { code: 'delivery-unsettled' })
  t.notOk(sink.closed)
})

t.test('pause, resume: paused -> nothing more is claimed until it is resumed', async t => {
  const { clock, outbox, delivery } = bench(t)
  const sink = new TestSink()
  delivery.start('analytics', sink)
  await outbox.pause('analytics', { reason: 'looking into it', by: 'ops', atMs: 1 })
  await append(outbox, { id: 'g' })
  await clock.advance(100_000)
  const before = [...sink.arrived]
  await append(outbox, { id: 'h' })
  await clock.advance(100_000)
  t.same(sink.arrived, before)
  await outbox.resume('analytics')
  await clock.until(() => outbox.depth('analytics') === 0)
  t.same(sink.arrived, ['g', 'h'])
})

t.test('drain: some is due, a recipient is down, one waits for its interval -> what can leave has left, the rest is not waited for', async t => {
  const { outbox, delivery } = bench(t)
  const [up, down, later] = [new TestSink(), new TestSink(), new TestSink()]
  up.maxBatch = 1
  up.respond = async () => { await nextTurn() }
  down.respond = async () => { throw errorOf('file-sink-write') }
  for (const [name, sink] of [['up', up], ['down', down], ['later', later]] as const) delivery.start(name, sink)
  await append(outbox, ...['ug', 'uh', 'ui', 'uj'].map(id => ({ id, recipient: 'up' })), { id: 'dg', recipient: 'down' }, { id: 'lg', recipient: 'later', notBeforeMs: Number.MAX_SAFE_INTEGER })
  await delivery.drain(1_000)
  t.same(up.arrived, ['ug', 'uh', 'ui', 'uj'])
  t.equal(down.calls, 1)
  t.equal(later.calls, 0)
  await delivery.stop()
})

t.test('drain: a sink hangs -> given up in time', async t => {
  const { clock, outbox, delivery } = bench(t)
  const sink = new TestSink()
  sink.respond = async signal => await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(errorOf('file-sink-write'))))
  delivery.start('up', sink)
  await append(outbox, { id: 'ug', recipient: 'up' })
  await clock.until(() => sink.calls === 1)
  const drained = delivery.drain(1_000)
  await clock.advance(1_000)
  await drained
  t.equal(outbox.depth('up'), 1)
})

t.test('stop, end: a send under way -> drained, the sink closed, the rest stays', async t => {
  const { clock, outbox, delivery } = bench(t)
  const sinks = [new TestSink(), new TestSink()]
  const [first, second] = sinks as [TestSink, TestSink]
  let release = () => {}
  first.maxBatch = 1
  first.respond = async () => await new Promise(resolve => { release = resolve })
  delivery.start('analytics', first)
  delivery.start('health', second)
  await append(outbox, { id: 'g' }, { id: 'h' })
  await clock.until(() => first.calls === 1)
  await delivery.end('health')
  t.ok(second.closed)
  const stopping = delivery.stop()
  release()
  await stopping
  t.ok(first.closed)
  t.same(first.arrived, ['g'])
  t.equal(outbox.depth('analytics'), 1)
  await append(outbox, { id: 'i' })
  await delivery.end('nobody')
})

t.test('INVARIANT: what was acknowledged to a device is delivered at least once, through failing sinks and restarts, or withheld for a counted reason', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom('append', 'restart', 'turn', 'pause', 'resume', 'retry'), { minLength: 1, maxLength: 30 }), fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 5, maxLength: 50 }), async (steps, numbers) => {
    let at = 0
    const random = () => numbers[at++ % numbers.length]! / (1 + at / 200)
    const calming = () => 1 - random() ** 2
    const [disk, clock] = [emptyDisk(), new TestClock()]
    const withheld: string[] = []
    const sinks: ChaosSink[] = []
    let refusing = true
    const refuses = (id: string) => refusing && id.endsWith('3')
    const open = () => {
      const sink = new ChaosSink({ random: calming, maxBatch: 3, refuses })
      sinks.push(sink)
      const outbox = new MemoryOutbox(disk, 1000, () => clock.nowMs())
      const delivery = new Delivery({
        outbox,
        clock,
        random,
        settleMs: 10,
        abortMs: 10,
        reconsider: ({ header }) => header.account === 'b' ? 'consent-denied' : undefined,
        onDelivered: () => {},
        onWithheld: (_recipient, reason, count) => withheld.push(...Array<string>(count).fill(reason)),
        onRefused: () => {},
        onTrouble: () => {}
      })
      delivery.start('analytics', sink)
      return { outbox, delivery }
    }
    let { outbox, delivery } = open()
    const acknowledged: string[] = []
    let denied = 0
    for (const [i, step] of steps.entries()) {
      if (step === 'turn') await clock.advance(300)
      if (step === 'append') {
        await append(outbox, { id: `g${i}` }, { id: `h${i}`, account: 'b' })
        acknowledged.push(`g${i}`)
        denied++
      }
      if (step === 'pause') await outbox.pause('analytics', { reason: 'a test', by: 'ops', atMs: i })
      if (step === 'resume') await outbox.resume('analytics')
      if (step === 'retry') await outbox.retry(() => true)
      if (step === 'restart') {
        await delivery.stop();
        ({ outbox, delivery } = open())
      }
    }
    const arrived = () => sinks.flatMap(({ arrived }) => arrived.map(({ id }) => id))
    await outbox.resume('analytics')
    await clock.until(() => outbox.depth('analytics') === 0)
    deepStrictEqual([...new Set([...arrived(), ...outbox.deadLetters().map(({ id }) => id)])].sort(), acknowledged.sort())
    ok(arrived().every(id => !id.endsWith('3')))
    refusing = false
    await outbox.retry(() => true)
    await clock.until(() => outbox.depth('analytics') === 0)
    await delivery.stop()
    deepStrictEqual([...new Set(arrived())].sort(), acknowledged)
    ok(outbox.deadLetters().length === 0 && withheld.length === denied)
  }), { numRuns })
})

t.test('INVARIANT: after a withdrawal or an erasure is acknowledged, nothing more of it leaves', async () => {
  await fc.assert(fc.asyncProperty(fc.nat(12), fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }), fc.boolean(), async (turns, delays, purges) => {
    const [clock, withdrawn] = [new TestClock(), new Set<string>()]
    const outbox = new MemoryOutbox(emptyDisk(), 1000, () => clock.nowMs())
    const sink = new TestSink()
    sink.maxBatch = 2
    let call = 0
    sink.respond = async signal => {
      for (let i = delays[call++ % delays.length]!; i > 0; i--) await nextTurn()
      signal.throwIfAborted()
    }
    const delivery = new Delivery({
      outbox,
      clock,
      random: () => 0,
      settleMs: 10,
      abortMs: 10,
      reconsider: ({ header }) => withdrawn.has(header.account ?? '') ? 'consent-withdrawn' : undefined,
      onDelivered: () => {},
      onWithheld: () => {},
      onRefused: () => {},
      onTrouble: () => {}
    })
    delivery.start('analytics', sink)
    for (let i = 0; i < 8; i++) await append(outbox, { id: `a${i}`, account: 'a' }, { id: `b${i}`, account: 'b' })
    for (let i = 0; i < turns; i++) await nextTurn()
    withdrawn.add('a')
    if (purges) await outbox.purge(({ account }) => account === 'a')
    await delivery.settle()
    const acknowledged = sink.arrived.length
    await clock.until(() => outbox.depth('analytics') === 0)
    await delivery.stop()
    ok(sink.arrived.slice(acknowledged).every(id => id.startsWith('b')))
    ok(sink.arrived.filter(id => id.startsWith('b')).length === 8)
  }), { numRuns })
})

t.test('delivery from disk to file: appended -> a line in the file of the day; after a restart only what was not acked', async t => {
  const folder = t.testdir()
  const recipients = join(folder, 'recipients')
  const lines = () => readdirSync(recipients, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ndjson'))
    .flatMap(path => readFileSync(join(recipients, path), 'utf8').split('\n').slice(0, -1))
  const store = openStore(folder)
  t.teardown(async () => { await store.close() })
  for (const round of [1, 2]) {
    const outbox = new LmdbOutbox({ database: store.database('outbox'), restore, maxEntries: 1000, nowMs: Date.now })
    const { delivery } = bench(t, { outbox, clock: systemClock })
    delivery.start('analytics', await openFileSink({ recipients, folder: 'analytics', nowMs: Date.now }))
    await Promise.all(Array.from({ length: 100 }, async (_, i) => { await append(outbox, { id: `g${round}-${i}` }) }))
    while (lines().length < round * 100) await nextTurn()
    await delivery.stop()
    t.equal(outbox.depth('analytics'), 0)
    await outbox.close()
  }
  t.same(lines().map(line => (JSON.parse(line) as { id: string }).id).sort(), [1, 2].flatMap(round => Array.from({ length: 100 }, (_, i) => `g${round}-${i}`)).sort())
})
