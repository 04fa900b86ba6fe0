/** Bearer tokens of this API: `curtilage token`. */

import { z } from 'zod'
import { remark } from '../id-schemas.js'
import { answers, nothing, type Api } from '../route.js'
import type { Services } from '../services.js'

const shown = z.object({ id: z.string(), role: z.string(), createdMs: z.int() })

export function tokenRoutes (api: Api, { core }: Services): void {
  const { tokens } = core.registry

  api.get('/v1/tokens', {
    config: { access: 'read' },
    schema: { summary: 'Tokens: ids and roles', response: answers(200, z.object({ tokens: z.array(shown) })) }
  }, async () => ({ tokens: tokens.list() }))

  api.post('/v1/tokens', {
    config: { access: 'write', audit: 'token.create' },
    schema: {
      summary: 'A new token',
      description: 'For one of the roles ops, auditor, account:{id}. Shown once.',
      body: z.strictObject({ role: remark }),
      response: answers(201, z.object({ id: z.string(), role: z.string(), token: z.string() }))
    }
  }, async (request, reply) => {
    const made = await tokens.create(request.body.role)
    request.audited.subject = made.id
    return await reply.code(201).send(made)
  })

  api.delete('/v1/tokens/:id', {
    config: { access: 'write', audit: 'token.revoke' },
    schema: { summary: 'Make a token void', params: z.strictObject({ id: remark }), response: nothing }
  }, async ({ params: { id } }, reply) => {
    await tokens.revoke(id)
    return await reply.code(204).send()
  })
}
