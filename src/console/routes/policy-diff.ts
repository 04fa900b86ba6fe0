/** Two configurations, compared: `curtilage diff`, and what an approval or a draft would change. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { ConfigurationError, type Core } from '../../core.js'
import { CurtilageError, errorOf } from '../../model/errors.js'
import { compileSources, type Configuration } from '../../policy/compile.js'
import { diff } from '../../policy/diff.js'
import { TouchedCounter, type Touched } from '../../policy/touched.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'
import { change, digest, verdict } from '../policy-schemas.js'

const MAX_FILES = 500
const BODY_BYTES = 8 * 1024 * 1024
const ACCOUNTS_A_TURN = 200

const side = z.union([
  z.strictObject({ digest: digest.describe('Of a policy that was seen.') }),
  z.strictObject({
    files: z.record(z.string().min(1).max(200), z.string()).refine(all => Object.keys(all).length <= MAX_FILES, { message: `holds more than ${MAX_FILES} files` })
      .describe('A whole configuration: text by path in its folder.')
  })
])

const count = z.int()
const sideShown = z.object({ digest: z.string(), notice: z.string() })
const edit = z.object({ file: z.string(), path: z.array(z.string()), old: z.string().optional(), new: z.string().optional(), oldRule: z.string().optional(), newRule: z.string().optional() })

const answer = z.object({
  old: sideShown,
  new: sideShown,
  verdict,
  counts: z.object({ wider: count, different: count, narrower: count, same: count }),
  changes: z.array(change.extend({ accounts: count.optional().describe('Registered accounts that it reaches; absent where it concerns none yet, or was not asked.') })).describe('The most dangerous first.'),
  same: z.array(edit).describe('Settings that read otherwise, and change nothing of what leaves.'),
  compared: z.object({ recipients: count, reports: count, fields: count }),
  accounts: z.object({ registered: count, touched: count, widened: count.describe('By a change that is wider or different.') }).optional()
})

type Answer = z.infer<typeof answer>

export function policyDiffRoutes (api: Api, { core }: Services): void {
  api.get('/v1/policies/:digest/diff', {
    config: { access: 'read' },
    schema: {
      summary: 'What putting this policy in the place of another changes',
      description: 'What it lets out beyond the other one, or less, for every recipient, report type, field and account.',
      params: z.strictObject({ digest }),
      querystring: z.strictObject({
        against: digest.optional().describe('The policy before; the one in force where absent.'),
        accounts: z.enum(['count']).optional().describe('Count the registered accounts that each change reaches.')
      }),
      response: answers(200, answer.extend({ digest: z.string(), against: z.string() }))
    }
  }, async ({ params, query }) => {
    const before = query.against === undefined ? core.inForce.current : seenBefore(core, query.against)
    const found = await compared(core, before, seenBefore(core, params.digest), query.accounts !== undefined)
    return { digest: found.new.digest, against: found.old.digest, ...found }
  })

  api.post('/v1/policies/diff', {
    bodyLimit: BODY_BYTES,
    config: { access: 'read', audit: 'policy.diff' },
    schema: {
      summary: 'Two configurations, compared: stored ones, or whole ones as they are written',
      description: 'Nothing is kept. Files take the role ops.',
      body: z.strictObject({ old: side, new: side, accounts: z.boolean().default(false).describe('Count the registered accounts that each change reaches.') }),
      response: answers(200, answer)
    }
  }, async ({ body, role }) => {
    if (('files' in body.old || 'files' in body.new) && role !== 'ops') throw errorOf('role-forbidden')
    return await compared(core, configurationOf(core, body.old), configurationOf(core, body.new), body.accounts)
  })
}

function seenBefore ({ archive }: Core, digest: string): Configuration {
  if (!archive.has(digest)) throw errorOf('policy-unknown')
  const compiled = archive.compiled(digest)
  if (compiled === undefined) throw new CurtilageError('policy-unreadable', `the policy ${digest} cannot be compiled by this version`)
  return compiled
}

function configurationOf (core: Core, given: z.infer<typeof side>): Configuration {
  if ('digest' in given) return seenBefore(core, given.digest)
  const compiled = compileSources(new Map(Object.entries(given.files)))
  if ('problems' in compiled) throw new CurtilageError('configuration-invalid', new ConfigurationError('', compiled.problems).message)
  return compiled
}

async function compared (core: Core, before: Configuration, after: Configuration, counted: boolean): Promise<Answer> {
  const found = diff(before, after)
  const touched = counted ? await countTouched(core, new TouchedCounter(found.changes, before.policy, after.policy)) : undefined
  const changes = found.changes.map((each, i) => ({ ...each, ...(touched?.byChange[i] !== undefined && { accounts: touched.byChange[i] }) }))
  const accounts = touched && { registered: touched.registered, touched: touched.touched, widened: touched.widened }
  return { ...found, changes, ...(accounts !== undefined && { accounts }) } as Answer
}

/** A few at a time: reports go on meanwhile. */
async function countTouched ({ registry, now }: Core, counter: TouchedCounter): Promise<Touched> {
  for (let after: string | undefined; ;) {
    const page = registry.accounts.list(after, ACCOUNTS_A_TURN)
    for (const account of page) {
      const consent = registry.consentOf(account)
      if (consent !== undefined) counter.add(consent, now())
    }
    after = page.at(-1)
    if (after === undefined) return counter.result()
    await nextTurn()
  }
}
