/** Backups: `curtilage backup`. The store itself never goes over HTTP: who may read the data folder copies it. */

import { backupManifest, seal, sealedManifest } from '../../store/backup-manifest.js'
import { noteBackup } from '../../store/last-backup.js'
import { IMPORT_BYTES } from '../id-schemas.js'
import { outboxOf } from '../outbox-of.js'
import { answers, nothing, type Api } from '../route.js'
import type { Services } from '../services.js'

export function backupRoutes (api: Api, services: Services): void {
  const { core } = services

  api.post('/v1/backups/begin', {
    config: { access: 'write', audit: 'backup.begin' },
    schema: {
      summary: 'Bring everything that was acknowledged so far into the store, so that a copy of it holds that',
      description: 'For curtilage backup, which copies the store afterwards.',
      response: nothing
    }
  }, async (_, reply) => {
    await outboxOf(services).checkpoint()
    await reply.status(204).send()
  })

  api.post('/v1/backups', {
    bodyLimit: IMPORT_BYTES,
    config: { access: 'write', audit: 'backup.make' },
    schema: {
      summary: 'Seal the manifest of a backup, and note that it was made',
      description: 'For curtilage backup, which has copied the data folder. Without the seal no restore takes the backup.',
      body: backupManifest,
      response: answers(200, sealedManifest)
    }
  }, async ({ body, audited }) => {
    audited.count = body.files.length
    if (body.files.some(({ path }) => path === 'secret')) audited.subject = 'with the secret'
    await noteBackup(core.store, core.now())
    return seal(body, core.keyring)
  })
}
