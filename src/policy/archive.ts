/**
 * Every policy that was seen, with its sources, so that it can run again; which is in force, which waits, and how each came
 * to be in force.
 *
 * ```
 * policies              digest → {files: {path: text}, storedMs, ran?}   ran false: seen and never in force
 * policies.activations  1, 2, … → {digest, atMs, why, by, reason?, before?, verdict?, changes, approvals, longestEpochMs?}
 * policies.state        active → digest
 *                       folder → digest that the configuration folder had when it was looked at last
 *                       needed → how many approvals the policy in force asks for
 *                       candidate → {digest, why, by, reason?, sinceMs}   what is to take force next
 *                       approved:DIGEST → [{by, reason, atMs, token?, against?}]   not used up yet
 * ```
 * All writes are made in a transaction of the caller, who joins them with an entry of the audit log.
 */

import type { Store } from '../store/store.js'
import { compileSources, type Configuration } from './compile.js'
import { longestEpochMs } from './longest-epoch.js'
import type { Change, Verdict } from './order.js'

/** Policies that were seen and never in force are drafts: so many of them are kept. */
const MOST_DRAFTS = 20

/** `first`: there was none before. `folder`: the configuration folder changed. */
export type Why = 'first' | 'folder' | 'activate' | 'rollback'

export interface Approval {
  readonly by: string
  readonly reason: string
  readonly atMs: number
  /** Id of the API token; absent: given under an earlier version. */
  readonly token?: string
  /** The policy in force when it was given: it holds for that change, and for no other. */
  readonly against?: string
}

/** What was asked to take force, and has not. */
export interface Candidate {
  readonly digest: string
  readonly why: Exclude<Why, 'first'>
  readonly by: string
  readonly reason?: string
  readonly sinceMs: number
}

export interface Activation {
  /** Counted from 1. */
  readonly sequence: number
  readonly digest: string
  readonly atMs: number
  readonly why: Why
  readonly by: string
  readonly reason?: string
  /** The policy in force until then. */
  readonly before?: string
  readonly verdict?: Verdict
  readonly changes: readonly Change[]
  readonly approvals: readonly Approval[]
  /** Of its pseudonyms. Absent: noted by an earlier version, which did not tell. */
  readonly longestEpochMs?: number
}

/** `seen`: it was never in force. */
export type PolicyState = 'active' | 'waiting' | 'past' | 'seen'

export interface ListedPolicy {
  readonly digest: string
  readonly firstSeenMs: number
  readonly state: PolicyState
  /** Oldest first. */
  readonly activations: readonly Activation[]
}

interface StoredPolicy {
  readonly files: Readonly<Record<string, string>>
  readonly storedMs: number
  /** Absent: kept by an earlier version, which did not tell. */
  readonly ran?: boolean
}

type StoredActivation = Omit<Activation, 'sequence'>

export class PolicyArchive {
  readonly #store: Store
  readonly #now: () => number

  constructor (store: Store, now: () => number) {
    this.#store = store
    this.#now = now
  }

  get active (): string | undefined {
    return this.#state().get('active') as string | undefined
  }

  /** Digest that the folder had when it was looked at last. */
  get folder (): string | undefined {
    return this.#state().get('folder') as string | undefined
  }

