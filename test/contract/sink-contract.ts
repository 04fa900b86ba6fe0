/** What every sink must do, run against each; and more of those whose recipient has a server elsewhere. */

import { existsSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import type { Test } from 'tap'
import type { Disclosure } from '../../src/model/disclosure.js'
import type { Refusal, Sink } from '../../src/outbox/sink.js'
import type { ChaosProxy, Fault, Stalled } from './chaos-proxy.js'
import { disclosureOf } from './disclosure-of.js'

export interface SinkUnderTest {
  readonly sink: Sink
  /** Lines that have reached the recipient, in order. */
  arrived (): Promise<string[]>
}

export type MakeSink = (t: Test) => Promise<SinkUnderTest>

export interface Traits {
  /** Why it cannot be tried here; false: it can. */
  readonly skip?: string | false
  /** What comes again under the same id is left out. */
  readonly deduplicates?: boolean
}

export function sinkContract (t: Test, name: string, make: MakeSink, { skip = false, deduplicates = false }: Traits = {}): void {
  t.test(`${name}: a batch -> has arrived whole and in order when deliver resolves`, { skip }, async t => {
    const { sink, arrived } = await make(t)
    const batch = batchOf(0, sink.maxBatch)
    t.same(await sink.deliver(batch, noAbort()) ?? [], [])
    t.same(await arrived(), linesOf(batch))
    await sink.close()
  })

  t.test(`${name}: batches -> arrive one after the other`, { skip }, async t => {
    const { sink, arrived } = await make(t)
    const batches = [batchOf(0, 3), batchOf(3, 1), batchOf(4, 2)]
    for (const batch of batches) await sink.deliver(batch, noAbort())
    t.same(await arrived(), linesOf(batches.flat()))
    await sink.close()
  })

  t.test(`${name}: large disclosures and characters of all kinds -> arrive byte for byte`, { skip }, async t => {
    const { sink, arrived } = await make(t)
    const batch = [disclosureOf({ id: 'gg', size: 250_000 }), disclosureOf({ id: 'gh', filling: 'ü€😀\\"\u2028' }), disclosureOf({ id: 'gi', size: 0 })]
    await sink.deliver(batch, noAbort())
    t.same(await arrived(), linesOf(batch))
    await sink.close()
  })

  t.test(`${name}: the same batch again -> under the same ids, ${deduplicates ? 'left out' : 'arrives again'}`, { skip }, async t => {
    const { sink, arrived } = await make(t)
    const batch = batchOf(0, 2)
    await sink.deliver(batch, noAbort())
    await sink.deliver(batch, noAbort())
    t.same(await arrived(), linesOf(deduplicates ? batch : [...batch, ...batch]))
    await sink.close()
  })

  t.test(`${name}: aborted before it begins -> rejects, nothing arrives`, { skip }, async t => {
    const { sink, arrived } = await make(t)
    await t.rejects(sink.deliver(batchOf(0, 2), AbortSignal.abort()))
    t.same(await arrived(), [])
    await sink.deliver(batchOf(2, 1), noAbort())
    t.same(await arrived(), linesOf(batchOf(2, 1)), 'and goes on')
    await sink.close()
  })

  t.test(`${name}: aborted under way -> settles, and the same again arrives`, { skip }, async t => {
    const { sink, arrived } = await make(t)
    const batch = batchOf(0, 2)
    for (const opened of [false, true]) {
      const controller = new AbortController()
      const delivering = sink.deliver(batch, controller.signal)
      controller.abort()
      await Promise.allSettled([delivering])
      await sink.deliver(batch, noAbort())
      t.same(firsts(await arrived()), linesOf(batch), opened ? 'over a connection that was there' : 'while connecting')
    }
    await sink.close()
  })

  t.test(`${name}: closed twice, and with nothing delivered -> resolves`, { skip }, async t => {
    const { sink } = await make(t)
    await sink.close()
    await sink.close()
  })
}

export interface UnreliableSink extends SinkUnderTest {
  readonly refuses: (disclosure: Disclosure) => boolean
}

/** For a sink that fails at random, and refuses some for good: what the outbox makes of it. */
export function unreliableSinkContract (t: Test, name: string, make: (random: () => number) => Promise<UnreliableSink>, { numRuns }: { numRuns: number }): void {
  t.test(`${name}: failures before, amid and after, and aborts -> tried again, all arrive at least once, in order, but for those refused`, async t => {
    const draws = fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))
    await fc.assert(fc.asyncProperty(draws, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }), fc.array(fc.boolean(), { maxLength: 20 }), async (draws, counts, aborts) => {
      const { sink, arrived, refuses } = await make(() => draws.next().value as number)
      let next = 0
      for (const count of counts) {
        const batch = batchOf(next, count)
        next += count
        const refusals = await untilSettled(sink, batch, aborts)
        t.same(refusals.map(({ index }) => index), batch.flatMap((disclosure, index) => refuses(disclosure) ? [index] : []))
      }
      t.same(firsts(await arrived()), linesOf(batchOf(0, next).filter(disclosure => !refuses(disclosure))))
      await sink.close()
    }), { numRuns })
  })
}

