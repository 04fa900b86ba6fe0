/** Accounts: `curtilage account`. */

import { z } from 'zod'
import type { CompiledPolicy } from '../../model/policy.js'
import { CurtilageError, errorOf } from '../../model/errors.js'
import type { ShownAccount } from '../../registry/accounts.js'
import { actorOf } from '../access.js'
import { accountExport, exportAccount } from '../account-export.js'
import { accountParams, id, name, page } from '../id-schemas.js'
import { checkKnown } from '../known-name.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'
import { rightsOf } from '../rights-of.js'

const shown = z.object({
  account: z.string(),
  addedMs: z.int(),
  regime: z.string(),
  region: z.string(),
  minor: z.boolean(),
  optOutSignal: z.boolean(),
  hasAppToken: z.boolean()
})

const facts = z.strictObject({
  regime: name.optional(),
  region: name.optional(),
  minor: z.boolean().optional(),
  optOutSignal: z.boolean().optional()
})

const erased = z.object({
  account: z.string(),
  existed: z.boolean().describe('False: there is no such account, or none any more.'),
  devices: z.int(),
  lines: z.int().describe('Taken out of the gateway\'s own files.'),
  waiting: z.int().describe('Taken out of the outbox.'),
  notices: z.record(z.string(), z.int()).describe('Queued, by recipient.')
})

const added = facts.extend({ account: id, regime: name })

type Facts = z.infer<typeof facts>

export function accountRoutes (api: Api, services: Services): void {
  const { core } = services
  const { accounts } = core.registry

  api.get('/v1/accounts', {
    config: { access: 'read', audit: 'account.list' },
    schema: {
      summary: 'Account ids, page by page',
      querystring: page.extend({
        prefix: id.optional().describe('Those alone that begin so.'),
        facts: z.stringbool().optional().describe('With what is known of each.')
      }),
      response: answers(200, z.object({ accounts: z.array(z.string()), facts: z.array(shown).optional().describe('In the same order, where asked for.') }))
    }
  }, async ({ query: { after, limit, prefix, facts } }) => {
    const found = accounts.list(after, limit, prefix)
    return { accounts: found, ...(facts === true && { facts: found.flatMap(account => accounts.show(account) ?? []) }) }
  })

  api.post('/v1/accounts', {
    config: { access: 'write', audit: 'account.add' },
    schema: { summary: 'Register an account', body: added, response: answers(201, shown) }
  }, async (request, reply) => {
    checkFacts(request.body, core.configuration.policy)
    await accounts.add(defined(request.body), { source: 'api', actor: actorOf(request) })
    return await reply.code(201).send(show(request.body.account))
  })

  api.get('/v1/accounts/:account', {
    config: { access: 'own-read', audit: 'account.show' },
    schema: { summary: 'What is known of an account', params: accountParams, response: answers(200, shown) }
  }, async ({ params }) => show(params.account))

  api.patch('/v1/accounts/:account', {
    config: { access: 'write', audit: 'account.set' },
    schema: {
      summary: 'Change what is known of an account',
      description: 'Answers when nothing leaves any more that the change forbids.',
      params: accountParams,
      body: facts,
      response: answers(200, shown)
    }
  }, async (request) => {
    const { params: { account }, body } = request
    checkFacts(body, core.configuration.policy)
    await (await rightsOf(services)).setFacts(account, defined(body), { source: 'api', actor: actorOf(request) })
    return show(account)
  })

  api.get('/v1/accounts/:account/export', {
    config: { access: 'own-read', audit: 'account.export' },
    schema: { summary: 'Everything that is held of an account', params: accountParams, response: answers(200, accountExport) }
  }, async ({ params: { account } }, reply) => {
    const { outbox } = await rightsOf(services)
    const document = await exportAccount(core, account, outbox)
    // a stream is sent as it is; the schema above is for the document
    return await reply.type('application/json').send(document as never)
  })

  api.post('/v1/accounts/:account/erasure', {
    config: { access: 'write', audit: 'account.erase' },
    schema: {
      summary: 'Erase an account',
      description: 'Its records, devices, tokens and keys, what waits, and its lines in the gateway\'s own files; recipients that know its devices get a notice. Answers when it is durable and nothing of it leaves any more. May be repeated, and has to be where it fails: it holds from the first call on.',
      params: accountParams,
      body: z.strictObject({ confirm: id.describe('The account\'s id once more.') }),
      response: answers(200, erased)
    }
  }, async ({ params: { account }, body: { confirm } }) => {
    if (confirm !== account) throw new CurtilageError('request-invalid', 'confirm is not the id of the account')
    return { account, ...await (await rightsOf(services)).erase(account) }
  })

  api.post('/v1/accounts/:account/app-token', {
    config: { access: 'own-write', audit: 'account.app-token' },
    schema: {
      summary: 'A new password for the account\'s own app',
      description: 'The one before is void. Shown once.',
      params: accountParams,
      response: answers(201, z.object({ account: z.string(), userName: z.string(), token: z.string() }))
    }
  }, async ({ params: { account } }, reply) => {
    const token = await core.registry.appToken(account)
    return await reply.code(201).send({ account, userName: `account:${account}`, token })
  })

  function show (account: string): ShownAccount {
    const known = accounts.show(account)
    if (known === undefined) throw errorOf('account-unknown')
    return known
  }
}

function checkFacts ({ regime, region }: Facts, { regimes, transfers }: CompiledPolicy): void {
  checkKnown('account-invalid', 'regime', regime, regimes.keys())
  checkKnown('account-invalid', 'region', region, new Set([...transfers.keys(), ...[...transfers.values()].flatMap(regions => [...regions])]))
}

/** Without the parts that the request leaves out. */
function defined<T extends object> (parts: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }
}
