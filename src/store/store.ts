/**
 * The embedded store: one LMDB environment that registry, consent and outbox share, so that a write of several
 * of them can be one atomic, durable transaction.
 *
 * ```
 * DATA/store/data.mdb, lock.mdb      folder mode 700
 *   meta        format → version of this layout, see format.ts
 *   NAME        one sub-database for each store.database(NAME), values as MessagePack
 * ```
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Database, Key, RootDatabase } from 'lmdb'
import { CurtilageError } from '../model/errors.js'
import { FORMAT } from './format.js'
import { FolderWatch } from './folder-watch.js'
import { freeBytesOf, LEAST_FREE_BYTES } from './free-space.js'
import { makeFilesPrivate, makePrivateFolder, openDatabase, openRoot } from './open-root.js'
import { RoomAhead } from './room-ahead.js'

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
   * Rejects with data-gone where the store was deleted or replaced; asked before the write, so that what memory holds never
   * differs from the disk. Who acknowledges asks once more.
   */
  transaction<T> (writes: () => T): Promise<T>
  /** Room on the disk that holds the store; to be asked before each write, since it keeps blocks ready for it, too. */
  freeBytes (): number
  /** Whether the files that are open still lie in the data folder. */
  readonly watch: FolderWatch
  /** Resolves when all writes under way are durable and the store is closed. */
  close (): Promise<void>
}

/**
 * Opens the store of a data folder, and makes both at first use.
 *
 * @throws CurtilageError store-format for a layout of another version (an older one is brought up by migrateStore), store-missing (read only), store-open
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
  const ahead = readOnly ? undefined : new RoomAhead(root, join(dataFolder, 'store', 'data.mdb'))
  const freeBytes = () => {
    ahead?.keep()
    return options.freeBytes?.() ?? freeBytesOf(dataFolder)
  }
  if (!readOnly) makeFilesPrivate(join(dataFolder, 'store'))
  const watch = new FolderWatch()
  watch.add(join(dataFolder, 'store', 'data.mdb'), 'the store')
  const transaction = async <T>(writes: () => T): Promise<T> => {
    watch.demandInPlace()
    return await transact(root, writes, freeBytes)
  }
  const close = async () => {
    ahead?.close()
    await root.close()
  }
  return { root, meta, database, freeBytes, watch, transaction, close }
}

function prepareFolder (dataFolder: string, readOnly: boolean): string {
  const folder = join(dataFolder, 'store')
  if (readOnly) {
    if (!existsSync(join(folder, 'data.mdb'))) throw new CurtilageError('store-missing', `no store in ${dataFolder}: start the gateway once, or name another data folder`)
    return folder
  }
  makePrivateFolder(folder)
  return folder
}

function checkFormat (meta: Database<unknown, string>, root: RootDatabase, readOnly: boolean): void {
  const found = meta.get('format')
  if (found === FORMAT) return
  if (found === undefined && !readOnly) { meta.putSync('format', FORMAT); return }
  root.close().catch(() => {})
  if (found === undefined) throw new CurtilageError('store-missing', 'the store is empty: start the gateway once')
  if (isOlder(found)) throw new CurtilageError('store-format', `the store has the earlier format ${String(found)}: start the gateway once, and it is brought to format ${FORMAT}`)
  throw new CurtilageError('store-format', `the store has format ${String(found)}, this program knows format ${FORMAT}: use the version that wrote it`)
}

/** Or in the middle of a way up, such as `1>2`. */
function isOlder (format: unknown): boolean {
  return Number.parseInt(String(format)) < FORMAT
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
