/** The audit log: `curtilage audit`. */

import { z } from 'zod'
import { recordId, sequenceOf } from '../../consent/record-id.js'
import { CurtilageError } from '../../model/errors.js'
import { id, instant } from '../id-schemas.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const entry = z.object({
  id: z.string(),
  sequence: z.int(),
  at: z.int(),
  action: z.string(),
  outcome: z.string().describe('done, the code of an error, or begun where no outcome is known.'),
  actor: z.string().optional().describe('The role; gateway where it acted by itself.'),
  token: z.string().optional().describe('Id of the token; local for a command that opened the data folder itself.'),
  route: z.string().optional(),
  account: z.string().optional(),
  subject: z.string().optional().describe('A device, recipient, token or policy.'),
  count: z.int().optional().describe('How many reads, refusals or lines this entry stands for.'),
  firstMs: z.int().optional().describe('When the first of several was.'),
  by: z.string().optional().describe('Who did it, as given with it.'),
  reason: z.string().optional().describe('Why, as given with it.')
})

export function auditRoutes (api: Api, { core }: Services): void {
  api.get('/v1/audit', {
    config: { access: 'read', audit: 'audit.list' },
    schema: {
      summary: 'What operators and apps did',
      querystring: z.strictObject({
        account: id.optional(),
        action: z.string().max(64).optional().describe('Such as account.erase.'),
        since: instant.optional(),
        until: instant.optional(),
        order: z.enum(['oldest', 'newest']).default('oldest').describe('Which comes first.'),
        after: z.string().max(20).optional().describe('The id of the last entry of the page before.'),
        limit: z.coerce.number().int().min(1).max(1000).default(100).describe('At most this many.')
      }),
      response: answers(200, z.object({ entries: z.array(entry) }))
    }
  }, async ({ query: { account, action, since, until, order, after, limit } }) => {
    const entries = await core.ledger.audit({
      limit,
      newestFirst: order === 'newest',
      ...(account !== undefined && { account }),
      ...(action !== undefined && { action }),
      ...(since !== undefined && { sinceMs: since }),
      ...(until !== undefined && { untilMs: until }),
      ...(after !== undefined && { after: placeOf(after) })
    })
    return { entries: entries.map(({ sequence, source, notice, begun, ...rest }) => ({ ...rest, id: recordId(sequence), sequence, ...(source !== undefined && { token: source }) })) }
  })
}

function placeOf (after: string): number {
  const sequence = sequenceOf(after)
  if (sequence === undefined) throw new CurtilageError('request-invalid', 'querystring/after: is no id of an entry')
  return sequence
}
