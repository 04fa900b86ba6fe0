/**
 * The gateway's secret: 32 random bytes in `DATA/secret`, made at first start, mode 600.
 *
 * Keys for each use are derived from it (HKDF-SHA-256, RFC 5869), so that no two uses share a key.
 */

import { closeSync, fchmodSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { hkdfSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { lettersOf } from '../letters.js'
import { CurtilageError } from '../model/errors.js'

const SECRET_BYTES = 32
const OTHERS = 0o077

/**
 * Reads the secret of a data folder; makes it where there is none yet.
 *
 * @throws CurtilageError secret-unsafe if it is no plain file, readable by group or world, or not of 32 bytes
 */
export function loadSecret (dataFolder: string): Buffer {
  const path = join(dataFolder, 'secret')
  const found = readSecret(path)
  if (found !== undefined) return found
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  createPrivateFile(path, randomBytes(SECRET_BYTES))
  return readSecret(path) ?? fail(path, 'vanished while it was made')
}

/** The key for one use, named by its label. */
export function deriveKey (secret: Uint8Array, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `curtilage/${label}`, SECRET_BYTES))
}

/**
 * Writes a file of mode 600 that did not exist, whole or not at all, durable with its folder entry.
 *
 * Where another process was faster, the other's file stays.
 */
export function createPrivateFile (path: string, bytes: Uint8Array): void {
  const draft = `${path}.${lettersOf(randomBytes(8))}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    fchmodSync(file, 0o600)
    writeSync(file, bytes)
    fsyncSync(file)
  } finally { closeSync(file) }
  try { linkSync(draft, path) } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally { unlinkSync(draft) }
  syncFolder(join(path, '..'))
}

export function syncFolder (folder: string): void {
  const handle = openSync(folder, 'r')
  try { fsyncSync(handle) } finally { closeSync(handle) }
}

function readSecret (path: string): Buffer | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (!stat.isFile()) return fail(path, 'is not a plain file')
  if ((stat.mode & OTHERS) !== 0) return fail(path, 'can be read by others: chmod 600')
  const secret = readFileSync(path)
  return secret.length === SECRET_BYTES ? secret : fail(path, `does not hold ${SECRET_BYTES} bytes`)
}

function fail (path: string, what: string): never {
  throw new CurtilageError('secret-unsafe', `${path} ${what}`)
}
