/**
 * The outbox of a data folder, as gateway and commands open it.
 *
 * ```
 * DATA/outbox/journal-0, journal-1    the journal, folder mode 700, files mode 600
 * ```
 * A gateway has it open as long as it runs. A command that has the folder to itself brings what a gateway left in it into the
 * store when it opens the folder, and goes on without it.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Core } from './core.js'
import { restore } from './guard/release.js'
import { CurtilageError } from './model/errors.js'
import type { Segments } from './outbox/journal/segment.js'
import { LmdbOutbox, type LmdbOutboxSettings } from './outbox/lmdb-outbox.js'
import type { LimitSettings } from './policy/gateway-settings.js'
import { LEAST_FREE_BYTES, LEAST_FREE_FOR_REPORTS_BYTES } from './store/free-space.js'
import { makePrivateFolder } from './store/open-root.js'
import { syncFolder } from './store/private-file.js'
import { SegmentFile } from './store/segment-file.js'

/** What one recipient that takes nothing may fill, where there are others. */
const SHARE = 0.75
const SEGMENT_BYTES = 8 * 1024 * 1024

type Journaled = Pick<LmdbOutboxSettings, 'journal' | 'overwriteJournal'>

/** For a gateway, once; it closes it. Without room on the disk for a new journal it has none until it starts again. Throws outbox-journal, outbox-write. */
export function openOutbox (core: Core): LmdbOutbox {
  if (!isThere(core) && core.store.freeBytes() < LEAST_FREE_FOR_REPORTS_BYTES + 2 * SEGMENT_BYTES) return open(core, {})
  const segments = openSegments(core.dataFolder)
  try {
    const outbox = open(core, { journal: { segments } })
    for (const path of paths(core.dataFolder)) core.store.watch.add(path, 'the journal of the outbox')
    return outbox
  } catch (error) {
    segments.close()
    throw error
  }
}

/** For a command that has the folder to itself: what a gateway left in the journal is in the store when it resolves. Rejects with outbox-journal, outbox-write. */
export async function settleJournal (core: Core): Promise<void> {
  if (!isThere(core)) return
  const outbox = open(core, { journal: { segments: openSegments(core.dataFolder) } })
  try { await outbox.checkpoint() } finally { await outbox.close() }
}

const alone = new WeakMap<Core, LmdbOutbox>()

/** For commands that have the folder to themselves: one for each core, opened when it is first asked for. */
export function outboxAlone (core: Core): LmdbOutbox {
  const outbox = alone.get(core) ?? open(core, { overwriteJournal: async () => { await overwrite(core) } })
  alone.set(core, outbox)
  return outbox
}

function open (core: Core, journaled: Journaled): LmdbOutbox {
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
    alsoWrite: delivered => { core.counts.add(delivered, account => core.registry.accounts.isStored(account)) },
    room: { freeBytes: core.store.freeBytes, leastToAppend: LEAST_FREE_FOR_REPORTS_BYTES, leastToWrite: LEAST_FREE_BYTES },
    ...journaled
  })
}

/** The database holds all of it: the command's core has seen to that. */
async function overwrite (core: Core): Promise<void> {
  if (!isThere(core)) return
  const journaled = open(core, { journal: { segments: openSegments(core.dataFolder) } })
  try { await journaled.overwrite() } finally { await journaled.close() }
}

/** Of both files, or of one: the other may have held something. */
function isThere ({ dataFolder }: Core): boolean {
  return paths(dataFolder).some(path => existsSync(path))
}

/** Makes what is missing. */
function openSegments (dataFolder: string): Segments {
  const files: SegmentFile[] = []
  const close = (): void => { for (const file of files.splice(0)) file.close() }
  try {
    makePrivateFolder(join(dataFolder, 'outbox'))
    for (const path of paths(dataFolder)) files.push(new SegmentFile(path, SEGMENT_BYTES))
    syncFolder(dataFolder)
    return { all: [...files] as [SegmentFile, SegmentFile], close }
  } catch (error) {
    close()
    throw new CurtilageError('outbox-write', 'the journal of the outbox could not be opened or made: check the disk, and the owner of outbox in the data folder', undefined, { cause: error })
  }
}

function paths (dataFolder: string): string[] {
  return [0, 1].map(which => join(dataFolder, 'outbox', `journal-${which}`))
}
