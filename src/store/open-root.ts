/** Opens the LMDB environment of a store folder, after a look whether it is one. */

import { existsSync, mkdirSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { open, type Database, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb'
import { CurtilageError } from '../model/errors.js'
import { looksLikeLmdb } from './lmdb-header.js'

const MAX_DATABASES = 64

/** @throws CurtilageError store-open */
export function openRoot (path: string, readOnly: boolean): RootDatabase {
  try {
    if (!looksLikeLmdb(join(path, 'data.mdb'))) throw new Error('data.mdb is damaged or something else: restore a backup')
    // overlappingSync off: a commit is durable when its promise resolves.
    // eventTurnBatching off: with it a failed commit also rejects a promise that nobody holds, which ends the process.
    return open({ path, readOnly, maxDbs: MAX_DATABASES, overlappingSync: false, eventTurnBatching: false, useRecords: false } as object as RootDatabaseOptionsWithPath)
  } catch (error) {
    throw new CurtilageError('store-open', `the store ${path} could not be opened: ${(error as Error).message}`, undefined, { cause: error })
  }
}

/** @throws CurtilageError store-missing where it does not exist and nothing may be made */
export function openDatabase (root: RootDatabase, name: string): Database {
  const database = root.openDB(name, { useRecords: false } as object) as Database | undefined
  if (database === undefined) throw new CurtilageError('store-missing', `the store has no part ${name} yet: start the gateway once`)
  return database
}

/** Mode 700; made where it is missing. */
export function makePrivateFolder (folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
}

/** lmdb makes its files readable for all, though nobody else can reach into the folder. */
export function makeFilesPrivate (folder: string): void {
  for (const file of ['data.mdb', 'lock.mdb']) {
    if (existsSync(join(folder, file))) chmodSync(join(folder, file), 0o600)
  }
}
