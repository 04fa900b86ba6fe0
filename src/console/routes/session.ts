/** Who a token is: what the web console asks first. */

import { z } from 'zod'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const session = z.object({
  role: z.enum(['ops', 'auditor', 'account']),
  account: z.string().optional().describe('Where the token is an account\'s own.'),
  policy: z.string().describe('Digest of the policy in force.'),
  notice: z.string().describe('Version of the privacy notice in force.'),
  gateway: z.boolean().describe('A gateway runs; otherwise a command has opened its data folder.')
})

export function sessionRoutes (api: Api, { core, gateway }: Services): void {
  api.get('/v1/session', {
    config: { access: 'any' },
    schema: { summary: 'What the token of this request may do', response: answers(200, session) }
  }, async ({ role = 'auditor' }) => {
    const { digest, noticeVersion } = core.configuration.policy
    const account = role.startsWith('account:') ? role.slice('account:'.length) : undefined
    return {
      role: role === 'ops' || role === 'auditor' ? role : 'account' as const,
      ...(account !== undefined && { account }),
      policy: digest,
      notice: noticeVersion,
      gateway: gateway !== undefined
    }
  })
}
