/** Explain: `curtilage explain`. */

import { Transform, type Readable } from 'node:stream'
import { z } from 'zod'
import { pathContext } from '../../core.js'
import { errorOf } from '../../model/errors.js'
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

export function explainRoutes (api: Api, { core }: Services): void {
  api.post('/v1/explain', {
    // what no packet can bring before the next start; up to that, the policy in force says how long a report may be
    bodyLimit: bodyBytes(core.configuration.gateway.limits.maxPacketBytes),
    preParsing: async ({ headers }, _reply, body) => atMost(bodyBytes(core.configuration.maxReportBytes), body, headers['content-length']),
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

/** Base64 takes four bytes for three. */
function bodyBytes (reportBytes: number): number {
  return Math.ceil(reportBytes / 3) * 4 + FRAME_BYTES
}

/** A length that is told is kept to by the HTTP parser; one that is not is counted. */
function atMost (maxBytes: number, body: Readable, told: string | undefined): Readable {
  if (told !== undefined) {
    if (Number(told) > maxBytes) throw errorOf('request-too-large')
    return body
  }
  let bytes = 0
  return body.pipe(new Transform({
    transform (chunk: Buffer, _encoding, next) {
      bytes += chunk.length
      if (bytes > maxBytes) next(errorOf('request-too-large'))
      else next(null, chunk)
    }
  }))
}
