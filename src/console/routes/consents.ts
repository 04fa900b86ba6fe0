/** Consent: `curtilage consent`. */

import { z } from 'zod'
import { importConsents } from '../../consent/import-consents.js'
import { isNoticeAtLeast, NOTICE_VERSION } from '../../consent/notice-version.js'
import type { ConsentStatement } from '../../consent/statement.js'
import type { ConsentRecord } from '../../model/consent.js'
import { CurtilageError } from '../../model/errors.js'
import { actorOf } from '../access.js'
import { consentOverview } from '../consent-overview.js'
import { accountParams, id, IMPORT_BYTES, imported, instant, lines, name, remark } from '../id-schemas.js'
import { checkKnown } from '../known-name.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'
import { settleDelivery } from '../settle.js'

const recordedState = z.enum(['granted', 'denied', 'withdrawn'])

const statement = z.strictObject({
  purpose: name,
  state: recordedState,
  recipient: name.optional().describe('Absent: all.'),
  category: name.optional().describe('Absent: all.'),
  device: id.optional().describe('Absent: all.'),
  expires: instant.optional().describe('On a grant only.'),
  notice: z.string().max(32).optional().describe('Version of the notice it was given under; absent: the one in force.'),
  source: remark.optional().describe('By which way it was stated.')
})

const recorded = z.object({
  id: z.string(),
  sequence: z.int(),
  at: z.int(),
  notice: z.string(),
  source: z.string().optional(),
  actor: z.string().optional()
})

const shown = recorded.extend({
  purpose: z.string(),
  recipient: z.string().optional(),
  category: z.string().optional(),
  device: z.string().optional(),
  state: recordedState,
  expires: z.int().optional()
})

const facts = z.object({ regime: z.string(), region: z.string(), minor: z.boolean(), optOutSignal: z.boolean() })

const answer = z.object({
  answer: z.enum(['yes', 'no']),
  state: z.enum(['granted', 'denied', 'withdrawn', 'expired', 'unset']),
  grounds: z.string().describe('Id of the deciding record, required, regime:NAME, fact:minor or fact:opt-out-signal.'),
  reason: z.string().optional()
})

const exception = answer.extend({ category: z.string().optional(), device: z.string().optional() })
const recipient = answer.extend({ recipient: z.string(), enabled: z.boolean(), exceptions: z.array(exception) })

/** What holds, and all that was recorded. */
export const overviewParts = {
  facts,
  purposes: z.array(answer.extend({ purpose: z.string(), required: z.boolean(), recipients: z.array(recipient) })),
  records: z.array(z.union([shown.extend({ stands: z.boolean() }), recorded.extend({ facts: facts.partial() })]))
}

const overview = z.object({ account: z.string(), at: z.int(), ...overviewParts })

export function consentRoutes (api: Api, services: Services): void {
  const { core } = services

  api.get('/v1/accounts/:account/consents', {
    config: { access: 'own-read', audit: 'consent.show' },
    schema: {
      summary: 'What holds of an account\'s consent, and why',
      params: accountParams,
      querystring: z.strictObject({ at: instant.optional().describe('Any time past; absent: now.') }),
      response: answers(200, overview)
    }
  }, async ({ params: { account }, query: { at } }) => consentOverview(core, account, at) as z.infer<typeof overview>)

  api.post('/v1/accounts/:account/consents', {
    config: { access: 'own-write', audit: 'consent.record' },
    schema: {
      summary: 'Grant, deny or withdraw',
      description: 'What takes consent away is answered when nothing leaves any more that it forbids.',
      params: accountParams,
      body: statement,
      response: answers(201, shown)
    }
  }, async (request, reply) => {
    const { params: { account }, body } = request
    checkNames(account, body)
    checkNotice(body.notice)
    const made = await record({ source: 'api', ...body, account, actor: actorOf(request) } as ConsentStatement)
    if (mayNarrow(made)) await settleDelivery(services)
    return await reply.code(201).send(made)
  })

  api.post('/v1/consents/import', {
    bodyLimit: IMPORT_BYTES,
    config: { access: 'write', audit: 'consent.import' },
    schema: {
      summary: 'Record many consents',
      description: 'Lines {"account","purpose","recipient?","category?","device?","state","expires?","source?"}. Good lines go in, bad ones are listed.',
      body: lines,
      response: answers(200, imported)
    }
  }, async (request) => {
    const result = await importConsents(core.ledger, request.body.lines, { actor: actorOf(request) })
    request.audited.count = result.imported
    if (result.imported > 0) await settleDelivery(services)
    return { ...result, problems: [...result.problems] }
  })

  async function record (statement: ConsentStatement): Promise<ConsentRecord> {
    const [made] = await core.ledger.append([statement])
    if (made === undefined) throw new TypeError('one statement in, one record out')
    return made
  }

  function checkNames (account: string, { purpose, recipient, category, device }: z.infer<typeof statement>): void {
    const { purposes, recipients, categories } = core.configuration.policy
    checkKnown('consent-invalid', 'purpose', purpose, purposes.keys())
    checkKnown('consent-invalid', 'recipient', recipient, recipients.map(({ name }) => name))
    checkKnown('consent-invalid', 'category', category, categories.keys())
    if (device === undefined || core.registry.devices.get(device)?.account === account) return
    throw new CurtilageError('consent-invalid', 'the account has no such device')
  }

  /** Nobody can have read a notice that is not in force yet: it would pass whatever a purpose demands. */
  function checkNotice (notice: string | undefined): void {
    if (notice === undefined || !NOTICE_VERSION.test(notice) || isNoticeAtLeast(core.configuration.policy.noticeVersion, notice)) return
    throw new CurtilageError('consent-invalid', 'the notice is newer than the one in force')
  }

  /** A grant that runs out at once, or was given under an older notice, takes the place of one that held. */
  function mayNarrow ({ state, expires, notice }: ConsentRecord): boolean {
    return state !== 'granted' || (expires !== undefined && expires <= core.now()) || notice !== core.configuration.policy.noticeVersion
  }
}
