/** From time to time takes away what was kept long enough: dead letters, and records of packets that come again no more. */

import type { Clock } from './clock.js'
import type { DeadLetter } from './contract.js'

const EVERY_MS = 600_000

export interface Swept {
  discard (match: (letter: DeadLetter) => boolean): Promise<DeadLetter[]>
  forgetOldRedeliveries (nowMs: number): Promise<number>
}

export interface SweeperSettings {
  readonly outbox: Swept
  readonly clock: Clock
  /** How long a dead letter is kept after it was refused last. */
  readonly retentionMs: () => number
  readonly onExpired: (recipient: string, count: number) => void
}

export class Sweeper {
  readonly #settings: SweeperSettings
  #cancel: () => void = () => {}
  #sweeping: Promise<void>
  #stopped = false

  /** Sweeps at once, then every ten minutes. */
  constructor (settings: SweeperSettings) {
    this.#settings = settings
    this.#sweeping = this.#sweep()
  }

  /** Resolves when the sweep under way has ended. */
  async stop (): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#sweeping
  }

  /** What fails now is tried again at the next time; nothing depends on it but room. */
  async #sweep (): Promise<void> {
    const { outbox, clock, retentionMs, onExpired } = this.#settings
    try {
      const nowMs = clock.nowMs()
      const expired = await outbox.discard(({ lastMs }) => lastMs + retentionMs() <= nowMs)
      const recipients = expired.map(({ recipient }) => recipient)
      for (const recipient of new Set(recipients)) onExpired(recipient, recipients.filter(one => one === recipient).length)
      await outbox.forgetOldRedeliveries(nowMs)
    } catch {}
    if (!this.#stopped) this.#cancel = clock.after(EVERY_MS, () => { this.#sweeping = this.#sweep() })
  }
}
