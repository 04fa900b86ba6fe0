/** Policies: which is in force, which waits, how each came to be, and what each recipient may get: `curtilage policy`, `curtilage matrix`. */

import { z } from 'zod'
import { errorOf } from '../../model/errors.js'
import type { Assessment } from '../../policy/assess.js'
import { AssessThread } from '../../policy/assess-thread.js'
import { matrix } from '../../policy/matrix.js'
import { actorOf } from '../access.js'
import { remark } from '../id-schemas.js'
import { answer, comparison, digest, draftedFiles, folder, listed, problem, row, shownAnswer, shownComparison, shownMatrix, shownPolicy, shownProblems, shownWaiting, waiting } from '../policy-schemas.js'
import { answers, type Api } from '../route.js'
import type { Services } from '../services.js'
import { draftOf } from '../try/draft-of.js'
import { policyDiffRoutes } from './policy-diff.js'

const CHECK_BYTES = 8 * 1024 * 1024
const MOST_FILES = 1000
const MOST_AT_ONCE = 8

const list = z.object({
  active: z.string().describe('Digest of the policy in force.'),
  notice: z.string(),
  approvals: z.int().describe('From so many different tokens it takes to put something wider in its place.'),
  waiting: waiting.optional().describe('What was asked for last and is not in force.'),
  folder: folder.optional().describe('The configuration folder; absent where no gateway runs.'),
  policies: z.array(listed).describe('Every policy that was in force, and the last of those that were only seen; the latest first.'),
  next: z.string().optional().describe('Ask with after for the next page; absent on the last one.')
})

const whole = z.object({
  ...listed.shape,
  files: z.record(z.string(), z.string()).describe('As written, by path in the configuration folder.'),
  notice: z.string().optional(),
  matrix: z.array(row).optional().describe('Absent where this version cannot compile it.'),
  problems: z.array(problem).describe('Why it cannot.')
})

const checked = z.object({
  problems: z.array(problem),
  digest: z.string().optional(),
  notice: z.string().optional(),
  matrix: z.array(row).optional(),
  against: z.object(comparison).optional().describe('What it would change, were it put in the place of the policy in force.')
})

const digestParams = z.strictObject({ digest })
const asking = z.strictObject({ reason: remark.min(1), by: remark.min(1).optional() })

