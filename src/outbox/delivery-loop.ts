/**
 * Takes one recipient's disclosures from the outbox to its sink, batch after batch.
 *
 * ```
 * claim ─▶ reconsider ─▶ sink.deliver ─▶ ack ─▶ claim …
 *  └── one turn, no await ──┘  └ fails ─▶ nack, back off
 * ```
 * INVARIANT: consent and policy are asked in the same turn in which the sink is called.
 */

import type { WithheldReason } from '../model/reasons.js'
import { backoffMs } from './backoff.js'
import { settlesWithin, type Clock } from './clock.js'
import { MAX_CLAIM, type Outbox } from './contract.js'
import { Doze } from './doze.js'
import { judge, type Leaving, type Reconsider } from './judge.js'
import type { Sink } from './sink.js'

/** A clock that was set is noticed after this long. */
const LONGEST_SLEEP_MS = 60_000

export interface DeliverySettings {
  readonly outbox: Outbox
  readonly reconsider: Reconsider
  readonly clock: Clock
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /** How long a send under way may take once someone waits for it; then it is aborted. */
  readonly settleMs: number
  /** How long an aborted one may take to give up. */
  readonly abortMs: number
  readonly onDelivered: (recipient: string, report: string, count: number) => void
  readonly onWithheld: (recipient: string, reason: WithheldReason, count: number) => void
  /** A batch has to wait: the sink failed (`recipient-not-connected` is ordinary), the store, or `reconsider`. */
  readonly onTrouble: (recipient: string, error: unknown) => void
}

type Outcome = 'worked' | 'idle' | 'trouble' | 'paused'

interface Sending {
  readonly settled: Promise<void>
  readonly controller: AbortController
}

export class DeliveryLoop {
  readonly #recipient: string
  readonly #sink: Sink
  readonly #settings: DeliverySettings
  readonly #doze: Doze
  readonly #ended: Promise<void>
  /** Delivered, and not acked yet because the store was in trouble: acked before anything else is claimed. */
  readonly #arrived = new Map<number, string>()
  #sending: Sending | undefined
  #failures = 0
  #paused = false
  #stopping = false

  constructor (recipient: string, sink: Sink, settings: DeliverySettings) {
    this.#recipient = recipient
    this.#sink = sink
    this.#settings = settings
    this.#doze = new Doze(settings.clock)
    this.#ended = this.#run()
  }

  /** Something was appended: ends the wait for work, not the wait after a failure. */
  notify (): void {
    this.#doze.ring('news')
  }

  /** The recipient is there again: tries at once. */
  wake (): void {
    this.#failures = 0
    this.#doze.ring('urgent')
  }

  pause (): void {
    this.#paused = true
  }

  resume (): void {
    this.#paused = false
    this.wake()
  }

  /** Answers, when it knows, whether what the sink has now is settled or aborted. */
  async settle (): Promise<boolean> {
    const sending = this.#sending
    if (sending === undefined) return true
    const { clock, settleMs, abortMs } = this.#settings
    if (await settlesWithin(sending.settled, settleMs, clock)) return true
    sending.controller.abort()
    return await settlesWithin(sending.settled, abortMs, clock)
  }

  /** Claims nothing more, lets what is under way end, closes the sink. Answers as `settle`. */
  async stop (): Promise<boolean> {
    this.#stopping = true
    this.#doze.ring('urgent')
    const settled = await this.settle()
    if (!settled) return false
    await this.#ended
    await this.#sink.close()
    return true
  }

  async #run (): Promise<void> {
    while (!this.#stopping) {
      const outcome = this.#paused ? 'paused' : await this.#round()
      if (!this.#stopping) await this.#rest(outcome)
    }
  }

  async #rest (outcome: Outcome): Promise<void> {
    if (outcome === 'trouble') return await this.#doze.sleep(backoffMs(this.#failures++, this.#settings.random()), ['urgent'])
    this.#failures = 0
    if (outcome === 'paused') return await this.#doze.sleep(undefined, ['urgent'])
    if (outcome === 'idle') await this.#doze.sleep(this.#untilDueMs(), ['urgent', 'news'])
  }

  #untilDueMs (): number | undefined {
    const { outbox, clock } = this.#settings
    const dueMs = outbox.nextDueMs(this.#recipient)
    return dueMs === undefined ? undefined : Math.min(Math.max(dueMs - clock.nowMs(), 1), LONGEST_SLEEP_MS)
  }

  async #round (): Promise<Outcome> {
    const claimed: number[] = []
    try {
      await this.#ackArrived()
      return await this.#deliver(claimed)
    } catch (error) {
      this.#settings.onTrouble(this.#recipient, error)
      await this.#giveBack(claimed)
      return 'trouble'
    }
  }

  async #deliver (claimed: number[]): Promise<Outcome> {
    const { outbox, clock, reconsider } = this.#settings
    const items = outbox.claim(this.#recipient, Math.min(MAX_CLAIM, this.#sink.maxBatch), clock.nowMs())
    if (items.length === 0) return 'idle'
    claimed.push(...items.map(({ sequence }) => sequence))
    const { leaving, withheld, errors } = judge(items, reconsider)
    const steps = [this.#send(leaving), ...[...withheld].map(async ([reason, sequences]) => { await this.#withhold(reason, sequences) })]
    for (const step of await Promise.allSettled(steps)) if (step.status === 'rejected') errors.push(step.reason)
    if (errors.length > 0) throw errors[0]
    return 'worked'
  }

  async #send (leaving: readonly Leaving[]): Promise<void> {
    if (leaving.length === 0) return
    const controller = new AbortController()
    const sending = this.#handOverAndAck(leaving, controller.signal)
    this.#sending = { settled: sending.catch(() => {}), controller }
    await sending.finally(() => { this.#sending = undefined })
  }

  /** Settled means acked too: whoever waits for it may ask afterwards what was delivered. */
  async #handOverAndAck (leaving: readonly Leaving[], signal: AbortSignal): Promise<void> {
    await this.#handOver(leaving, signal)
    for (const { sequence, disclosure } of leaving) this.#arrived.set(sequence, disclosure.report)
    await this.#ackArrived()
  }

  /** An async function, so that a sink that throws where it should reject is handled alike. */
  async #handOver (leaving: readonly Leaving[], signal: AbortSignal): Promise<void> {
    await this.#sink.deliver(leaving.map(({ disclosure }) => disclosure), signal)
  }

  async #ackArrived (): Promise<void> {
    if (this.#arrived.size === 0) return
    await this.#settings.outbox.ack(this.#recipient, [...this.#arrived.keys()])
    const counts = new Map<string, number>()
    for (const report of this.#arrived.values()) counts.set(report, (counts.get(report) ?? 0) + 1)
    this.#arrived.clear()
    for (const [report, count] of counts) this.#settings.onDelivered(this.#recipient, report, count)
  }

  async #withhold (reason: WithheldReason, sequences: number[]): Promise<void> {
    await this.#settings.outbox.withhold(this.#recipient, sequences, reason)
    this.#settings.onWithheld(this.#recipient, reason, sequences.length)
  }

  async #giveBack (claimed: readonly number[]): Promise<void> {
    try {
      await this.#settings.outbox.nack(this.#recipient, claimed.filter(sequence => !this.#arrived.has(sequence)))
    } catch (error) {
      this.#settings.onTrouble(this.#recipient, error)
    }
  }
}
