/** Rights on an open data folder: of a gateway that runs, or of a command while none does. */

import type { Core } from '../core.js'
import type { Observe } from '../model/events.js'
import type { Outbox } from '../outbox/contract.js'
import { outboxAlone } from '../open-outbox.js'
import { FolderTurns } from '../sinks/file/folder-turns.js'
import { replayMissing, type Replayed } from './replay.js'
import { Rights } from './rights.js'

/** What a gateway shares with them. */
export interface Running {
  readonly outbox: Outbox
  readonly turns: FolderTurns
  readonly settle: () => Promise<void>
  readonly observe: Observe
}

/** What was found at the start. */
export interface Recovered extends Replayed {
  /** Accounts whose erasure, or mark of a minor, could not be finished yet. */
  readonly unfinished: number
}

export function openRights (core: Core, { outbox, turns, settle, observe }: Running): Rights {
  const { store, registry, counts, replay, keyring, now, dataFolder, inForce } = core
  return new Rights({ store, registry, policy: () => inForce.current.policy, counts, replay, outbox, dataFolder, turns, gatewayKeyAt: beginsMs => keyring.keyAt('pseudonym', beginsMs), settle, observe, now })
}

/** To be called before anything is delivered: what a restored store lacks, and what a crash left unfinished. Rejects with replay-unreadable, store-write. */
export async function recover ({ replay, registry, ledger, now }: Core, rights: Rights, outbox: Outbox, observe: Observe): Promise<Recovered> {
  const replayed = await replayMissing({ replay, registry, outbox, now, append: async statements => await ledger.append(statements) })
  for (const what of ['erasures', 'consents', 'facts', 'access', 'pauses', 'later', 'skipped'] as const) if (replayed[what] > 0) observe({ type: 'replayed', what, count: replayed[what] })
  return { ...replayed, unfinished: await rights.finishAll() }
}

const alone = new WeakMap<Core, Promise<Rights>>()

/** For commands that have the folder to themselves: nothing is under way, so nothing has to settle. One for each core. */
export async function rightsAlone (core: Core): Promise<Rights> {
  const known = alone.get(core) ?? openAlone(core)
  alone.set(core, known)
  return await known
}

async function openAlone (core: Core): Promise<Rights> {
  const outbox = outboxAlone(core)
  const rights = openRights(core, { outbox, turns: new FolderTurns(), settle: async () => {}, observe: () => {} })
  await recover(core, rights, outbox, () => {})
  return rights
}
