/**
 * Credentials stand in files of their own, which nobody but their owner may read.
 *
 * They are read anew with each connection, so that a rotation needs no restart.
 */

import { open } from 'node:fs/promises'
import { codeOf, type Troubles } from './trouble.js'

const OTHERS = 0o077
const MAX_BYTES = 16 * 1024
const MAX_CERTIFICATES_BYTES = 1024 * 1024

/** The file's lines without empty ones, at least one. Rejects with `sink-credential`, which names the file, never its content. */
export async function readCredentials (path: string, troubles: Troubles): Promise<string[]> {
  const text = await readBounded(path, { mayBePublic: false, maxBytes: MAX_BYTES }, troubles)
  const lines = text.split(/\r?\n/).filter(line => line !== '')
  if (lines.length === 0) throw troubles.credential(`${path} is empty`)
  // a control character has no place in a header or a password, and would tell of itself in errors of the libraries
  if (lines.some(line => !/^[\x20-\x7e]+$/.test(line))) throw troubles.credential(`${path} holds something other than printable ASCII`)
  return lines
}

/** As `readCredentials`, for a file of one line. */
export async function readCredential (path: string, troubles: Troubles): Promise<string> {
  const [credential = '', ...more] = await readCredentials(path, troubles)
  if (more.length > 0) throw troubles.credential(`${path} holds more than one line`)
  return credential
}

/** Certificates to trust, PEM: no secret. */
export async function readCertificates (path: string, troubles: Troubles): Promise<string> {
  const text = await readBounded(path, { mayBePublic: true, maxBytes: MAX_CERTIFICATES_BYTES }, troubles)
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw troubles.credential(`${path} holds no certificate`)
  return text
}

interface Bounds {
  readonly mayBePublic: boolean
  readonly maxBytes: number
}

async function readBounded (path: string, { mayBePublic, maxBytes }: Bounds, troubles: Troubles): Promise<string> {
  const file = await open(path, 'r').catch((error: unknown) => { throw troubles.credential(`${path} cannot be read (${codeOf(error)})`) })
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw troubles.credential(`${path} is not a plain file`)
    if (!mayBePublic && (stat.mode & OTHERS) !== 0) throw troubles.credential(`${path} can be read by others: chmod 600`)
    if (stat.size > maxBytes) throw troubles.credential(`${path} is larger than ${maxBytes} bytes`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}
