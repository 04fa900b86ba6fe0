/** Files of mode 600, written whole or not at all. */

import { closeSync, fchmodSync, fstatSync, fsyncSync, linkSync, openSync, readdirSync, renameSync, rmSync, unlinkSync, writeSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { lettersOf } from '../letters.js'

/**
 * Writes a file that did not exist, durable with its folder entry.
 *
 * Where another process was faster, the other's file stays.
 */
export function createPrivateFile (path: string, bytes: Uint8Array): void {
  const draft = writeDraft(path, bytes)
  try { linkSync(draft, path) } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally { unlinkSync(draft) }
  syncFolder(dirname(path))
}

/**
 * Puts a file in the place of one that exists: whoever reads finds the old one or the new one, after a crash too.
 *
 * The bytes of the old one are overwritten then, as far as the file system lets that reach the disk.
 */
export function replacePrivateFile (path: string, bytes: Uint8Array): void {
  const draft = writeDraft(path, bytes)
  const old = openSync(path, 'r+')
  try {
    renameSync(draft, path)
    syncFolder(dirname(path))
    overwrite(old)
  } finally { closeSync(old) }
}

/** Removes what a process that was killed left of files that it was writing. */
export function removeDrafts (path: string): void {
  const prefix = `${basename(path)}.`
  const drafts = readdirSync(dirname(path)).filter(name => name.startsWith(prefix) && /^[g-z]{10,}$/.test(name.slice(prefix.length)))
  for (const name of drafts) rmSync(join(dirname(path), name), { force: true })
}

export function syncFolder (folder: string): void {
  const handle = openSync(folder, 'r')
  try { fsyncSync(handle) } finally { closeSync(handle) }
}

export function syncFile (path: string): void {
  const file = openSync(path, 'r+')
  try { fsyncSync(file) } finally { closeSync(file) }
}

function writeDraft (path: string, bytes: Uint8Array): string {
  const draft = `${path}.${lettersOf(randomBytes(8))}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    fchmodSync(file, 0o600)
    writeSync(file, bytes)
    fsyncSync(file)
  } finally { closeSync(file) }
  return draft
}

/** A file that still has a name is somebody's copy. */
function overwrite (file: number): void {
  const { size, nlink } = fstatSync(file)
  if (nlink > 0) return
  writeSync(file, Buffer.alloc(size), 0, size, 0)
  fsyncSync(file)
}
