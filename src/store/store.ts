/**
 * The embedded store: one LMDB environment that registry, consent and outbox share, so that a write of several
 * of them can be one atomic, durable transaction.
 *
 * ```
 * DATA/store/data.mdb, lock.mdb      folder mode 700
 *   meta        format → version of this layout
 *   NAME        one sub-database for each store.database(NAME), values as MessagePack
 * ```
 */

import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { open, type Database, type Key, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb'
import { CurtilageError } from '../model/errors.js'
import { freeBytesOf, LEAST_FREE_BYTES } from './free-space.js'
import { looksLikeLmdb } from './lmdb-header.js'

const FORMAT = 1
const MAX_DATABASES = 64

export interface StoreOptions {
  /** Reads only, beside a gateway that may be writing; the store must exist. */
  readonly readOnly?: boolean
  /** Room on the disk; asked of the file system where absent. */
  readonly freeBytes?: () => number
}

export interface Store {
  readonly root: RootDatabase
  /** The version of the layout, and small facts that belong to no part. */
  readonly meta: Database<unknown, string>
  /** The sub-database of that name, made at need. The same name gives the same object. */
  database<V, K extends Key> (name: string): Database<V, K>
  /**
   * Runs `writes` as one atomic transaction and resolves with its result once that is durable (after fdatasync).
   *
   * Transactions run in the order in which they were asked for, several to a commit. `writes` is synchronous, uses
   * `putSync`, `removeSync` and `get`, and sees its own writes; if it throws, all of it is rolled back and its error
   * is passed on. Rejects with store-write if the disk does not take it, or is nearly full: nothing of it was kept then.
   */
  transaction<T> (writes: () => T): Promise<T>
  /** Room on the disk that holds the store. */
  freeBytes (): number
  /** Resolves when all writes under way are durable and the store is closed. */
  close (): Promise<void>
}

/**
 * Opens the store of a data folder, and makes both at first use.
 *
 * @throws CurtilageError store-format for a layout newer than this program, store-missing (read only), store-open
 */
export function openStore (dataFolder: string, options: StoreOptions = {}): Store {
  const readOnly = options.readOnly === true
  const root = openRoot(prepareFolder(dataFolder, readOnly), readOnly)
  const databases = new Map<string, Database>()
  const database = <V, K extends Key> (name: string): Database<V, K> => {
    const known = databases.get(name) ?? openDatabase(root, name)
    databases.set(name, known)
    return known as Database<V, K>
  }
  const meta = database<unknown, string>('meta')
  checkFormat(meta, root, readOnly)
  const freeBytes = options.freeBytes ?? (() => freeBytesOf(dataFolder))
  if (!readOnly) makePrivate(join(dataFolder, 'store'))
  return { root, meta, database, freeBytes, transaction: writes => transact(root, writes, freeBytes), close: () => root.close() }
}

function prepareFolder (dataFolder: string, readOnly: boolean): string {
  const folder = join(dataFolder, 'store')
  if (readOnly) {
    if (!existsSync(join(folder, 'data.mdb'))) throw new CurtilageError('store-missing', `no store in ${dataFolder}: start the gateway once, or name another data folder`)
    return folder
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  return folder
}

function openRoot (path: string, readOnly: boolean): RootDatabase {
  try {
    if (!looksLikeLmdb(join(path, 'data.mdb'))) throw new Error('data.mdb is damaged or something else: restore a backup')
    // overlappingSync off: a commit is durable when its promise resolves.
    // eventTurnBatching off: with it a failed commit also rejects a promise that nobody holds, which ends the process.
    return open({ path, readOnly, maxDbs: MAX_DATABASES, overlappingSync: false, eventTurnBatching: false, useRecords: false } as object as RootDatabaseOptionsWithPath)
  } catch (error) {
    throw new CurtilageError('store-open', `the store ${path} could not be opened: ${(error as Error).message}`, undefined, { cause: error })
  }
}

function openDatabase (root: RootDatabase, name: string): Database {
  const database = root.openDB(name, { useRecords: false } as object) as Database | undefined
  if (database === undefined) throw new CurtilageError('store-missing', `the store has no part ${name} yet: start the gateway once`)
  return database
}

function checkFormat (meta: Database<unknown, string>, root: RootDatabase, readOnly: boolean): void {
  const found = meta.get('format')
  if (found === FORMAT) return
  if (found === undefined && !readOnly) { meta.putSync('format', FORMAT); return }
  root.close().catch(() => {})
  if (found === undefined) throw new CurtilageError('store-missing', 'the store is empty: start the gateway once')
  throw new CurtilageError('store-format', `the store has format ${String(found)}, this program knows format ${FORMAT}: use the version that wrote it`)
}

/** lmdb makes its files readable for all, though nobody else can reach into the folder. */
function makePrivate (folder: string): void {
  for (const file of ['data.mdb', 'lock.mdb']) {
    if (existsSync(join(folder, file))) chmodSync(join(folder, file), 0o600)
  }
}

async function transact<T> (root: RootDatabase, writes: () => T, freeBytes: () => number): Promise<T> {
  if (freeBytes() < LEAST_FREE_BYTES) throw new CurtilageError('store-write', 'the disk is nearly full: nothing is written until there is room')
  const thrown: { error?: unknown } = {}
  try {
    return await root.childTransaction(() => {
      try { return writes() } catch (error) { thrown.error = error; throw error }
    })
  } catch (error) {
    swallow((error as { commitError?: Promise<unknown> }).commitError)
    if (error === thrown.error) throw error
    throw new CurtilageError('store-write', 'the store could not make a write durable: check the disk', undefined, { cause: error })
  }
}

/** lmdb hangs the reason of a failed commit on the error as a promise; unheld, its rejection would end the process. */
function swallow (reason: Promise<unknown> | undefined): void {
  reason?.catch(() => {})
}
