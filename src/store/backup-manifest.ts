/**
 * What a backup holds, and how it is told whether it is whole.
 *
 * ```
 * BACKUP/manifest.json     written last: a folder without one is no backup
 * BACKUP/store/data.mdb    a snapshot of the store, compacted
 * BACKUP/replay.ndjson     the replay list as it was, where there was one
 * BACKUP/secret            with secrets only
 * BACKUP/recipients/…      with recipients only
 * ```
 * The seal is an HMAC over the rest of the manifest, under a key that follows from the gateway's secret: it tells a manifest
 * that was changed, and a secret that belongs to another gateway.
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { lettersOf } from '../letters.js'
import type { Keyring } from './keyring.js'

export const MANIFEST = 'manifest.json'
const SEAL_USE = 'backup'
/** Of what a backup can hold; no way out of its folder. */
const FILE = /^(?:store\/data\.mdb|replay\.ndjson|secret|recipients(?:\/(?!\.{1,2}\/)[A-Za-z0-9._-]{1,255}){3})$/

export const backupManifest = z.strictObject({
  backup: z.literal(1),
  madeMs: z.int().nonnegative(),
  store: z.strictObject({ format: z.int().positive() }),
  ledger: z.strictObject({ sequence: z.int().nonnegative(), head: z.string().regex(/^[g-z]{60}$/) }),
  files: z.array(z.strictObject({ path: z.string().regex(FILE), bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })).min(1).max(20_000)
})

export const sealedManifest = backupManifest.extend({
  seal: z.strictObject({ generation: z.int().positive().describe('Of the secret.'), mac: z.string().regex(/^[g-z]{60}$/) })
})

export type BackupManifest = z.infer<typeof backupManifest>
export type SealedManifest = z.infer<typeof sealedManifest>
export type BackupFile = BackupManifest['files'][number]

/** Under the newest generation of the secret. */
export function seal (manifest: BackupManifest, keyring: Keyring): SealedManifest {
  const { generation } = keyring.newest
  return { ...manifest, seal: { generation, mac: macOf(manifest, keyring, generation) ?? '' } }
}

/** False: it was changed, or the secret is another one, or has lost the generation that it was sealed under. */
export function isSealedBy ({ seal: { generation, mac }, ...manifest }: SealedManifest, keyring: Keyring): boolean {
  const expected = Buffer.from(macOf(manifest, keyring, generation) ?? '')
  const given = Buffer.from(mac)
  return expected.length === given.length && timingSafeEqual(expected, given)
}

/** Hexadecimal, as sha256sum tells it. */
export async function sha256Of (path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Members in an order of ours, whatever the file's was. */
function macOf ({ backup, madeMs, store, ledger, files }: BackupManifest, keyring: Keyring, generation: number): string | undefined {
  const key = keyring.key(SEAL_USE, generation)
  const sealed = [backup, madeMs, store.format, ledger.sequence, ledger.head, files.map(({ path, bytes, sha256 }) => [path, bytes, sha256])]
  return key && lettersOf(createHmac('sha256', key).update(JSON.stringify(sealed)).digest())
}
