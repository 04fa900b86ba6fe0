/**
 * Makes a backup of a data folder, beside a gateway that runs on it or alone.
 *
 * The store is copied by this process, from a snapshot of its own. The gateway, or the opened folder, seals the manifest and
 * notes in the audit log that a backup was made: one without a seal is none.
 */

import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openTables, readHead } from '../../consent/ledger-tables.js'
import { lettersOf } from '../../letters.js'
import { CurtilageError } from '../../model/errors.js'
import { MANIFEST, sha256Of, type BackupFile, type BackupManifest, type SealedManifest } from '../../store/backup-manifest.js'
import { FORMAT } from '../../store/format.js'
import { syncFile, syncFolder } from '../../store/private-file.js'
import { copyStore } from '../../store/snapshot.js'
import { openStore } from '../../store/store.js'
import { emptyFolder, placeFile, takeFolder, writeTrouble } from './place-file.js'

export interface BackupRequest {
  readonly data: string
  /** Absent or empty. */
  readonly folder: string
  readonly withSecrets: boolean
  readonly withRecipients: boolean
  readonly nowMs: number
}

export type Sealer = (manifest: BackupManifest) => Promise<SealedManifest>

/** `settled`: resolves when the store holds all that was acknowledged. Rejects with folder-taken, backup-write, what both callbacks reject with, and what opening the store throws; what it wrote is gone then. */
export async function makeBackup (request: BackupRequest, settled: () => Promise<void>, sealed: Sealer): Promise<SealedManifest> {
  const { data, folder } = request
  if (!existsSync(join(data, 'store', 'data.mdb'))) throw new CurtilageError('store-missing', `no data in ${data}: name another folder with --data`)
  try { takeFolder(folder) } catch (error) { throw writeTrouble(folder, error) }
  try {
    await settled()
    await copyStore(data, folder)
    const ledger = await ledgerOf(folder)
    for (const path of alsoWanted(request)) await placeFile(join(data, path), join(folder, path))
    const files = await Promise.all(filesIn(folder).map(async path => await described(folder, path)))
    const manifest = await sealed({ backup: 1, madeMs: request.nowMs, store: { format: FORMAT }, ledger, files })
    writeManifest(folder, manifest)
    return manifest
  } catch (error) {
    emptyFolder(folder)
    throw writeTrouble(folder, error)
  }
}

/** The replay list comes after the snapshot, so it lacks nothing that the snapshot reflects. */
function alsoWanted ({ data, withSecrets, withRecipients }: BackupRequest): string[] {
  const wanted = ['replay.ndjson', ...(withSecrets ? ['secret'] : [])].filter(path => existsSync(join(data, path)))
  return [...wanted, ...(withRecipients && existsSync(join(data, 'recipients')) ? filesIn(data, 'recipients') : [])]
}

/** As the snapshot has it. */
async function ledgerOf (folder: string): Promise<BackupManifest['ledger']> {
  const store = openStore(folder, { readOnly: true })
  try {
    const { sequence, hash } = readHead(openTables(store))
    return { sequence, head: lettersOf(hash) }
  } finally {
    await store.close()
    // made by looking into it
    rmSync(join(folder, 'store/lock.mdb'), { force: true })
  }
}

async function described (folder: string, path: string): Promise<BackupFile> {
  const file = join(folder, path)
  return { path, bytes: statSync(file).size, sha256: await sha256Of(file) }
}

/** Paths below the folder. */
function filesIn (folder: string, below = '.'): string[] {
  const names = readdirSync(join(folder, below), { recursive: true, encoding: 'utf8' }).map(name => below === '.' ? name : `${below}/${name}`)
  return names.filter(path => statSync(join(folder, path)).isFile()).sort()
}

function writeManifest (folder: string, manifest: SealedManifest): void {
  const path = join(folder, MANIFEST)
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  syncFile(path)
  syncFolder(folder)
}
