/**
 * Puts a backup into an empty data folder.
 *
 * The store comes last, by a rename, when everything else is in place and it was held against the manifest and its own
 * chain: a gateway can never start on a restored store without the list of what must hold again.
 *
 * ```
 * DATA/restoring/store/    the store, while it is looked at
 * ```
 */

import { accessSync, constants, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openTables } from '../../consent/ledger-tables.js'
import { verifyLedger } from '../../consent/verify.js'
import { CurtilageError } from '../../model/errors.js'
import { ReplayList } from '../../rights/replay-list.js'
import { isSealedBy, type BackupFile, type SealedManifest } from '../../store/backup-manifest.js'
import type { Keyring } from '../../store/keyring.js'
import { takeLock } from '../../store/lock.js'
import { migrateStore } from '../../store/migrate.js'
import { syncFolder } from '../../store/private-file.js'
import { loadKeyring } from '../../store/secret.js'
import { openStore, type Store } from '../../store/store.js'
import { emptyFolder, placeFile, takeFolder, writeTrouble } from './place-file.js'
import { readManifest, restoreFile } from './read-backup.js'

const STORE = 'store/data.mdb'

export interface RestoreRequest {
  readonly backup: string
  /** Absent or empty. */
  readonly data: string
  /** Undefined: the one in the backup; `none`: the next start makes a new one. */
  readonly secret: { readonly file: string } | 'none' | undefined
  /** The newest list there is; `none`: what was erased, denied and withdrawn since the backup is forgotten. */
  readonly replay: { readonly file: string } | 'none'
  readonly now: () => number
}

export interface Restored {
  readonly madeMs: number
  readonly entries: number
  /** Of the replay list: what the next start records again before it delivers anything. */
  readonly toReplay: number
  /** Format of the store in the backup, where it was an earlier one. */
  readonly migratedFrom?: number
}

/** Rejects with folder-taken, backup-invalid, backup-write, ledger-broken, secret-unsafe, replay-unreadable; the folder is empty then. */
export async function restoreBackup (request: RestoreRequest): Promise<Restored> {
  const { backup, data } = request
  const manifest = readManifest(backup)
  try { takeFolder(data) } catch (error) { throw writeTrouble(data, error) }
  const lock = await takeLock(data, 'command')
  try {
    takeFolder(data, name => /^(claim\.|gateway\.lock)/.test(name))
    return await fill(request, manifest)
  } catch (error) {
    if (!(error instanceof CurtilageError && error.code === 'folder-taken')) emptyFolder(data)
    throw writeTrouble(data, error)
  } finally { lock.release() }
}

async function fill ({ backup, data, secret, replay, now }: RestoreRequest, manifest: SealedManifest): Promise<Restored> {
  const file = (path: string): BackupFile | undefined => manifest.files.find(one => one.path === path)
  const own = async (path: string): Promise<void> => {
    const listed = file(path)
    if (listed !== undefined) await restoreFile(backup, listed, join(data, path))
  }
  if (secret === undefined) await own('secret')
  else if (secret !== 'none') await placeGiven(secret.file, join(data, 'secret'))
  const keyring = secret === 'none' ? undefined : loadKeyring(data)
  if (keyring !== undefined && !isSealedBy(manifest, keyring)) throw new CurtilageError('backup-invalid', 'the manifest was changed, or the secret is not the one of the gateway that made this backup')
  if (replay !== 'none') await placeGiven(replay.file, join(data, 'replay.ndjson'))
  else if (keyring !== undefined) await own('replay.ndjson')
  for (const { path } of manifest.files) if (path.startsWith('recipients/')) await own(path)
  const restored = await restoreStore(backup, data, manifest, now)
  const toReplay = keyring === undefined ? 0 : await countMissing(data, keyring, now)
  rmSync(join(data, 'restoring/store/lock.mdb'), { force: true })
  renameSync(join(data, 'restoring/store'), join(data, 'store'))
  syncFolder(data)
  rmSync(join(data, 'restoring'), { recursive: true })
  return { ...restored, toReplay }
}

async function placeGiven (file: string, to: string): Promise<void> {
  try { accessSync(file, constants.R_OK) } catch { throw new CurtilageError('backup-invalid', `${file} cannot be read`) }
  await placeFile(file, to)
}

async function restoreStore (backup: string, data: string, manifest: SealedManifest, now: () => number): Promise<Omit<Restored, 'toReplay'>> {
  const aside = join(data, 'restoring')
  const listed = manifest.files.find(({ path }) => path === STORE)
  if (listed === undefined) throw new CurtilageError('backup-invalid', 'the backup holds no store')
  await restoreFile(backup, listed, join(aside, STORE))
  const migrated = await migrateStore(aside, { now })
  const { entries } = await withStore(aside, async store => await verified(store, manifest))
  return { madeMs: manifest.madeMs, entries, ...(migrated !== undefined && { migratedFrom: migrated.from }) }
}

async function verified (store: Store, { ledger }: SealedManifest): Promise<{ entries: number }> {
  const { ok, entries, head } = await verifyLedger(store, openTables(store), [])
  if (entries !== ledger.sequence || head !== ledger.head) throw new CurtilageError('backup-invalid', 'the ledger does not end where the manifest says')
  if (!ok) throw new CurtilageError('ledger-broken', 'the ledger of the backup does not fit its own chain: take another backup')
  return { entries }
}

async function countMissing (data: string, keyring: Keyring, now: () => number): Promise<number> {
  return await withStore(join(data, 'restoring'), async store => (await new ReplayList(data, store, keyring.lasting('replay'), now).missing()).length)
}

async function withStore<T> (folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openStore(folder, { readOnly: true })
  try { return await work(store) } finally { await store.close() }
}
