/** Files and folders of a backup: private, durable, and never over what is there. */

import { constants, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { chmod, copyFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CurtilageError } from '../../model/errors.js'
import { syncFile, syncFolder } from '../../store/private-file.js'
import { codeOf } from '../unforeseen.js'

/** Made by whoever made the disk. */
const IGNORED: ReadonlySet<string> = new Set(['lost+found'])

/** Makes the folder, mode 700, or takes an empty one. @throws CurtilageError folder-taken */
export function takeFolder (folder: string, alsoIgnored: (name: string) => boolean = () => false): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const there = readdirSync(folder).filter(name => !IGNORED.has(name) && !alsoIgnored(name))
  if (there.length > 0) throw new CurtilageError('folder-taken', `${folder} is not empty: name another folder`)
}

/** What was written before it failed is of no use to anybody. */
export function emptyFolder (folder: string): void {
  for (const name of readdirSync(folder)) if (!IGNORED.has(name)) rmSync(`${folder}/${name}`, { recursive: true, force: true })
}

/** Mode 600, durable with its folder entry. Rejects where it exists. */
export async function placeFile (from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  await copyFile(from, to, constants.COPYFILE_EXCL)
  await chmod(to, 0o600)
  syncFile(to)
  syncFolder(dirname(to))
}

/** An error of the system as one with a place, what is ours as it is. */
export function writeTrouble (folder: string, error: unknown): CurtilageError {
  if (error instanceof CurtilageError) return error
  return new CurtilageError('backup-write', `${folder} could not be written (${codeOf(error)})`, undefined, { cause: error })
}
