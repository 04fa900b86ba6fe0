/**
 * Takes one recipient's disclosures from the outbox to its sink, batch after batch.
 *
 * ```
 * claim ─▶ reconsider ─▶ sink.deliver ─▶ ack ─▶ claim …
 *  └── one turn, no await ──┘  │           └ what was refused for good becomes dead letters
 *                              └ fails ─▶ nack, back off
 * ```
 * INVARIANT: pause, consent and policy are asked in the same turn in which the sink is called.
 */

import { CurtilageError, errorOf } from '../model/errors.js'
import type { WithheldReason } from '../model/reasons.js'
import { backoffMs } from './backoff.js'
import { settlesWithin, type Clock } from './clock.js'
import { MAX_CLAIM, type Outbox } from './contract.js'
import { Doze } from './doze.js'
import { HandedOver } from './handed-over.js'
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
  /** The recipient refused some for good: they are dead letters now. */
  readonly onRefused: (recipient: string, reason: string, count: number) => void
  /** A batch has to wait: the sink failed (`recipient-not-connected` is ordinary), the store, or `reconsider`. */
  readonly onTrouble: (recipient: string, error: unknown) => void
}

/** `early`: the recipient asked for more time than has passed. `full`: it may have no more dead letters. */
type Outcome = 'worked' | 'idle' | 'trouble' | 'early' | 'paused' | 'full'

