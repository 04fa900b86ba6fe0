/** Explain: `curtilage explain`. */

import { z } from 'zod'
import { pathContext } from '../../core.js'
import { explainReport } from '../explain-report.js'
import { id } from '../id-schemas.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const FRAME_BYTES = 4096

const why = { reason: z.string().nullable(), rule: z.string().nullable(), consent: z.string().nullable(), clause: z.string().nullable() }

const field = z.object({
  path: z.string(),
  category: z.string().nullable(),
  transform: z.string().nullable(),
  outcome: z.enum(['disclosed', 'suppressed']),
  ...why,
  count: z.int().describe('Fields of this path that met the same fate.')
})

export const explained = z.object({
  recipient: z.string(),
  outcome: z.enum(['disclosed', 'withheld']),
  ...why,
  fields: z.array(field),
  disclosure: z.unknown().optional().describe('What would leave.')
})

const explanation = z.object({
  recipients: z.array(explained),
  quarantined: z.string().optional().describe('Why the report never came as far as a recipient.')
})

/** Base64 takes four bytes for three. */
export function explainRoutes (api: Api, { core }: Services): void {
  api.post('/v1/explain', {
    bodyLimit: Math.ceil(core.configuration.gateway.limits.maxReportBytes / 3) * 4 + FRAME_BYTES,
    config: { access: 'read', audit: 'report.explain' },
    schema: {
      summary: 'Why each field of a report leaves or stays, for every recipient',
      description: 'Nothing is delivered, kept or counted.',
      body: z.strictObject({
        account: id,
        topic: z.string().max(512).describe('kasa/{account}/{device}/{report}'),
        payload: z.base64().describe('The report\'s bytes, base64.')
      }),
      response: answers(200, explanation)
    }
  }, async ({ body: { account, topic, payload } }) => {
    const answer = explainReport({ account, topic, payload: Buffer.from(payload, 'base64') }, core.now(), device => pathContext(core, account, device))
    return answer as z.infer<typeof explanation>
  })
}
