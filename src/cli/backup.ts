/** `curtilage backup` and `curtilage restore`. */

import type { Command } from 'commander'
import type { SealedManifest } from '../store/backup-manifest.js'
import { withApi } from './api-client.js'
import type { RestoreRequest } from './backup/restore-backup.js'
import { dataFolderOf } from './data-folder.js'
import { UsageError } from './failure.js'
import { examples, withData, type DataOptions } from './options.js'
import { note, print, printJson } from './terminal.js'

const MIB = 1024 * 1024

interface BackupOptions extends DataOptions {
  readonly withSecrets?: true
  readonly withRecipients?: true
}

interface RestoreOptions extends DataOptions {
  readonly secret?: string
  readonly withoutSecret?: true
  readonly replay?: string
  readonly withoutReplay?: true
}

export function addBackupCommands (program: Command): void {
  examples(withData(program.command('backup').description('copy the data folder as it is at one moment, beside a gateway that goes on')
    .argument('<folder>', 'where to; made, or empty')
    .option('--with-secrets', 'the secret too: whoever has both can compute pseudonyms and try passwords')
    .option('--with-recipients', 'what file sinks have delivered, too')), [
    'curtilage backup /mnt/backups/2026-11-24',
    'curtilage backup /mnt/backups/2026-11-24 --json'
  ]).addHelpText('after', `
Without --with-secrets keep DATA/secret elsewhere, once and after each rotation: a store is of little use without it. Copy
DATA/replay.ndjson elsewhere too, often: it holds the erasures and withdrawals that a backup knows nothing of.`)
    .action(backup)

  examples(withData(program.command('restore').description('put a backup into an empty data folder, held against its digests, its seal and the ledger\'s chain')
    .argument('<backup>', 'a folder that curtilage backup made')
    .option('--secret <file>', 'DATA/secret as it was kept elsewhere; a newer one does too')
    .option('--without-secret', 'it is lost: all passwords and tokens are void, all pseudonyms change')
    .option('--replay <file>', 'the newest DATA/replay.ndjson that there is')
    .option('--without-replay', 'it is lost: what was erased, denied or withdrawn since the backup is forgotten')), [
    'curtilage restore /mnt/backups/2026-11-24 --data data --secret /mnt/safe/secret --replay /mnt/elsewhere/replay.ndjson'
  ]).action(restore)
}

async function backup (folder: string, options: BackupOptions): Promise<void> {
  const data = await dataFolderOf(options)
  const { makeBackup } = await import('./backup/make-backup.js')
  const request = { data, folder, withSecrets: options.withSecrets === true, withRecipients: options.withRecipients === true, nowMs: Date.now() }
  const call = async <T>(path: string, body?: object): Promise<T> => await withApi(options, { create: false }, async api => await api.call<T>('POST', path, body))
  const made = await makeBackup(request, async () => { await call('/v1/backups/begin') }, async manifest => await call<SealedManifest>('/v1/backups', manifest))
  if (options.withSecrets === true) note('THE BACKUP HOLDS THE SECRET: with it, pseudonyms can be computed and passwords tried. Encrypt it, and let nobody else read it')
  else note('without the secret: a restore needs DATA/secret, which you keep elsewhere')
  if (options.json) return printJson(made)
  const bytes = made.files.reduce((sum, file) => sum + file.bytes, 0)
  print(`${folder}: ${made.files.length} files, ${Math.ceil(bytes / MIB)} MiB; ledger ${made.ledger.sequence}:${made.ledger.head}`)
}

async function restore (folder: string, options: RestoreOptions): Promise<void> {
  const data = await dataFolderOf(options)
  const { readManifest } = await import('./backup/read-backup.js')
  const holdsSecret = readManifest(folder).files.some(({ path }) => path === 'secret')
  const request = { backup: folder, data, now: Date.now, secret: secretOf(options, holdsSecret), replay: replayOf(options) }
  const { restoreBackup } = await import('./backup/restore-backup.js')
  const restored = await restoreBackup(request)
  if (options.json) return printJson({ ...restored, data })
  print(`${data}: as it was at ${new Date(restored.madeMs).toISOString()}; the ledger fits its chain, ${restored.entries} entries`)
  if (restored.migratedFrom !== undefined) print(`the store was brought up from format ${restored.migratedFrom}`)
  if (options.withoutReplay) note('what was erased, denied or withdrawn since then is forgotten: do it again where you know of it')
  else print(`${restored.toReplay} entries of the replay list are newer: the next start records them again before it delivers anything`)
  if (options.withoutSecret) note('the next start makes a new secret: passwords and tokens of before are void; make a token before the start with curtilage token create --role ops')
  else note('tokens are those of before; DATA/ops.token was not part of it: give yours in CURTILAGE_TOKEN, or make one before the start with curtilage token create --role ops')
}

function secretOf ({ secret, withoutSecret, replay }: RestoreOptions, holdsSecret: boolean): RestoreRequest['secret'] {
  if (secret !== undefined && withoutSecret) throw new UsageError('--secret and --without-secret exclude each other')
  if (withoutSecret && replay !== undefined) throw new UsageError('a replay list can be read only with the secret that it was written under: give --secret, or --without-replay')
  if (withoutSecret) return 'none'
  if (secret !== undefined) return { file: secret }
  if (holdsSecret) return undefined
  throw new UsageError('the backup holds no secret: give --secret FILE, or say --without-secret, which makes all passwords void and changes all pseudonyms')
}

function replayOf ({ replay, withoutReplay }: RestoreOptions): RestoreRequest['replay'] {
  if (replay !== undefined && withoutReplay) throw new UsageError('--replay and --without-replay exclude each other')
  if (withoutReplay) return 'none'
  if (replay !== undefined) return { file: replay }
  throw new UsageError('give the newest replay list with --replay FILE, or say --without-replay, which forgets what was erased, denied or withdrawn since the backup')
}