/** What holds up delivery to a recipient, as long as something does. */
export interface Trouble {
  /** Epoch milliseconds. */
  readonly sinceMs: number
  /** Of the last error; `internal` where it has none. */
  readonly code: string
}

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
  /** Not acked yet because the store was in trouble: acked before anything else is claimed. */
  readonly #handedOver = new HandedOver()
  #sending: Sending | undefined
  #failures = 0
  #trouble: Trouble | undefined
  /** The recipient said that it takes nothing before. */
  #notBeforeMs = 0
  #stopping = false
  /** Asleep, with nothing due that could leave now. */
  #resting = false
  #onRest: (() => void)[] = []
  #closed: Promise<void> | undefined

  constructor (recipient: string, sink: Sink, settings: DeliverySettings) {
    this.#recipient = recipient
    this.#sink = sink
    this.#settings = settings
    this.#doze = new Doze(settings.clock)
    this.#ended = this.#run()
  }

  get trouble (): Trouble | undefined {
    return this.#trouble
  }

  /** Something was appended: ends the wait for work, not the wait after a failure. */
  notify (): void {
    if (this.#trouble === undefined) this.#resting = false
    this.#doze.ring('news')
  }

  /** The recipient is there again: tries at once, unless it asked for a pause itself. */
  wake (): void {
    this.#failures = 0
    this.#doze.ring('urgent')
  }

  /** Resolves when nothing is due, or what is cannot leave now. Appends that have resolved before the call count. */
  async drained (): Promise<void> {
    if (this.#resting || this.#stopping) return
    await new Promise<void>(resolve => { this.#onRest.push(resolve) })
  }

  /** Answers, when it knows, whether what the sink has now is settled, and recorded as such, or aborted. */
  async settle (): Promise<boolean> {
    const settled = await this.#settled()
    return settled && this.#handedOver.size === 0
  }

  /** Claims nothing more, lets what is under way end, closes the sink. Answers whether it ended; if not, `closed` tells when. */
  async stop (): Promise<boolean> {
    this.#stopping = true
    this.#doze.ring('urgent')
    this.#closed ??= this.#close()
    // told to whoever waits for it
    this.#closed.catch(() => {})
    if (!await this.#settled()) return false
    await this.#closed
    return true
  }

  /** Resolves when the sink is closed; undefined as long as nobody stops it. */
  get closed (): Promise<void> | undefined {
    return this.#closed
  }

  /** What arrived and could not be acked goes back into its line: whoever delivers next would wait for it in vain. */
  async #close (): Promise<void> {
    await this.#ended
    const { outbox } = this.#settings
    const handedOver = this.#handedOver.sequences()
    await this.#ackHandedOver().catch(async () => await outbox.nack(this.#recipient, handedOver))
    await this.#sink.close()
  }

  async #settled (): Promise<boolean> {
    const sending = this.#sending
    if (sending === undefined) return true
    const { clock, settleMs, abortMs } = this.#settings
    if (await settlesWithin(sending.settled, settleMs, clock)) return true
    sending.controller.abort()
    return await settlesWithin(sending.settled, abortMs, clock)
  }

  async #run (): Promise<void> {
    while (!this.#stopping) {
      const outcome = await this.#round()
      if (outcome === 'worked' || outcome === 'idle') this.#trouble = undefined
      if (outcome !== 'worked' && !this.#hasNews(outcome)) this.#tellRest()
      if (!this.#stopping) await this.#rest(outcome)
      this.#resting = false
    }
    this.#tellRest()
  }

  /** Something was appended since the round that found nothing. */
  #hasNews (outcome: Outcome): boolean {
    const dueMs = outcome === 'idle' ? this.#settings.outbox.nextDueMs(this.#recipient) : undefined
    return dueMs !== undefined && dueMs <= this.#settings.clock.nowMs()
  }

  #tellRest (): void {
    this.#resting = true
    for (const resolve of this.#onRest.splice(0)) resolve()
  }

  async #rest (outcome: Outcome): Promise<void> {
    if (outcome === 'trouble') return await this.#doze.sleep(this.#troubleMs(), ['urgent'])
    if (outcome === 'early') return await this.#doze.sleep(this.#askedForMs(), ['urgent'])
    this.#failures = 0
    if (outcome === 'paused') return await this.#doze.sleep(undefined, ['urgent', 'news'])
    if (outcome === 'full') return await this.#doze.sleep(LONGEST_SLEEP_MS, ['urgent', 'news'])
    if (outcome === 'idle') await this.#doze.sleep(this.#untilDueMs(), ['urgent', 'news'])
  }

  #troubleMs (): number {
    return Math.max(this.#askedForMs(), backoffMs(this.#failures++, this.#settings.random()))
  }

  #askedForMs (): number {
    return Math.max(this.#notBeforeMs - this.#settings.clock.nowMs(), 1)
  }

  #untilDueMs (): number | undefined {
    const { outbox, clock } = this.#settings
    const dueMs = outbox.nextDueMs(this.#recipient)
    return dueMs === undefined ? undefined : Math.min(Math.max(dueMs - clock.nowMs(), 1), LONGEST_SLEEP_MS)
  }

  async #round (): Promise<Outcome> {
    const claimed: number[] = []
    try {
      await this.#ackHandedOver()
      return await this.#deliver(claimed)
    } catch (error) {
      this.#tell(error)
      await this.#giveBack(claimed)
      return 'trouble'
    }
  }

  async #deliver (claimed: number[]): Promise<Outcome> {
    const { outbox, clock, reconsider } = this.#settings
    const nowMs = clock.nowMs()
    if (outbox.pauseOf(this.#recipient) !== undefined) return 'paused'
    if (nowMs < this.#notBeforeMs) return 'early'
    const room = outbox.deadLetterRoom(this.#recipient)
    if (room === 0) return this.#full()
    const items = outbox.claim(this.#recipient, Math.min(MAX_CLAIM, this.#sink.maxBatch, room), nowMs)
    if (items.length === 0) return 'idle'
    claimed.push(...items.map(({ sequence }) => sequence))
    const { leaving, withheld, errors } = judge(items, reconsider)
    const steps = [this.#send(leaving), ...[...withheld].map(async ([reason, sequences]) => { await this.#withhold(reason, sequences) })]
    for (const step of await Promise.allSettled(steps)) if (step.status === 'rejected') errors.push(step.reason)
    if (errors.length > 0) throw errors[0]
    return 'worked'
  }

  #full (): Outcome {
    if (this.#trouble?.code !== 'dead-letters-full') this.#tell(errorOf('dead-letters-full'))
    return 'full'
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
    const refusals = await this.#sink.deliver(leaving.map(({ disclosure }) => disclosure), signal)
    this.#handedOver.add(leaving, refusals ?? [])
    await this.#ackHandedOver()
  }

  async #ackHandedOver (): Promise<void> {
    if (this.#handedOver.size === 0) return
    const { outbox, onDelivered, onRefused } = this.#settings
    await outbox.ack(this.#recipient, this.#handedOver.arrived(), this.#handedOver.refused())
    const { reports, reasons } = this.#handedOver.counts()
    this.#handedOver.clear()
    for (const [report, count] of reports) onDelivered(this.#recipient, report, count)
    for (const [reason, count] of reasons) onRefused(this.#recipient, reason, count)
  }

  async #withhold (reason: WithheldReason, sequences: number[]): Promise<void> {
    await this.#settings.outbox.withhold(this.#recipient, sequences, reason)
    this.#settings.onWithheld(this.#recipient, reason, sequences.length)
  }

  async #giveBack (claimed: readonly number[]): Promise<void> {
    try {
      await this.#settings.outbox.nack(this.#recipient, claimed.filter(sequence => !this.#handedOver.has(sequence)))
    } catch (error) {
      this.#tell(error)
    }
  }

  #tell (error: unknown): void {
    const nowMs = this.#settings.clock.nowMs()
    this.#trouble = { sinceMs: this.#trouble?.sinceMs ?? nowMs, code: error instanceof CurtilageError ? error.code : 'internal' }
    this.#notBeforeMs = Math.max(this.#notBeforeMs, nowMs + askedForMs(error))
    this.#settings.onTrouble(this.#recipient, error)
  }
}

/** Longest that a recipient may ask for. */
const LONGEST_ASKED_MS = 3_600_000

/** How long the sink says that the recipient wants to be left alone, as with Retry-After. */
function askedForMs (error: unknown): number {
  const { retryAfterMs } = Object(error) as { retryAfterMs?: unknown }
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? Math.min(retryAfterMs, LONGEST_ASKED_MS) : 0
}
