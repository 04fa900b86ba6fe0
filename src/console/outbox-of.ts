/** The outbox that the API works on: that of the gateway, or, where none runs, one that this process opens itself. */

import type { Core } from '../core.js'
import { openOutbox } from '../open-outbox.js'
import type { LmdbOutbox } from '../outbox/lmdb-outbox.js'
import type { Services } from './services.js'

const opened = new WeakMap<Core, LmdbOutbox>()

/** Opened when it is first asked for: that reads a key for every disclosure that waits. */
export function outboxOf ({ core, gateway }: Services): LmdbOutbox {
  if (gateway !== undefined) return gateway.outbox
  const outbox = opened.get(core) ?? openOutbox(core)
  opened.set(core, outbox)
  return outbox
}
