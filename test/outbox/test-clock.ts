/** Clocks that stand still until told, or jump to the next timer when nothing else is to do. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../src/outbox/clock.js'

interface Timer {
  readonly atMs: number
  readonly callback: () => void
}

export class TestClock implements Clock {
  readonly #timers = new Set<Timer>()
  #nowMs = 0

  nowMs (): number {
    return this.#nowMs
  }

  after (delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback }
    this.#timers.add(timer)
    return () => { this.#timers.delete(timer) }
  }

  get waiting (): number {
    return this.#timers.size
  }

  /** Moves on by that much; timers that fall due ring in their order, with turns for others between. */
  async advance (byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#nowMs = next.atMs
      this.#timers.delete(next)
      next.callback()
      await nextTurn()
    }
    this.#nowMs = untilMs
    await nextTurn()
  }

  /** Moves from timer to timer until the condition holds. */
  async until (condition: () => boolean): Promise<void> {
    for (let turns = 0; !condition(); turns++) {
      if (turns > 100_000) throw new Error('the condition never came to hold')
      await nextTurn()
      if (condition()) return
      const next = this.#next(Infinity)
      if (next !== undefined && turns % 4 === 3) await this.advance(next.atMs - this.#nowMs)
    }
  }

  #next (untilMs: number): Timer | undefined {
    return [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
  }
}
