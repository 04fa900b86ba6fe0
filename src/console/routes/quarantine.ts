/** What is remembered of payloads that could not be read: never any of their content. */

import { z } from 'zod'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const entry = z.object({ atMs: z.int(), reason: z.string(), report: z.string(), bytes: z.int(), fingerprint: z.string().describe('Tells whether the same payload came again, within one day.') })

export function quarantineRoutes (api: Api, { gateway }: Services): void {
  api.get('/v1/quarantine', {
    config: { access: 'read' },
    schema: { summary: 'The latest payloads that could not be read, newest first', response: answers(200, z.object({ entries: z.array(entry) })) }
  }, async () => ({ entries: gateway?.quarantine.list() ?? [] }))
}
