/** A sink that fails at random, before, amid and after a batch has arrived. */

import type { Disclosure } from '../../src/model/disclosure.js'
import type { Sink } from '../../src/outbox/sink.js'

export class ChaosSink implements Sink {
  readonly maxBatch: number
  readonly arrived: Disclosure[] = []
  readonly #random: () => number
  failures = 0
  closed = false

  constructor (random: () => number, maxBatch = 256) {
    this.#random = random
    this.maxBatch = maxBatch
  }

  async deliver (batch: readonly Disclosure[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const reach = this.#random() < 0.4 ? Math.floor(this.#random() * (batch.length + 1)) : batch.length
    const fails = this.#random() < 0.4
    this.arrived.push(...fails ? batch.slice(0, reach) : batch)
    if (!fails) return
    this.failures++
    throw new Error('chaos')
  }

  async close (): Promise<void> {
    this.closed = true
  }
}
