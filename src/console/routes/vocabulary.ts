/** The names that the policy in force knows, for whoever has to choose among them. */

import { z } from 'zod'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const vocabulary = z.object({
  notice: z.string().describe('Version of the privacy notice in force.'),
  regimes: z.array(z.string()),
  regions: z.array(z.string()),
  purposes: z.array(z.object({ purpose: z.string(), clause: z.string(), required: z.boolean() })),
  recipients: z.array(z.object({ recipient: z.string(), enabled: z.boolean(), kind: z.string(), purpose: z.string() })),
  categories: z.array(z.string())
})

export function vocabularyRoutes (api: Api, { core }: Services): void {
  api.get('/v1/vocabulary', {
    config: { access: 'any' },
    schema: { summary: 'Regimes, regions, purposes, recipients and categories of the policy in force', response: answers(200, vocabulary) }
  }, async () => {
    const { noticeVersion, regimes, transfers, purposes, recipients, categories } = core.configuration.policy
    return {
      notice: noticeVersion,
      regimes: [...regimes.keys()],
      regions: [...new Set([...transfers.keys(), ...[...transfers.values()].flatMap(regions => [...regions])])],
      purposes: [...purposes.values()].map(({ name, clause, required }) => ({ purpose: name, clause, required })),
      recipients: recipients.map(({ name, enabled, kind, purpose }) => ({ recipient: name, enabled, kind: kind.name, purpose: purpose.name })),
      categories: [...categories.keys()]
    }
  })
}
