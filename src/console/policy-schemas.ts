/** Policies as the API spells them. */

import { z } from 'zod'
import type { Approval, ListedPolicy } from '../policy/archive.js'
import type { Waiting } from '../policy/in-force.js'
import type { MatrixRow } from '../policy/matrix.js'
import type { Comparison } from '../policy/order.js'
import type { Answer } from '../policy/policy-desk.js'
import type { Problem } from '../policy/problem.js'

export const digest = z.string().max(100)

const MOST_FILES = 1000

export const draftedFiles = z.record(z.string().min(1).max(200), z.string().nullable()).refine(files => Object.keys(files).length <= MOST_FILES, 'are too many')
  .describe('Files that differ from those in force, by their path in the configuration folder: the text, or null where the draft leaves the file out.')

export const verdict = z.enum(['same', 'narrower', 'wider', 'different'])

const situation = z.object({
  regime: z.string(),
  region: z.string(),
  minor: z.boolean(),
  optOutSignal: z.boolean(),
  consents: z.array(z.object({ purpose: z.string(), state: z.enum(['granted', 'denied']), recipient: z.string().optional(), notice: z.string() })).readonly()
})

export const change = z.object({
  effect: z.enum(['narrower', 'wider', 'different']),
  aspect: z.string(),
  recipient: z.string().optional(),
  report: z.string().optional(),
  path: z.string().optional(),
  category: z.string().optional(),
  old: z.string().optional(),
  new: z.string().optional(),
  oldRule: z.string().optional().describe('file:line of the setting behind it; newRule likewise.'),
  newRule: z.string().optional(),
  example: situation.optional().describe('An account whose reports show it; the plainest there is.')
})

export const comparison = { verdict, changes: z.array(change) }

const approval = z.object({
  by: z.string(),
  reason: z.string(),
  atMs: z.int(),
  token: z.string().optional().describe('Id of the API token; local for a command that opened the data folder itself.')
})

const approvals = z.object({ needed: z.int().describe('From so many different tokens; 0 where it is not wider.'), given: z.array(approval) })

export const waiting = z.object({
  digest: z.string(),
  why: z.enum(['folder', 'activate', 'rollback']).describe('What asked for it.'),
  by: z.string(),
  reason: z.string().optional(),
  sinceMs: z.int(),
  ...comparison,
  approvals
})

const activation = z.object({
  sequence: z.int().describe('Counted from 1 over all policies.'),
  atMs: z.int(),
  why: z.enum(['first', 'folder', 'activate', 'rollback']),
  by: z.string().describe('gateway where the folder changed and nobody asked; a signal; or who asked.'),
  reason: z.string().optional(),
  before: z.string().optional().describe('The policy in force until then.'),
  verdict: verdict.optional().describe('Against the one before.'),
  changes: z.array(change),
  approvals: z.array(approval)
})

export const listed = z.object({
  digest: z.string(),
  firstSeenMs: z.int(),
  state: z.enum(['active', 'waiting', 'past', 'seen']).describe('seen: it was never in force.'),
  activations: z.array(activation).describe('How it came to be in force, oldest first.')
})

export const problem = z.object({
  file: z.string(),
  line: z.int(),
  column: z.int(),
  code: z.string(),
  message: z.string(),
  key: z.string().optional(),
  nearest: z.string().optional()
})

export const folder = z.object({
  atMs: z.int().describe('When it was looked at last.'),
  digest: z.string().optional().describe('Absent where it has problems.'),
  state: z.enum(['active', 'waiting', 'set-aside', 'refused']).describe('set-aside: another policy was put in force since the folder changed last. refused: it has problems.'),
  problems: z.array(problem)
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

export const row = z.object({ recipient: z.string(), enabled: z.boolean(), kind: z.string(), purpose: z.string(), clause: z.string(), cells: z.array(cell) })

export const answer = z.object({
  outcome: z.enum(['taken', 'unchanged', 'waiting', 'next-start', 'set-aside', 'refused'])
    .describe('taken: in force now. waiting: for approval. next-start: no gateway runs. set-aside: the folder has not changed since another policy was put in force. refused: the folder has problems.'),
  digest: z.string().optional(),
  verdict: verdict.optional().describe('Against the policy in force before.'),
  changes: z.array(change).optional(),
  approvals: approvals.optional(),
  problems: z.array(problem).optional(),
  settled: z.boolean().optional().describe('False: a sink would not end what it was sending under the policy before.'),
  restartNeeded: z.array(z.string()).optional().describe('Keys of gateway.yaml that have changed and are not followed before the next start.')
})

/** What the archive keeps, without what is its own. */
export function shownPolicy ({ activations, ...rest }: ListedPolicy): z.infer<typeof listed> {
  return { ...rest, activations: activations.map(({ approvals, changes, longestEpochMs, ...one }) => ({ ...one, changes: [...changes], approvals: approvals.map(shownApproval) })) } as z.infer<typeof listed>
}

export function shownWaiting ({ comparison: { verdict, changes }, needed, given, ...candidate }: Waiting): z.infer<typeof waiting> {
  return { ...candidate, verdict, changes: [...changes], approvals: { needed, given: given.map(shownApproval) } } as z.infer<typeof waiting>
}

export function shownAnswer ({ approvals, ...rest }: Answer): z.infer<typeof answer> {
  return { ...rest, ...(approvals !== undefined && { approvals: { needed: approvals.needed, given: approvals.given.map(shownApproval) } }) } as z.infer<typeof answer>
}

export function shownComparison ({ verdict, changes }: Comparison): z.infer<z.ZodObject<typeof comparison>> {
  return { verdict, changes: [...changes] } as z.infer<z.ZodObject<typeof comparison>>
}

export function shownProblems (problems: readonly Problem[]): z.infer<typeof problem>[] {
  return [...problems]
}

export function shownMatrix (rows: readonly MatrixRow[]): z.infer<typeof row>[] {
  return rows as z.infer<typeof row>[]
}

function shownApproval ({ by, reason, atMs, token }: Approval): z.infer<typeof approval> {
  return { by, reason, atMs, ...(token !== undefined && { token }) }
}
