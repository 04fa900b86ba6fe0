/** Policies as people read them in a terminal. */

import type { Change, Verdict } from '../policy/order.js'
import type { Outcome } from '../policy/policy-desk.js'
import { spellProblem, type Problem } from '../policy/problem.js'
import { changesText } from './diff-text.js'
import { table } from './table.js'
import { width } from './terminal.js'

const SHOWN_LETTERS = 12

interface ShownApproval {
  readonly by: string
  readonly reason: string
  readonly atMs: number
  readonly token?: string
}

interface Approvals {
  readonly needed: number
  readonly given: readonly ShownApproval[]
}

interface ShownActivation {
  readonly atMs: number
  readonly why: 'first' | 'folder' | 'activate' | 'rollback'
  readonly by: string
  readonly reason?: string
  readonly before?: string
  readonly verdict?: Verdict
  readonly changes: readonly Change[]
  readonly approvals: readonly ShownApproval[]
}

interface ListedPolicy {
  readonly digest: string
  readonly firstSeenMs: number
  readonly state: 'active' | 'waiting' | 'past' | 'seen'
  readonly activations: readonly ShownActivation[]
}

export interface ShownPolicy extends ListedPolicy {
  readonly files: Readonly<Record<string, string>>
  readonly problems: readonly Problem[]
}

export interface ShownList {
  readonly active: string
  readonly notice: string
  readonly waiting?: { readonly digest: string, readonly why: 'folder' | 'activate' | 'rollback', readonly by: string, readonly verdict: Verdict, readonly changes: readonly Change[], readonly approvals: Approvals }
  readonly folder?: { readonly digest?: string, readonly state: 'active' | 'waiting' | 'set-aside' | 'refused', readonly problems: readonly Problem[] }
  readonly policies: readonly ListedPolicy[]
}

export interface ShownAnswer {
  readonly outcome: Outcome
  readonly digest?: string
  readonly verdict?: Verdict
  readonly changes?: readonly Change[]
  readonly approvals?: Approvals
  readonly problems?: readonly Problem[]
  readonly settled?: boolean
  readonly restartNeeded?: readonly string[]
}

const STATES: Readonly<Record<ListedPolicy['state'], string>> = { active: 'in force', waiting: 'waits', past: '', seen: 'never ran' }
const WHY: Readonly<Record<ShownActivation['why'], string>> = { first: 'the first one', folder: 'the folder changed', activate: 'asked for', rollback: 'rolled back to' }

export function policiesText ({ policies, waiting, folder }: ShownList): string {
  const rows = policies.map(({ digest, firstSeenMs, state, activations }) => [
    STATES[state],
    digest.slice(0, SHOWN_LETTERS),
    time(activations.at(-1)?.atMs ?? firstSeenMs),
    activations.length === 0 ? '' : howText(activations.at(-1) as ShownActivation)
  ])
  const listed = rows.length === 0 ? 'no policy was in force yet: no gateway has started on this data folder' : table([['', 'POLICY', 'SINCE', ''], ...rows], width())
  return [
    listed,
    ...(folder?.state === 'set-aside' ? ['', `the policy of the folder (${folder.digest ?? ''}) is set aside until the folder changes, or somebody asks for it`] : []),
    ...(folder?.state === 'refused' ? ['', 'the folder has problems, the policy in force stays:', ...folder.problems.map(one => spellProblem(one, ''))] : []),
    ...(waiting === undefined ? [] : ['', `${waiting.why === 'folder' ? 'the policy of the folder' : 'the policy that was asked for'} (${waiting.digest}) is ${waiting.verdict} than the one in force, ${missingText(waiting.approvals)}:`, changesText(waiting.changes, width()), ...approveText(waiting)])
  ].join('\n')
}

/** A policy's life, the latest last, and its files. */
export function historyText ({ digest, state, activations, files, problems }: ShownPolicy): string {
  return [
    `${digest}${STATES[state] === '' ? '' : ` (${STATES[state]})`}`,
    ...activations.flatMap(one => [
      '',
      `${time(one.atMs)}  ${howText(one)}`,
      ...one.approvals.map(({ by, reason, atMs }) => `  approved by ${by} on ${time(atMs)}: ${reason}`),
      ...(one.before === undefined ? [] : [`  ${one.verdict ?? 'not compared'} against ${one.before.slice(0, SHOWN_LETTERS)}`]),
      ...(one.changes.length === 0 ? [] : [changesText(one.changes, width())])
    ]),
    ...(problems.length === 0 ? [] : ['', 'this version cannot compile it:', ...problems.map(one => spellProblem(one, ''))]),
    '',
    'files:',
    ...Object.keys(files).map(file => `  ${file}`)
  ].join('\n')
}

export function answerText (answer: ShownAnswer, folder: string, running: boolean): string {
  return [outcomeText(answer, folder, running), ...notes(answer)].join('\n')
}

function outcomeText ({ outcome, digest = '', verdict, changes = [], approvals, problems = [] }: ShownAnswer, folder: string, running: boolean): string {
  switch (outcome) {
    case 'taken': return `in force now: ${digest} (${verdict ?? 'first'})`
    case 'unchanged': return `in force already: ${digest}`
    case 'next-start': return `takes force at the next start: ${digest}`
    case 'set-aside': return `the policy of the folder (${digest}) was set aside when another one was put in force: change the folder, or ask for it with curtilage policy activate`
    case 'refused': return [`the folder has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}, the policy in force stays:`, ...problems.map(one => spellProblem(one, folder))].join('\n')
    case 'waiting': return [
      `${digest} is ${verdict ?? 'wider'} than the one in force, ${approvals === undefined ? 'and waits' : missingText(approvals)}:`,
      changesText(changes, width()),
      '',
      `approve it${running ? '' : ', then start the gateway'}: curtilage policy approve ${digest.slice(0, SHOWN_LETTERS)} --reason TEXT`
    ].join('\n')
  }
}

function notes ({ settled, restartNeeded = [] }: ShownAnswer): string[] {
  return [
    ...(settled === false ? ['a sink has not ended what it was sending under the policy before: look at curtilage outbox status'] : []),
    ...(restartNeeded.length === 0 ? [] : [`followed at the next start only: ${restartNeeded.join(', ')}`])
  ]
}

function approveText ({ digest, approvals }: { readonly digest: string, readonly approvals: Approvals }): string[] {
  return approvals.given.length >= approvals.needed ? [] : [`approve it: curtilage policy approve ${digest.slice(0, SHOWN_LETTERS)} --reason TEXT`]
}

function missingText ({ needed, given }: Approvals): string {
  if (given.length >= needed) return 'and takes force at the next start or reload'
  return needed === 1 ? 'and waits for approval' : `and has ${given.length} of ${needed} approvals`
}

function howText ({ why, by, reason, approvals }: ShownActivation): string {
  const approved = approvals.length === 0 ? '' : `, approved by ${approvals.map(one => one.by).join(' and ')}: ${approvals.map(one => one.reason).join('; ')}`
  const asked = by === 'gateway' ? '' : ` by ${by}`
  return `${WHY[why]}${asked}${reason === undefined ? '' : `: ${reason}`}${approved}`
}

function time (epochMs: number): string {
  return new Date(epochMs).toISOString()
}