export function policyRoutes (api: Api, services: Services): void {
  const { core, gateway } = services
  const { archive, inForce, policies } = core
  // not the one in which policies are made ready to take force: those do not wait for whoever looks
  const thread = new AssessThread(MOST_AT_ONCE)
  api.addHook('onClose', async () => { await thread.close() })

  api.get('/v1/policies', {
    config: { access: 'read' },
    schema: {
      summary: 'Every policy that was seen, and which is in force',
      querystring: z.strictObject({
        after: digest.optional().describe('The last digest of the page before.'),
        limit: z.coerce.number().int().min(1).max(1000).default(100).describe('At most this many.')
      }),
      response: answers(200, list)
    }
  }, async ({ query: { after, limit } }) => {
    const { current: { policy, approvals }, waiting } = inForce
    const all = archive.list()
    const first = after === undefined ? 0 : all.findIndex(({ digest }) => digest === after) + 1
    const page = all.slice(first, first + limit)
    return {
      active: policy.digest,
      notice: policy.noticeVersion,
      approvals: approvals.needed,
      ...(waiting !== undefined && { waiting: shownWaiting(waiting) }),
      ...folderNow(),
      policies: page.map(shownPolicy),
      ...(first + limit < all.length && { next: page.at(-1)?.digest })
    }
  })

  api.get('/v1/policies/:digest', {
    config: { access: 'read' },
    schema: { summary: 'One policy: as written, and what it gives to whom', params: digestParams, response: answers(200, whole) }
  }, async ({ params }) => {
    const files = archive.filesOf(params.digest)
    const known = archive.list().find(({ digest }) => digest === params.digest)
    if (files === undefined || known === undefined) throw errorOf('policy-unknown')
    return { ...shownPolicy(known), files: { ...files }, ...shownAssessment(await thread.assess({ sources: sourcesOf(files) })) }
  })

  api.post('/v1/policies', {
    bodyLimit: CHECK_BYTES,
    config: { access: 'write', audit: 'policy.draft' },
    schema: {
      summary: 'Ask for a draft of the policy in force to be put in its place',
      description: 'What is wider waits for approval. The configuration folder is not written: what takes force this way holds until the folder changes, so the files belong there as well.',
      body: z.strictObject({
        of: digest.describe('The policy that the draft was made of: it has to be in force still.'),
        files: draftedFiles,
        reason: remark.min(1),
        by: remark.min(1).optional()
      }),
      response: answers(200, answer)
    }
  }, async request => {
    const { body: { of, files, reason, by = actorOf(request) } } = request
    const { compiled } = await thread.assess({ sources: draftOf(inForce.current.sources, files) })
    if ('problems' in compiled) return { outcome: 'refused' as const, problems: shownProblems(compiled.problems) }
    return shownAnswer(await policies.draft(compiled, of, { by, reason }))
  })

  api.post('/v1/policies/:digest/approve', {
    config: { access: 'write', audit: 'policy.approve' },
    schema: {
      summary: 'Approve the policy that waits',
      description: 'With the last approval that is needed it takes force at once. An approval holds for putting this policy in the place of the one in force, and serves once.',
      params: digestParams,
      body: asking,
      response: answers(200, answer)
    }
  }, async request => {
    const { params: { digest }, body: { reason, by = actorOf(request) }, token = 'local' } = request
    return shownAnswer(await policies.approve(digest, { by, reason, token }))
  })

  api.post('/v1/policies/:digest/activate', {
    config: { access: 'write', audit: 'policy.activate' },
    schema: {
      summary: 'Put a policy that was seen before in force',
      description: 'What is wider than the policy in force waits for approval. Asked for the one in force, nothing shall take its place any more.',
      params: digestParams,
      body: asking,
      response: answers(200, answer)
    }
  }, async request => {
    const { params: { digest }, body: { reason, by = actorOf(request) } } = request
    return shownAnswer(await policies.activate(digest, { by, reason }))
  })

  api.post('/v1/policies/rollback', {
    config: { access: 'write', audit: 'policy.rollback' },
    schema: {
      summary: 'Put the policy in force that was before the one that is',
      description: 'What is wider waits for approval. A second one goes back to where the first came from.',
      body: asking,
      response: answers(200, answer)
    }
  }, async request => {
    const { body: { reason, by = actorOf(request) } } = request
    return shownAnswer(await policies.rollback({ by, reason }))
  })

  api.post('/v1/policies/reload', {
    config: { access: 'write', audit: 'policy.reload' },
    schema: {
      summary: 'Look at the configuration folder now',
      description: 'A policy that is not wider takes force at once; problems change nothing, and are told.',
      body: z.strictObject({ by: remark.min(1).optional() }).nullish(),
      response: answers(200, answer)
    }
  }, async request => {
    if (gateway === undefined) throw errorOf('gateway-absent')
    return shownAnswer(await policies.reload(request.body?.by ?? actorOf(request)))
  })

  api.post('/v1/policies/check', {
    bodyLimit: CHECK_BYTES,
    config: { access: 'read', audit: 'policy.check' },
    schema: {
      summary: 'What is wrong with a configuration, or what it would give to whom',
      description: 'Nothing of it is kept or logged.',
      body: z.strictObject({
        files: z.record(z.string().min(1).max(200), z.string()).refine(files => Object.keys(files).length <= MOST_FILES, 'are too many').describe('Text by path in the configuration folder, such as recipients/a.yaml.')
      }),
      response: answers(200, checked)
    }
  }, async ({ body: { files } }) => {
    const assessed = await thread.assess({ sources: sourcesOf(files), against: inForce.current.sources })
    const { compiled, comparison } = assessed
    return { ...shownAssessment(assessed), ...('policy' in compiled && { digest: compiled.policy.digest }), ...(comparison !== undefined && { against: shownComparison(comparison) }) }
  })

  api.get('/v1/matrix', {
    config: { access: 'read' },
    schema: { summary: 'Recipients × categories of the policy in force', response: answers(200, z.object({ recipients: z.array(row) })) }
  }, async () => ({ recipients: shownMatrix(matrix(inForce.current.policy)) }))

  policyDiffRoutes(api, services, thread)

  function folderNow (): { folder?: z.infer<typeof folder> } {
    const { folder: seen, current, waiting } = inForce
    if (seen === undefined) return {}
    if ('problems' in seen) return { folder: { atMs: seen.atMs, state: 'refused', problems: shownProblems(seen.problems) } }
    const { digest, atMs } = seen
    const state = digest === current.policy.digest ? 'active' : digest === waiting?.digest ? 'waiting' : 'set-aside'
    return { folder: { atMs, digest, state, problems: [] } }
  }
}

function sourcesOf (files: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(files))
}

function shownAssessment ({ compiled }: Assessment): Pick<z.infer<typeof whole>, 'problems' | 'notice' | 'matrix'> {
  if ('problems' in compiled) return { problems: shownProblems(compiled.problems) }
  return { problems: [], notice: compiled.policy.noticeVersion, matrix: shownMatrix(matrix(compiled.policy)) }
}
