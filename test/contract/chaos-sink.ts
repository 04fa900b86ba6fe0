/** A sink that fails at random: before, amid and after a batch has arrived; late, and deaf to an abort for a while. */

import type { Disclosure } from '../../src/model/disclosure.js'
import type { Refusal, Sink } from '../../src/outbox/sink.js'

export interface Chaos {
  /** From 0 up to, not including, 1; draws of 0.4 and more bring no trouble. */
  readonly random: () => number
  readonly maxBatch?: number
  /** Refuses these ids for good. */
  readonly refuses?: (id: string) => boolean
  /** May take some turns of the event loop. */
  readonly slow?: boolean
}

export class ChaosSink implements Sink {
  readonly maxBatch: number
  readonly arrived: Disclosure[] = []
  readonly #chaos: Chaos
  failures = 0
  closed = false
  #underWay = false

  constructor (chaos: Chaos | (() => number), maxBatch = 256) {
    this.#chaos = typeof chaos === 'function' ? { random: chaos } : chaos
    this.maxBatch = this.#chaos.maxBatch ?? maxBatch
  }

  async deliver (batch: readonly Disclosure[], signal: AbortSignal): Promise<readonly Refusal[]> {
    signal.throwIfAborted()
    if (this.#underWay || this.closed) throw new TypeError('the sink is called against its contract')
    this.#underWay = true
    try {
      return await this.#deliver(batch, signal)
    } finally {
      this.#underWay = false
    }
  }

  async close (): Promise<void> {
    this.closed = true
  }

  async #deliver (batch: readonly Disclosure[], signal: AbortSignal): Promise<readonly Refusal[]> {
    const { random, refuses = () => false } = this.#chaos
    const reach = random() < 0.4 ? Math.floor(random() * (batch.length + 1)) : batch.length
    const fails = random() < 0.4
    for (const [index, disclosure] of batch.entries()) {
      if (fails && index >= reach) break
      await this.#pause()
      if (signal.aborted) return this.#fail(signal.reason)
      if (!refuses(disclosure.id)) this.arrived.push(disclosure)
    }
    if (fails) return this.#fail(Object.assign(new Error('chaos'), random() < 0.2 && { retryAfterMs: 1 }))
    return batch.flatMap(({ id }, index) => refuses(id) ? [{ index, reason: 'chaos' }] : [])
  }

  async #pause (): Promise<void> {
    if (this.#chaos.slow !== true) return
    for (let turns = Math.floor(this.#chaos.random() * 3); turns > 0; turns--) await new Promise(resolve => setImmediate(resolve))
  }

  #fail (error: unknown): never {
    this.failures++
    throw error
  }
}
