/** Health, for whatever supervises the process. Says nothing of any home, so it needs no token. */

import { z } from 'zod'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const ready = z.object({ ready: z.boolean(), checks: z.object({ gateway: z.boolean(), store: z.boolean(), policy: z.boolean(), data: z.boolean() }), reason: z.string().optional().describe('What keeps it from taking reports.') })

export function healthRoutes (api: Api, { core, gateway }: Services): void {
  api.get('/health/live', {
    config: { access: 'open' },
    schema: { summary: 'The process answers', response: answers(200, z.object({ live: z.literal(true) })) }
  }, async () => ({ live: true as const }))

  api.get('/health/ready', {
    config: { access: 'open' },
    schema: { summary: 'Reports can be taken', response: { ...answers(200, ready), 503: ready } }
  }, async (_, reply) => {
    const trouble = core.store.watch.trouble()
    const checks = { gateway: gateway !== undefined, store: isReadable(), policy: core.configuration.policy.digest !== '', data: trouble === undefined }
    const all = Object.values(checks).every(Boolean)
    return await reply.code(all ? 200 : 503).send({ ready: all, checks, ...(trouble !== undefined && { reason: trouble }) })
  })

  function isReadable (): boolean {
    try {
      return core.store.meta.get('format') !== undefined
    } catch {
      return false
    }
  }
}
