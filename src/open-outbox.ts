/** The outbox of a data folder, as gateway and commands open it. */

import type { Core } from './core.js'
import { restore } from './guard/release.js'
import type { AlsoWrite } from './outbox/contract.js'
import { LmdbOutbox } from './outbox/lmdb-outbox.js'
import type { LimitSettings } from './policy/gateway-settings.js'
import { LEAST_FREE_BYTES, LEAST_FREE_FOR_REPORTS_BYTES } from './store/free-space.js'

/** What one recipient that takes nothing may fill, where there are others. */
const SHARE = 0.75

/** Opened once for each process; `alsoWrite` is told what arrived, in the transaction that removes it. */
export function openOutbox (core: Core, alsoWrite?: AlsoWrite): LmdbOutbox {
  const { inForce } = core
  const limits = (): LimitSettings => inForce.current.gateway.limits
  return new LmdbOutbox({
    database: core.store.database('outbox'),
    restore,
    get maxEntries () { return limits().maxOutboxEntries },
    get maxBytes () { return limits().maxOutboxBytes },
    get maxShare () { return inForce.current.policy.recipients.filter(({ enabled }) => enabled).length > 1 ? SHARE : 1 },
    get maxDeadLetters () { return limits().maxDeadLetters },
    nowMs: core.now,
    alsoWrite,
    room: { freeBytes: core.store.freeBytes, leastToAppend: LEAST_FREE_FOR_REPORTS_BYTES, leastToWrite: LEAST_FREE_BYTES }
  })
}

const alone = new WeakMap<Core, LmdbOutbox>()

/** For commands that have the folder to themselves: one for each core, opened when it is first asked for. */
export function outboxAlone (core: Core): LmdbOutbox {
  const outbox = alone.get(core) ?? openOutbox(core)
  alone.set(core, outbox)
  return outbox
}
