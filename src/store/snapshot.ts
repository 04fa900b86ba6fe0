/** A copy of the store as it is at one moment, made beside whoever writes to it. */

import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { freeBytesOf, LEAST_FREE_BYTES } from './free-space.js'
import { CurtilageError } from '../model/errors.js'
import { makeFilesPrivate } from './open-root.js'
import { syncFile, syncFolder } from './private-file.js'
import { openStore } from './store.js'

const MIB = 1024 * 1024

/**
 * Writes `folder/store/data.mdb`, compacted: no trace of what was removed is in it. Durable when it resolves.
 *
 * Holds a snapshot of the store open meanwhile, so a store that is written to grows by what changes in that time.
 *
 * @throws CurtilageError store-missing, store-format, store-open, backup-write
 */
export async function copyStore (dataFolder: string, folder: string): Promise<void> {
  const store = openStore(dataFolder, { readOnly: true })
  const copy = join(folder, 'store')
  try {
    mkdirSync(copy, { mode: 0o700 })
    demandRoom(copy, statSync(join(dataFolder, 'store', 'data.mdb')).size)
    await store.root.backup(copy, true)
  } finally { await store.close() }
  makeFilesPrivate(copy)
  syncFile(join(copy, 'data.mdb'))
  syncFolder(copy)
}

/** The copy may be smaller; how much is known only when it is made. */
function demandRoom (folder: string, bytes: number): void {
  const free = freeBytesOf(folder)
  if (free < bytes + LEAST_FREE_BYTES) throw new CurtilageError('backup-write', `a backup may take ${Math.ceil(bytes / MIB)} MiB, and ${Math.floor(free / MIB)} MiB are free there`)
}
