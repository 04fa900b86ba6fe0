/** What every sink must do, run against each. */

import type { Test } from 'tap'
import type { Disclosure } from '../../src/model/disclosure.js'
import type { Sink } from '../../src/outbox/sink.js'
import { disclosureOf } from './disclosure-of.js'

export interface SinkUnderTest {
  readonly sink: Sink
  /** Lines that have reached the recipient, in order. */
  arrived (): Promise<string[]>
}

export type MakeSink = (t: Test) => Promise<SinkUnderTest>

export function sinkContract (t: Test, name: string, make: MakeSink): void {
  t.test(`${name}: a batch -> has arrived whole and in order when deliver resolves`, async t => {
    const { sink, arrived } = await make(t)
    const batch = batchOf(0, sink.maxBatch)
    await sink.deliver(batch, new AbortController().signal)
    t.same(await arrived(), linesOf(batch))
    await sink.close()
  })

  t.test(`${name}: batches -> arrive one after the other`, async t => {
    const { sink, arrived } = await make(t)
    const batches = [batchOf(0, 3), batchOf(3, 1), batchOf(4, 2)]
    for (const batch of batches) await sink.deliver(batch, new AbortController().signal)
    t.same(await arrived(), linesOf(batches.flat()))
    await sink.close()
  })

  t.test(`${name}: the same batch again -> arrives again, under the same ids`, async t => {
    const { sink, arrived } = await make(t)
    const batch = batchOf(0, 2)
    await sink.deliver(batch, new AbortController().signal)
    await sink.deliver(batch, new AbortController().signal)
    t.same(await arrived(), linesOf([...batch, ...batch]))
    await sink.close()
  })

  t.test(`${name}: aborted before it begins -> rejects, nothing arrives`, async t => {
    const { sink, arrived } = await make(t)
    await t.rejects(sink.deliver(batchOf(0, 2), AbortSignal.abort()))
    t.same(await arrived(), [])
    await sink.deliver(batchOf(2, 1), new AbortController().signal)
    t.same(await arrived(), linesOf(batchOf(2, 1)), 'and goes on')
    await sink.close()
  })

  t.test(`${name}: aborted under way -> settles`, async t => {
    const { sink } = await make(t)
    const controller = new AbortController()
    const delivering = sink.deliver(batchOf(0, 2), controller.signal)
    controller.abort()
    await Promise.allSettled([delivering])
    await sink.close()
  })
}

export function batchOf (from: number, count: number): Disclosure[] {
  return Array.from({ length: count }, (_, i) => disclosureOf({ id: `g${from + i}` }))
}

export function linesOf (batch: readonly Disclosure[]): string[] {
  return batch.map(({ bytes }) => Buffer.from(bytes).toString())
}
