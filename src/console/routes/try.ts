/** Try it: a draft of the rules, a report and a home, without any effect. */

import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { CurtilageError, errorOf } from '../../model/errors.js'
import { id, name } from '../id-schemas.js'
import { comparison, draftedFiles, problem } from '../policy-schemas.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'
import type { Attempt, MadeUpHome } from '../try/attempt.js'
import { TryDesk } from '../try/try-desk.js'
import { explained } from './explain.js'

const MAX_REPORT_CHARS = 64 * 1024
const BODY_BYTES = 4 * 1024 * 1024
const DEVICE = 'device-1'

const home = z.strictObject({
  regime: name,
  region: name.optional().describe('Default: the default region.'),
  minor: z.boolean().default(false),
  optOutSignal: z.boolean().default(false),
  consents: z.array(z.strictObject({ purpose: name, state: z.enum(['granted', 'denied', 'withdrawn']), recipient: name.optional(), category: name.optional() })).max(100).default([]).describe('Oldest first.')
})

const asked = z.strictObject({
  files: draftedFiles.optional(),
  report: z.strictObject({
    name: name.describe('Report type.'),
    payload: z.string().max(MAX_REPORT_CHARS).describe('The report as text.'),
    device: id.default(DEVICE)
  }).optional(),
  account: id.optional().describe('A registered account, as it stands now.'),
  home: home.optional().describe('A home that is made up, in place of an account.'),
  cases: z.boolean().default(false).describe('Run the cases of tests/ as well.')
})

const explanation = z.object({
  recipients: z.array(explained.extend({
    leaves: z.array(z.object({
      at: z.string().describe('JSON pointer into the report.'),
      isKey: z.boolean().optional().describe('The key there is meant.'),
      line: z.int().describe('Which of the fields tells its fate.'),
      value: z.unknown().optional().describe('As it leaves; absent where it stays.')
    }))
  })),
  quarantined: z.string().optional()
})

const answer = z.object({
  digest: z.string().optional().describe('Of the draft; absent where it has problems.'),
  problems: z.array(problem),
  explanation: explanation.optional(),
  inForce: explanation.optional().describe('By the policy in force, where files were given.'),
  comparison: z.object(comparison).optional().describe('The draft against what is in force.'),
  cases: z.array(z.object({
    name: z.string(),
    rule: z.string(),
    ok: z.boolean(),
    results: z.array(z.object({ recipient: z.string(), ok: z.boolean(), expected: z.unknown(), actual: z.unknown() }))
  })).optional()
})

const choices = z.object({
  digest: z.string(),
  files: z.record(z.string(), z.string()).describe('The configuration in force, by path.'),
  reports: z.array(z.string()),
  recipients: z.array(z.object({ recipient: z.string(), purpose: z.string(), needsNaming: z.boolean().describe('Only consent that names it counts.') })),
  purposes: z.array(z.object({ purpose: z.string(), required: z.boolean() })),
  regimes: z.array(z.string()),
  regions: z.array(z.string()),
  defaultRegion: z.string()
})

export function tryRoutes (api: Api, { core }: Services): void {
  const desk = new TryDesk()
  api.addHook('onClose', async () => { await desk.close() })

  api.get('/v1/try', {
    config: { access: 'read' },
    schema: { summary: 'What can be tried: files, reports, regimes and purposes of the policy in force', response: answers(200, choices) }
  }, async () => {
    const { policy, sources } = core.configuration
    return {
      digest: policy.digest,
      files: Object.fromEntries(sources),
      reports: [...policy.reports.keys()].sort(),
      recipients: policy.recipients.map(({ name: recipient, purpose, kind }) => ({ recipient, purpose: purpose.name, needsNaming: kind.access === 'recipient-consent' })),
      purposes: [...policy.purposes.values()].map(({ name: purpose, required }) => ({ purpose, required })),
      regimes: [...policy.regimes.keys()],
      regions: [...policy.transfers.keys()],
      defaultRegion: policy.defaultRegion
    }
  })

  api.post('/v1/try', {
    bodyLimit: BODY_BYTES,
    config: { access: 'read', audit: 'report.try' },
    schema: {
      summary: 'What a report would come to, value by value, by the rules in force or by a draft of them',
      description: 'Nothing is delivered, kept, counted or logged; the answer holds places of the report, and goes to who asked. Drafts take the role ops. Pseudonyms are made under keys that nobody keeps, and addresses that the registry knows are not looked for.',
      body: asked,
      response: answers(200, answer)
    }
  }, async (request, reply) => {
    const { body: { files, report, account, home, cases }, role } = request
    if (files !== undefined && role !== 'ops') throw errorOf('role-forbidden')
    const attempt: Attempt = {
      inForce: core.configuration.sources,
      ...(files !== undefined && { files }),
      ...(report !== undefined && { report: { name: report.name, device: report.device, payload: Buffer.from(report.payload), home: homeOf(account, home) } }),
      cases,
      nowMs: core.now()
    }
    return await desk.try(attempt, goneSignal(reply)) as z.infer<typeof answer>
  })

  function homeOf (account: string | undefined, madeUp: z.infer<typeof home> | undefined): NonNullable<Attempt['report']>['home'] {
    if ((account === undefined) === (madeUp === undefined)) throw new CurtilageError('request-invalid', 'a report takes an account, or a home that is made up, and not both')
    if (madeUp !== undefined) return madeUp as MadeUpHome
    const consent = core.registry.consentOf(account ?? '')
    if (consent === undefined) throw errorOf('account-unknown')
    return consent
  }
}

/** Whoever types on asks anew, and does not wait for the answer before. */
function goneSignal (reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return gone.signal
}
