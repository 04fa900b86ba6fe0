/** The ledger's chain: `curtilage ledger`. */

import { z } from 'zod'
import type { NotedHead } from '../../consent/verify.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'

const MOST_PROBLEMS = 1_000

const head = z.object({ sequence: z.int(), head: z.string().describe('Letters g–z. Note both elsewhere.') })

const noted = z.string().regex(/^\d{1,15}:[g-z]{60}$/, 'is no head such as ledger head tells it: SEQUENCE:LETTERS')

const verification = z.object({
  ok: z.boolean(),
  code: z.literal('ledger-broken').optional(),
  entries: z.int(),
  erased: z.int().describe('Of these, how many were erased.'),
  head: z.string(),
  found: z.int().describe('How many problems there are.'),
  problems: z.array(z.object({
    kind: z.enum(['chain', 'head', 'noted-head', 'record', 'missing', 'erased-but-present', 'view', 'audit-index']),
    sequence: z.int().optional(),
    account: z.string().optional()
  })).describe(`The first ${MOST_PROBLEMS}.`)
})

export function ledgerRoutes (api: Api, { core: { ledger } }: Services): void {
  api.get('/v1/ledger/head', {
    config: { access: 'read' },
    schema: { summary: 'The end of the ledger, to be noted elsewhere', response: answers(200, head) }
  }, async () => ledger.head())

  api.get('/v1/ledger/verify', {
    config: { access: 'read', audit: 'ledger.verify' },
    schema: {
      summary: 'Hold the ledger against its own chain, and against heads noted elsewhere',
      description: 'Reads one snapshot; what is recorded meanwhile is not held up.',
      querystring: z.strictObject({ head: z.union([noted, z.array(noted).max(100)]).optional().describe('SEQUENCE:LETTERS, once or several times.') }),
      response: answers(200, verification)
    }
  }, async ({ query: { head = [] } }) => {
    const { problems, ...verified } = await ledger.verify([head].flat().map(parseHead))
    return { ...verified, ...(!verified.ok && { code: 'ledger-broken' as const }), found: problems.length, problems: problems.slice(0, MOST_PROBLEMS) }
  })
}

function parseHead (written: string): NotedHead {
  const [sequence, head = ''] = written.split(':')
  return { sequence: Number(sequence), head }
}