/** Tries until it resolves; aborts while there are turns for it. */
async function untilSettled (sink: Sink, batch: readonly Disclosure[], aborts: boolean[]): Promise<readonly Refusal[]> {
  for (;;) {
    const controller = new AbortController()
    const delivering = sink.deliver(batch, controller.signal)
    if (aborts.pop() === true) setImmediate(() => { controller.abort(new Error('enough')) })
    try {
      return await delivering ?? []
    } catch (error) {
      if (!/^(chaos|enough)$/.test((error as Error).message)) throw error
    }
  }
}

export interface Server {
  start (): Promise<void>
  /** As kill -9. */
  kill (): Promise<void>
  /** Takes connections and bytes, and answers nothing. */
  freeze (): Promise<void>
  thaw (): void
}

export interface RemoteUnderTest extends SinkUnderTest {
  /** Its own; running. */
  readonly server: Server
  /** Between sink and server. */
  readonly proxy: ChaosProxy
}

/** The sink waits `TIMEOUT_MS` for answers. */
export type MakeRemote = (t: Test) => Promise<RemoteUnderTest>

export const TIMEOUT_MS = 2_000
/** Of the system's connections; Linux. */
export const TCP_TABLE = '/proc/net/tcp'

export function remoteSinkContract (t: Test, name: string, make: MakeRemote, { skip = false, numRuns }: Traits & { numRuns: number }): void {
  t.test(`${name}: the server is not there at the start -> rejects, delivers when it is`, { skip }, async t => {
    const { sink, server, arrived } = await make(t)
    await server.kill()
    await rejects(t, sink, batchOf(0, 2), 'sink-unreachable')
    await server.start()
    await sink.deliver(batchOf(0, 2), noAbort())
    t.same(await arrived(), linesOf(batchOf(0, 2)))
    await sink.close()
  })

  t.test(`${name}: kill -9 of the server under a batch -> rejects, delivers after its restart`, { skip }, async t => {
    const { sink, server, arrived } = await make(t)
    await sink.deliver(batchOf(0, 2), noAbort())
    await server.freeze()
    const rejected = rejects(t, sink, batchOf(2, 3), 'sink-unreachable')
    await server.kill()
    await rejected
    await server.start()
    await sink.deliver(batchOf(2, 3), noAbort())
    t.same((await arrived()).slice(-3), linesOf(batchOf(2, 3)))
    await sink.close()
  })

  t.test(`${name}: the server restarts between batches -> the next one arrives, at the second try at the latest`, { skip }, async t => {
    const { sink, server, arrived } = await make(t)
    await sink.deliver(batchOf(0, 2), noAbort())
    await server.kill()
    await server.start()
    await untilDelivered(sink, batchOf(2, 1), 2)
    t.same((await arrived()).slice(-1), linesOf(batchOf(2, 1)))
    await sink.close()
  })

  t.test(`${name}: the server does not answer -> rejects in time, delivers when it does again`, { skip }, async t => {
    const { sink, server, arrived } = await make(t)
    await sink.deliver(batchOf(0, 1), noAbort())
    await server.freeze()
    await rejects(t, sink, batchOf(1, 2), 'sink-timeout')
    await rejects(t, sink, batchOf(1, 2), 'sink-timeout')
    server.thaw()
    await sink.deliver(batchOf(1, 2), noAbort())
    t.same(firsts(await arrived()), linesOf(batchOf(0, 3)))
    await sink.close()
  })

  t.test(`${name}: aborted while the server does not answer -> settles`, { skip }, async t => {
    const { sink, server } = await make(t)
    await sink.deliver(batchOf(0, 1), noAbort())
    await server.freeze()
    for (const count of [2, sink.maxBatch]) {
      const controller = new AbortController()
      const delivering = sink.deliver(batchOf(1, count), controller.signal)
      setImmediate(() => { controller.abort(new Error('enough')) })
      await t.rejects(delivering, { message: 'enough' })
    }
    await sink.close()
    server.thaw()
  })

  t.test(`${name}: aborted while the server does not read -> what is not sent yet is thrown away`, { skip: skip === false && !existsSync(TCP_TABLE) ? `${TCP_TABLE} is not there` : skip }, async t => {
    const { sink, proxy } = await make(t)
    const controller = new AbortController()
    const stalled = proxy.stall(100_000)
    const delivering = sink.deliver(Array.from({ length: 8 }, (_, i) => disclosureOf({ id: `g${i}`, size: 200_000 })), controller.signal)
    const connection = await stalled
    t.ok(isInTable(connection), 'the system holds the connection')
    controller.abort(new Error('enough'))
    await t.rejects(delivering, { message: 'enough' })
    t.notOk(isInTable(connection), 'it holds nothing any more that it could send')
    await sink.close()
  })

  t.test(`${name}: connections break anywhere -> all arrives at least once, in order, nothing else does`, { skip }, async t => {
    const direction = fc.constantFrom('up', 'down') as fc.Arbitrary<Fault['direction']>
    const fault = fc.record({ direction, afterBytes: fc.oneof(fc.nat(120), fc.nat(4_000)), reset: fc.boolean() })
    const { sink, proxy, arrived } = await make(t)
    let next = 0
    await fc.assert(fc.asyncProperty(fc.array(fault, { maxLength: 3 }), fc.integer({ min: 1, max: 12 }), async (faults, count) => {
      proxy.plan(faults)
      const batch = batchOf(next, count)
      next += count
      // a fault may lie where the connection never comes to
      await untilDelivered(sink, batch, faults.length + 2)
    }), { numRuns })
    t.same(firsts(await arrived()), linesOf(batchOf(0, next)))
    await sink.close()
  })
}

