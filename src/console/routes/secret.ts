/** Generations of the gateway's secret: `curtilage secret`. Never the secret itself. */

import { z } from 'zod'
import { numbersText, retireGenerations, rotateSecret, secretStatus } from '../../rotation.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const generation = z.object({
  generation: z.int(),
  sinceMs: z.int(),
  newest: z.boolean(),
  needed: z.boolean(),
  devices: z.int().describe('Passwords of devices kept under it.'),
  apps: z.int().describe('Tokens of accounts\' own apps.'),
  recipients: z.int().describe('Tokens of recipients.'),
  tokens: z.int().describe('Tokens of this API.'),
  addresses: z.int().describe('Fingerprints of addresses.'),
  pseudonymsUntilMs: z.number().optional().describe('Epochs that began under it end by then.'),
  noticesUntilMs: z.number().optional().describe('Until then an erasure may have to name pseudonyms made under it.')
})

const generations = z.object({ generations: z.array(generation) })

export function secretRoutes (api: Api, { core }: Services): void {
  api.get('/v1/secret', {
    config: { access: 'read' },
    schema: { summary: 'Generations of the gateway\'s secret, and what needs them', response: answers(200, generations) }
  }, async () => ({ generations: await secretStatus(core) }))

  api.post('/v1/secret/rotate', {
    config: { access: 'write', audit: 'secret.rotate' },
    schema: {
      summary: 'A new generation of the secret',
      description: 'For pseudonyms it is in force from the next epoch on. Credentials stay valid, and are kept under it from their next use on.',
      response: answers(200, generations)
    }
  }, async ({ audited }) => {
    audited.subject = numbersText([{ generation: await rotateSecret(core) }])
    return { generations: await secretStatus(core) }
  })

  api.post('/v1/secret/retire', {
    config: { access: 'write', audit: 'secret.retire' },
    schema: {
      summary: 'Destroy old generations of the secret that nothing needs',
      description: 'With force all of them: credentials kept under them are void, pseudonyms of epochs that began under them change.',
      body: z.strictObject({ force: z.boolean().optional() }),
      response: answers(200, generations.extend({ retired: z.array(generation).describe('As they were: what was kept under them is void.') }))
    }
  }, async ({ body: { force = false }, audited }) => {
    const retired = await retireGenerations(core, force)
    audited.subject = numbersText(retired)
    audited.count = retired.length
    return { retired, generations: await secretStatus(core) }
  })
}
