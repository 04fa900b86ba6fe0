/** Reads the manifest of a backup, and copies its files while they are held against it. */

import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CurtilageError } from '../../model/errors.js'
import { MANIFEST, sealedManifest, sha256Of, type BackupFile, type SealedManifest } from '../../store/backup-manifest.js'
import { placeFile } from './place-file.js'

/** @throws CurtilageError backup-invalid */
export function readManifest (backup: string): SealedManifest {
  const parsed = sealedManifest.safeParse(jsonOf(join(backup, MANIFEST)))
  if (parsed.success) return parsed.data
  throw new CurtilageError('backup-invalid', `${join(backup, MANIFEST)} is missing, or no manifest of a backup that this version knows`)
}

/** The digest is that of the copy: what was written is what was promised. Rejects with backup-invalid. */
export async function restoreFile (backup: string, { path, bytes, sha256 }: BackupFile, to: string): Promise<void> {
  await placeFile(join(backup, path), to).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new CurtilageError('backup-invalid', `${path} is missing in the backup`)
    throw error
  })
  if ((await stat(to)).size !== bytes || await sha256Of(to) !== sha256) throw new CurtilageError('backup-invalid', `${path} is not what the manifest says: it was cut off or changed`)
}

function jsonOf (path: string): unknown {
  try { return JSON.parse(readFileSync(path, 'utf8')) } catch { return undefined }
}
