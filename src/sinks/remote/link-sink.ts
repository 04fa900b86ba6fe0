/**
 * A sink whose recipient has a server elsewhere.
 *
 * ```
 * deliver ─▶ link open? ──no──▶ credentials, connection ─▶ send ─▶ acknowledged
 *               └──yes────────────────────────────────▲      └ fails, late, aborted ─▶ cut the link
 * ```
 * The connection is made by the first delivery, so that a server that is down fails no start. One that failed in any way
 * is cut and never used again; the next delivery reads the credentials anew. No client library reconnects, queues or sends
 * again by itself: after `deliver` has settled nothing of its batch is sent.
 */

import type { Disclosure } from '../../model/disclosure.js'
import { CurtilageError } from '../../model/errors.js'
import type { Refusal, Sink } from '../../outbox/sink.js'
import type { Troubles } from './trouble.js'
import { within } from './within.js'

/** A connection to a recipient's server, in its own protocol. */
export interface Link {
  /** False once the server has gone away or the connection is of no more use. */
  readonly usable: boolean
  /** As `Sink.deliver`, and settles by itself when its server does not answer in time. Rejections may hold anything; they are not shown. */
  send (batch: readonly Disclosure[], signal: AbortSignal): Promise<readonly Refusal[]>
  /** Ends the connection at once; nothing more is sent, also of a `send` under way. May be called twice. */
  cut (): void
}

export interface LinkSinkSettings {
  readonly maxBatch: number
  /** Longest wait for a connection. */
  readonly timeoutMs: number
  readonly troubles: Troubles
  /** Reads the credentials and connects. Once aborted it settles soon and leaves nothing open. */
  readonly open: (signal: AbortSignal) => Promise<Link>
  /** What an error of the client library means. */
  readonly explain: (error: unknown) => CurtilageError
}

export class LinkSink implements Sink {
  readonly maxBatch: number
  readonly #settings: LinkSinkSettings
  #link: Link | undefined

  constructor (settings: LinkSinkSettings) {
    this.maxBatch = settings.maxBatch
    this.#settings = settings
  }

  async deliver (batch: readonly Disclosure[], signal: AbortSignal): Promise<readonly Refusal[]> {
    signal.throwIfAborted()
    try {
      const link = this.#usable() ?? await this.#open(signal)
      return await link.send(batch, signal)
    } catch (error) {
      this.#cut()
      if (signal.aborted) throw signal.reason
      throw error instanceof CurtilageError ? error : this.#settings.explain(error)
    }
  }

  async close (): Promise<void> {
    this.#cut()
  }

  #usable (): Link | undefined {
    if (this.#link?.usable === true) return this.#link
    this.#cut()
    return undefined
  }

  async #open (signal: AbortSignal): Promise<Link> {
    const { timeoutMs, troubles } = this.#settings
    return await within(signal, timeoutMs, () => troubles.timedOut(), async until => {
      const link = await this.#settings.open(until)
      // it came too late: nobody waits for it any more
      if (until.aborted) link.cut()
      until.throwIfAborted()
      this.#link = link
      return link
    })
  }

  #cut (): void {
    this.#link?.cut()
    this.#link = undefined
  }
}
