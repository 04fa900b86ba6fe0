/**
 * Hands disclosures to the recipient's own connection to this broker, on `disclosures/{recipient}/{report}`.
 *
 * Delivered means that recipient's PUBACK. A recipient that is not connected is ordinary: its disclosures wait.
 */

import { setMaxListeners } from 'node:events'
import type { Disclosure } from '../../model/disclosure.js'
import type { Sink } from '../../outbox/sink.js'

/** The broker's side. */
export interface LocalSubscribers {
  /**
   * Publishes to one subscribed connection of the recipient, in the order of the calls; resolves at its PUBACK.
   *
   * Rejects with `recipient-not-connected` when there is none, or when it goes away first. When `signal` aborts it settles
   * soon, and what has not been sent then is not sent later.
   */
  deliverTo (recipient: string, topic: string, payload: Buffer, signal: AbortSignal): Promise<void>
}

/** Awaiting their PUBACK at one time. */
const MAX_IN_FLIGHT = 64

export class LocalMqttSink implements Sink {
  /** Small: a connection that breaks makes the recipient see a batch twice. */
  readonly maxBatch = MAX_IN_FLIGHT
  readonly #recipient: string
  readonly #subscribers: LocalSubscribers

  constructor (recipient: string, subscribers: LocalSubscribers) {
    this.#recipient = recipient
    this.#subscribers = subscribers
  }

  async deliver (batch: readonly Disclosure[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const failure = new AbortController()
    const either = AbortSignal.any([signal, failure.signal])
    // each send of the batch listens until it has settled
    setMaxListeners(0, either)
    const sends = batch.map(async disclosure => {
      await this.#send(disclosure, either).catch((error: unknown) => { failure.abort(error) })
    })
    // All have to be settled: after a rejection nothing of the batch may still be on its way.
    await Promise.all(sends)
    if (failure.signal.aborted) throw failure.signal.reason
  }

  async close (): Promise<void> {}

  async #send ({ report, bytes }: Disclosure, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    await this.#subscribers.deliverTo(this.#recipient, `disclosures/${this.#recipient}/${report}`, payload, signal)
  }
}
