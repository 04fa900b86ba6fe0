/** What delivery demands of a sink, the technical way to one recipient. */

import type { Disclosure } from '../model/disclosure.js'

/** A disclosure that the recipient will never take, however often it comes. */
export interface Refusal {
  /** Place in the batch. */
  readonly index: number
  /** Why, in a word of the sink's own such as `http-422` or `too-large`: shown to ops, never anything the recipient said. */
  readonly reason: string
}

export interface Sink {
  /** Most disclosures that one `deliver` takes. What a failure makes the recipient see twice is bounded by it. */
  readonly maxBatch: number

  /**
   * Hands over a batch, in order; resolves only when all of it is durable at, or acknowledged by, the recipient.
   *
   * A rejection means that none may be taken for delivered, though some may have arrived: the same disclosures come
   * again, under the same ids (at least once). Not called again before it has settled. The hand-over begins in the turn
   * of the call. When `signal` aborts it settles soon; after it has settled nothing of the batch is sent any more. An error
   * may bear `retryAfterMs`, at most an hour: the recipient asked not to be tried sooner.
   *
   * What it resolves to names those that the recipient refused for good; all others have arrived. Nothing: all have.
   */
  deliver (batch: readonly Disclosure[], signal: AbortSignal): Promise<readonly Refusal[] | void>

  /** Called once, when nothing is under way. */
  close (): Promise<void>
}
