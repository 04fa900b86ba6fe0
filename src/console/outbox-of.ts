/** The outbox that the API works on: that of the gateway, or, where none runs, one that this process opens itself. */

import { outboxAlone } from '../open-outbox.js'
import type { LmdbOutbox } from '../outbox/lmdb-outbox.js'
import type { Services } from './services.js'

/** Opened when it is first asked for: that reads a key for every disclosure that waits. */
export function outboxOf ({ core, gateway }: Services): LmdbOutbox {
  return gateway === undefined ? outboxAlone(core) : gateway.outbox
}