/** Whether the system has a connection: one that is said goodbye to stays until all is sent (proc(5)). */
export function isInTable ({ from, to }: Stalled): boolean {
  const ends = [from, to].map(port => `:${port.toString(16).toUpperCase().padStart(4, '0')}`)
  const rows = readFileSync(TCP_TABLE, 'utf8').split('\n').map(line => line.trim().split(/\s+/).slice(1, 3))
  return rows.some(row => ends.every((end, i) => row[i]?.endsWith(end)))
}

/** Nothing of an error may tell where the server is. */
async function rejects (t: Test, sink: Sink, batch: readonly Disclosure[], code: string): Promise<void> {
  const error: unknown = await sink.deliver(batch, noAbort()).then(() => undefined, (error: unknown) => error)
  t.match(error, { code })
  t.notMatch(String((error as Error).message), /127\.0\.0\.1|localhost|:\d{2,}/)
  t.equal((error as Error).cause, undefined)
}

export async function untilDelivered (sink: Sink, batch: readonly Disclosure[], tries: number): Promise<readonly Refusal[]> {
  for (let failures = 0; ; failures++) {
    try {
      return await sink.deliver(batch, noAbort()) ?? []
    } catch (error) {
      if (failures + 1 >= tries) throw error
    }
  }
}

export function noAbort (): AbortSignal {
  return new AbortController().signal
}

export function batchOf (from: number, count: number): Disclosure[] {
  return Array.from({ length: count }, (_, i) => disclosureOf({ id: `g${from + i}` }))
}

export function linesOf (batch: readonly Disclosure[]): string[] {
  return batch.map(({ bytes }) => Buffer.from(bytes).toString())
}

/** The first of each. */
export function firsts (lines: readonly string[]): string[] {
  return [...new Set(lines)]
}
