/** Two configurations, compared: `curtilage diff`, and what an approval or a draft would change. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { ConfigurationError, type Core } from '../../core.js'
import { CurtilageError, errorOf } from '../../model/errors.js'
import type { AssessThread } from '../../policy/assess-thread.js'
import type { Refused } from '../../policy/compile.js'
import { digestSources } from '../../policy/digest.js'
import { TouchedCounter, type Touched } from '../../policy/touched.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'
import { change, digest, verdict } from '../policy-schemas.js'

const MAX_FILES = 500
const BODY_BYTES = 8 * 1024 * 1024
const ACCOUNTS_A_PAGE = 200
/** Reports wait no longer for the accounts that are counted. */
const TURN_MS = 5

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

type Sources = ReadonlyMap<string, string>

/** @param thread in which they are compiled and compared: reports are judged meanwhile */
export function policyDiffRoutes (api: Api, { core }: Services, thread: AssessThread): void {
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
    const before = query.against === undefined ? core.inForce.current.sources : seenBefore(core, query.against)
    const found = await compared({ core, thread }, [before, seenBefore(core, params.digest)], query.accounts !== undefined)
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
    return await compared({ core, thread }, [sourcesOf(core, body.old), sourcesOf(core, body.new)], body.accounts)
  })
}

function sourcesOf (core: Core, given: z.infer<typeof side>): Sources {
  return 'digest' in given ? seenBefore(core, given.digest) : new Map(Object.entries(given.files))
}

function seenBefore ({ archive }: Core, digest: string): Sources {
  const files = archive.filesOf(digest)
  if (files === undefined) throw errorOf('policy-unknown')
  return new Map(Object.entries(files))
}

async function compared ({ core, thread }: { core: Core, thread: AssessThread }, [old, next]: readonly [Sources, Sources], isCounted: boolean): Promise<Answer> {
  const found = await thread.compare({ old, new: next, isCounted })
  if ('problems' in found) throw refusal(core, found.side === 'old' ? old : next, found)
  const { diff, sides } = found
  const touched = sides && await countTouched(core, new TouchedCounter(diff.changes, sides[0].policy, sides[1].policy))
  const changes = diff.changes.map((each, i) => ({ ...each, ...(touched?.byChange[i] !== undefined && { accounts: touched.byChange[i] }) }))
  const accounts = touched && { registered: touched.registered, touched: touched.touched, widened: touched.widened }
  return { ...diff, changes, ...(accounts !== undefined && { accounts }) } as Answer
}

/** One that was seen before compiled then: it is this version that cannot. */
function refusal ({ archive }: Core, sources: Sources, { problems, side }: Refused & { side: string }): CurtilageError {
  const digest = digestSources(sources)
  if (archive.has(digest)) return new CurtilageError('policy-unreadable', `the policy ${digest} cannot be compiled by this version`)
  return new CurtilageError('configuration-invalid', new ConfigurationError(side, problems).message)
}

/** A few at a time: reports go on meanwhile. */
async function countTouched ({ registry, now }: Core, counter: TouchedCounter): Promise<Touched> {
  let turnMs = performance.now()
  for (let after: string | undefined; ;) {
    const page = registry.accounts.list(after, ACCOUNTS_A_PAGE)
    for (const account of page) {
      const consent = registry.consentOf(account)
      if (consent !== undefined) counter.add(consent, now())
      if (performance.now() - turnMs < TURN_MS) continue
      await nextTurn()
      turnMs = performance.now()
    }
    after = page.at(-1)
    if (after === undefined) return counter.result()
  }
}