  /** How many approvals the policy in force asks for. */
  get needed (): number {
    return (this.#state().get('needed') as number | undefined) ?? 1
  }

  get candidate (): Candidate | undefined {
    return this.#state().get('candidate') as Candidate | undefined
  }

  has (digest: string): boolean {
    return this.#policies().get(digest) !== undefined
  }

  filesOf (digest: string): Readonly<Record<string, string>> | undefined {
    return this.#policies().get(digest)?.files
  }

  /** Undefined where it is unknown, or does not compile under this version. */
  compiled (digest: string): Configuration | undefined {
    const files = this.filesOf(digest)
    const compiled = files === undefined ? undefined : compileSources(new Map(Object.entries(files)))
    return compiled === undefined || 'problems' in compiled ? undefined : compiled
  }

  /** Those for putting this policy in the place of the one in force. */
  approvals (digest: string): Approval[] {
    const stored = this.#state().get(`approved:${digest}`) as Approval[] | Approval & { usedMs?: number } | undefined
    const all = Array.isArray(stored) ? stored : stored === undefined || stored.usedMs !== undefined ? [] : [stored]
    return all.filter(({ against }) => against === undefined || against === this.active)
  }

  /** Oldest first. */
  activations (): Activation[] {
    return [...this.#activations().getRange()].map(({ key, value }) => ({ sequence: key, ...value }))
  }

  /** The policy in force before the one that is; undefined where there was none. */
  previous (): string | undefined {
    return this.#activations().get(this.#lastSequence())?.before
  }

  /** What happened to last comes first; a policy in force, and one that waits, before all others. */
  list (): ListedPolicy[] {
    const activations = this.activations()
    const listed = [...this.#policies().getRange()].map(({ key, value }) => (
      { digest: key, firstSeenMs: value.storedMs, state: this.#stateOf(key, value), activations: activations.filter(({ digest }) => digest === key) }))
    return listed.sort((a, b) => rank(a) - rank(b) || lastMs(b) - lastMs(a) || (a.digest < b.digest ? -1 : 1))
  }

  /** In a transaction: keeps the policy, and that it is to take force next; drafts too many go. */
  propose ({ policy, sources }: Configuration, candidate: Candidate): void {
    this.#keep(policy.digest, sources, false)
    this.#state().putSync('candidate', candidate)
    this.#dropDrafts()
  }

  /** In a transaction: nothing is to take force next. */
  withdraw (): void {
    this.#state().removeSync('candidate')
  }

  /** In a transaction. */
  lookedAt (folder: string): void {
    this.#state().putSync('folder', folder)
  }

  /** In a transaction. */
  approve (digest: string, approval: Approval): void {
    this.#state().putSync(`approved:${digest}`, [...this.approvals(digest), approval])
  }

  /** In a transaction: the policy is in force from then on. Its approvals are used up. */
  activate ({ policy, sources, approvals: { needed } }: Configuration, how: Pick<Activation, 'why' | 'by' | 'reason' | 'verdict' | 'changes'>): void {
    const before = this.active
    const { digest } = policy
    const entry: StoredActivation = { digest, atMs: this.#now(), ...how, ...(before !== undefined && { before }), approvals: this.approvals(digest), longestEpochMs: longestEpochMs(policy) }
    this.#keep(digest, sources, true)
    this.#activations().putSync(this.#lastSequence() + 1, entry)
    this.#state().putSync('active', digest)
    this.#state().putSync('needed', needed)
    this.#state().removeSync('candidate')
    this.#state().removeSync(`approved:${digest}`)
  }

  #stateOf (digest: string, { ran }: StoredPolicy): PolicyState {
    if (digest === this.active) return 'active'
    if (digest === this.candidate?.digest) return 'waiting'
    return ran === false ? 'seen' : 'past'
  }

  #keep (digest: string, sources: ReadonlyMap<string, string>, ran: boolean): void {
    const known = this.#policies().get(digest)
    if (known === undefined) this.#policies().putSync(digest, { files: Object.fromEntries(sources), storedMs: this.#now(), ran })
    else if (ran && known.ran === false) this.#policies().putSync(digest, { ...known, ran })
  }

  #dropDrafts (): void {
    const drafts = [...this.#policies().getRange()].filter(({ key, value }) => this.#stateOf(key, value) === 'seen')
    for (const { key } of drafts.sort((a, b) => b.value.storedMs - a.value.storedMs).slice(MOST_DRAFTS)) {
      this.#policies().removeSync(key)
      this.#state().removeSync(`approved:${key}`)
    }
  }

  #lastSequence (): number {
    return [...this.#activations().getKeys({ reverse: true, limit: 1 })][0] ?? 0
  }

  #policies () {
    return this.#store.database<StoredPolicy, string>('policies')
  }

  #activations () {
    return this.#store.database<StoredActivation, number>('policies.activations')
  }

  #state () {
    return this.#store.database<unknown, string>('policies.state')
  }
}

function rank ({ state }: ListedPolicy): number {
  return state === 'active' ? 0 : state === 'waiting' ? 1 : 2
}

function lastMs ({ firstSeenMs, activations }: ListedPolicy): number {
  return activations.at(-1)?.atMs ?? firstSeenMs
}
