/**
 * The sink of a recipient that the policy no longer names.
 *
 * It takes nothing. Delivery still asks about each disclosure that waits for the recipient, so that they are withheld and counted.
 */

import { errorOf } from '../model/errors.js'
import type { Sink } from '../outbox/sink.js'

export const closedSink: Sink = {
  maxBatch: 256,
  async deliver () { throw errorOf('recipient-not-connected') },
  async close () {}
}
