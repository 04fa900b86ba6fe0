/** Policies as the API tells them, and what is asked of it. */

import { ask, part } from '../../api/request.js'
import type { Change } from '../../parts/changes.js'
import type { Given } from '../../parts/confirm-reason.js'
import { session, type Session } from '../../session.js'
import type { Verdict } from '../../words/verdict.js'

export interface Approval {
  readonly by: string
  readonly reason: string
  readonly atMs: number
  readonly token?: string
}

export interface Approvals {
  readonly needed: number
  readonly given: readonly Approval[]
}

export interface Activation {
  readonly sequence: number
  readonly atMs: number
  readonly why: 'first' | 'folder' | 'activate' | 'rollback'
  readonly by: string
  readonly reason?: string
  readonly before?: string
  readonly verdict?: Verdict
  readonly changes: readonly Change[]
  readonly approvals: readonly Approval[]
}

export interface Policy {
  readonly digest: string
  readonly firstSeenMs: number
  readonly state: 'active' | 'waiting' | 'past' | 'seen'
  readonly activations: readonly Activation[]
}

export interface Waiting {
  readonly digest: string
  readonly why: 'folder' | 'activate' | 'rollback'
  readonly by: string
  readonly reason?: string
  readonly sinceMs: number
  readonly verdict: Verdict
  readonly changes: readonly Change[]
  readonly approvals: Approvals
}

export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

export interface Policies {
  readonly active: string
  readonly notice: string
  readonly approvals: number
  readonly waiting?: Waiting
  readonly folder?: { readonly atMs: number, readonly digest?: string, readonly state: 'active' | 'waiting' | 'set-aside' | 'refused', readonly problems: readonly Problem[] }
  readonly policies: readonly Policy[]
  readonly next?: string
}

export interface Answer {
  readonly outcome: 'taken' | 'unchanged' | 'waiting' | 'next-start' | 'set-aside' | 'refused'
  readonly digest?: string
  readonly verdict?: Verdict
  readonly approvals?: Approvals
  readonly problems?: readonly Problem[]
  readonly settled?: boolean
  readonly restartNeeded?: readonly string[]
}

const OUTCOME: Readonly<Record<Answer['outcome'], string>> = {
  taken: 'It is in force now.',
  unchanged: 'Nothing has changed: it was in force already.',
  waiting: 'It waits for approval.',
  'next-start': 'It takes force when the gateway is started.',
  'set-aside': 'The folder has not changed since another policy was put in force; it is left aside.',
  refused: 'The folder has problems; nothing has changed.'
}

export interface Difference {
  readonly verdict: Verdict
  readonly changes: readonly Change[]
  readonly accounts?: { readonly registered: number, readonly touched: number, readonly widened: number }
}

const A_PAGE = 200

export async function policyPage (after: string | undefined, signal: AbortSignal): Promise<Policies> {
  return await ask<Policies>(`/v1/policies?limit=${A_PAGE}${after === undefined ? '' : `&after=${part(after)}`}`, { signal })
}

/** For choosing one. */
export async function allPolicies (signal: AbortSignal): Promise<Policies> {
  const first = await policyPage(undefined, signal)
  const policies = [...first.policies]
  for (let { next } = first; next !== undefined;) {
    const page = await policyPage(next, signal)
    policies.push(...page.policies)
    next = page.next
  }
  return { ...first, policies }
}

export async function approve (digest: string, given: Given): Promise<Answer> {
  return await change(`/v1/policies/${part(digest)}/approve`, given)
}

export async function activate (digest: string, given: Given): Promise<Answer> {
  return await change(`/v1/policies/${part(digest)}/activate`, given)
}

export async function rollback (given: Given): Promise<Answer> {
  return await change('/v1/policies/rollback', given)
}

export async function reload (): Promise<Answer> {
  return await change('/v1/policies/reload', {})
}

/** `of`: the policy that the draft was made of. */
export async function propose (of: string, files: Readonly<Record<string, string | null>>, given: Given): Promise<Answer> {
  return await change('/v1/policies', { of, files, ...given })
}

export async function diff (before: string, after: string, signal: AbortSignal): Promise<Difference> {
  return await ask(`/v1/policies/${part(after)}/diff?against=${part(before)}&accounts=count`, { signal })
}

export function answerText ({ outcome, settled, restartNeeded = [] }: Answer): string {
  const texts = [OUTCOME[outcome]]
  if (settled === false) texts.push('A sink would not end what it was sending under the policy before.')
  if (restartNeeded.length > 0) texts.push(`Of gateway.yaml, ${restartNeeded.join(', ')} is followed from the next start.`)
  return texts.join(' ')
}

export function shortDigest (digest: string): string {
  return digest.slice(0, 12)
}

async function change (path: string, body: object): Promise<Answer> {
  const answer = await ask<Answer>(path, { method: 'POST', body })
  // which policy is in force stands in the frame
  session.value = await ask<Session>('/v1/session').catch(() => session.value)
  return answer
}
