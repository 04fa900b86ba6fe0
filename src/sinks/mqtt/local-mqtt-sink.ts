/**
 * Hands disclosures to the recipient's own connection to this broker, on `disclosures/{recipient}/{report}`.
 *
 * Delivered means that recipient's PUBACK. A recipient that is not connected is ordinary: its disclosures wait.
 */

import type { Disclosure } from '../../model/disclosure.js'
import type { Sink } from '../../outbox/sink.js'

/** The broker's side. */
export interface LocalSubscribers {
  /**
   * Publishes to subscribed connections of the recipient, in order; resolves when all PUBACKs are in.
   *
   * Rejects with `recipient-not-connected` when there is none, or when one goes away first. When `signal` aborts it settles
   * soon. Once it has settled nothing of the batch is sent any more.
   */
  deliverAll (recipient: string, packets: readonly { readonly topic: string, readonly payload: Buffer }[], signal: AbortSignal): Promise<void>
}

/** A connection that breaks makes the recipient see a batch twice; each costs a commit and a turn of the network. */
const MAX_BATCH = 256

export class LocalMqttSink implements Sink {
  readonly maxBatch = MAX_BATCH
  readonly #recipient: string
  readonly #subscribers: LocalSubscribers

  constructor (recipient: string, subscribers: LocalSubscribers) {
    this.#recipient = recipient
    this.#subscribers = subscribers
  }

  async deliver (batch: readonly Disclosure[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const packets = batch.map(({ report, bytes }) => ({
      topic: `disclosures/${this.#recipient}/${report}`,
      payload: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    }))
    await this.#subscribers.deliverAll(this.#recipient, packets, signal)
  }

  async close (): Promise<void> {}
}
