/** Policies: which is in force, which waits, and what each recipient may get: `curtilage policy`, `curtilage matrix`. */

import { z } from 'zod'
import { matrix } from '../../policy/matrix.js'
import { actorOf } from '../access.js'
import { remark } from '../id-schemas.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

export const change = z.object({
  effect: z.enum(['narrower', 'wider', 'different']),
  aspect: z.string(),
  recipient: z.string().optional(),
  report: z.string().optional(),
  path: z.string().optional(),
  old: z.string().optional(),
  new: z.string().optional(),
  oldRule: z.string().optional(),
  newRule: z.string().optional()
})

const approval = z.object({ by: z.string(), reason: z.string(), atMs: z.int(), usedMs: z.int().optional().describe('When the policy took force on it: an approval serves once.') })

const policies = z.object({
  active: z.string(),
  notice: z.string(),
  waiting: z.object({ digest: z.string(), verdict: z.string(), changes: z.array(change), approval: approval.optional() }).optional()
    .describe('The policy of the configuration folder, where it is not in force.'),
  policies: z.array(z.object({ digest: z.string(), storedMs: z.int(), active: z.boolean(), approval: approval.optional() }))
})

const cell = z.object({
  recipient: z.string(),
  category: z.string(),
  transform: z.string().optional(),
  rule: z.string().optional(),
  clause: z.string(),
  consent: z.enum(['none', 'purpose', 'recipient', 'closed']),
  reports: z.array(z.string())
})

const row = z.object({ recipient: z.string(), enabled: z.boolean(), kind: z.string(), purpose: z.string(), clause: z.string(), cells: z.array(cell) })

export function policyRoutes (api: Api, { core }: Services): void {
  const { archive } = core

  api.get('/v1/policies', {
    config: { access: 'read' },
    schema: { summary: 'Every policy that was seen, and which is in force', response: answers(200, policies) }
  }, async () => {
    const { waiting } = core.inForce
    const approval = waiting === undefined ? undefined : archive.approval(waiting.digest)
    return {
      active: core.configuration.policy.digest,
      notice: core.configuration.policy.noticeVersion,
      ...(waiting !== undefined && { waiting: { digest: waiting.digest, verdict: waiting.comparison.verdict, changes: [...waiting.comparison.changes], ...(approval !== undefined && { approval }) } }),
      policies: archive.list()
    } as z.infer<typeof policies>
  })

  api.post('/v1/policies/:digest/approve', {
    config: { access: 'write', audit: 'policy.approve' },
    schema: {
      summary: 'Let a policy take force at the next start',
      params: z.strictObject({ digest: z.string().max(100) }),
      body: z.strictObject({ reason: remark.min(1), by: remark.min(1).optional() }),
      response: answers(200, z.object({ digest: z.string(), approval }))
    }
  }, async (request) => {
    const { params: { digest }, body: { reason, by = actorOf(request) } } = request
    await archive.approve(digest, by, reason)
    return { digest, approval: archive.approval(digest) ?? { by, reason, atMs: core.now() } }
  })

  api.get('/v1/matrix', {
    config: { access: 'read' },
    schema: { summary: 'Recipients × categories of the policy in force', response: answers(200, z.object({ recipients: z.array(row) })) }
  }, async () => ({ recipients: matrix(core.configuration.policy) as z.infer<typeof row>[] }))
}
