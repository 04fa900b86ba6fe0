/** Recipients: `curtilage recipient`. */

import { z } from 'zod'
import { CurtilageError } from '../../model/errors.js'
import { name } from '../id-schemas.js'
import { checkKnown } from '../known-name.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const shown = z.object({
  recipient: z.string(),
  enabled: z.boolean(),
  kind: z.string(),
  purpose: z.string(),
  region: z.string(),
  reports: z.array(z.string()),
  sink: z.object({ type: z.string(), folder: z.string().optional() }),
  waiting: z.int().optional().describe('Disclosures in the outbox, where a gateway runs.')
})

export function recipientRoutes (api: Api, { core, gateway }: Services): void {
  const recipients = () => core.configuration.policy.recipients

  api.get('/v1/recipients', {
    config: { access: 'read' },
    schema: { summary: 'Recipients of the policy in force', response: answers(200, z.object({ recipients: z.array(shown) })) }
  }, async () => ({
    recipients: recipients().map(({ name, enabled, kind, purpose, region, reports, sink }) => ({
      recipient: name,
      enabled,
      kind: kind.name,
      purpose: purpose.name,
      region,
      reports: [...reports],
      sink: { ...sink },
      ...(gateway !== undefined && { waiting: gateway.outbox.depth(name) })
    }))
  }))

  api.post('/v1/recipients/:recipient/token', {
    config: { access: 'write', audit: 'recipient.token' },
    schema: {
      summary: 'A new password for a recipient of the mqtt sink',
      description: 'The one before is void. Shown once.',
      params: z.strictObject({ recipient: name }),
      response: answers(201, z.object({ recipient: z.string(), userName: z.string(), token: z.string() }))
    }
  }, async ({ params: { recipient } }, reply) => {
    checkKnown('token-invalid', 'recipient', recipient, recipients().map(({ name }) => name))
    if (recipients().find(({ name }) => name === recipient)?.sink.type !== 'mqtt') {
      throw new CurtilageError('token-invalid', 'the recipient does not connect: its sink is not mqtt')
    }
    const token = await core.registry.recipientToken(recipient)
    return await reply.code(201).send({ recipient, userName: `recipient:${recipient}`, token })
  })
}
