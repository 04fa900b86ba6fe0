/**
 * Puts policies in force: what the folder holds, what someone asks for, what was approved.
 *
 * ```
 * folder changed ─┐
 * activate        ├─▶ candidate (durable) ─▶ same or narrower, or approved ─▶ sinks opened ─▶ in force (durable, audit log) ─▶ swapped
 * rollback        ┘                      └▶ else it waits                  └▶ one that cannot be opened: nothing changes
 * ```
 * One policy can be the candidate: the one asked for last. A folder that has not changed since it was looked at asks for
 * nothing, so that neither a restart nor a reload undoes what someone has put in force instead.
 *
 * INVARIANT: a bad configuration never replaces a good one, and a wider one never without approval.
 */

import { CurtilageError, errorOf, type ErrorCode } from '../model/errors.js'
import { Serial } from '../store/serial.js'
import type { Approval, Candidate, PolicyArchive, Why } from './archive.js'
import type { Assess } from './assess.js'
import { isAtMost } from './compare-configurations.js'
import type { Configuration } from './compile.js'
import { restartNeeded } from './gateway-changes.js'
import type { GatewaySettings } from './gateway-settings.js'
import type { InForce, Waiting } from './in-force.js'
import type { Change, Comparison, Verdict } from './order.js'
import type { Problem } from './problem.js'
import type { FolderContent } from './read-folder.js'

/** Who asks, and why. */
export interface Asking {
  readonly by: string
  readonly reason?: string
}

/** As the audit log has it. */
export interface TakingForce extends Asking {
  readonly action: 'policy.take-force'
  readonly subject: string
}

/**
 * `taken`: in force now. `unchanged`: it was already. `waiting`: for approval. `next-start`: no gateway runs. `set-aside`: the
 * folder has not changed since another policy was put in force instead. `refused`: the folder has problems.
 */
export type Outcome = 'taken' | 'unchanged' | 'waiting' | 'next-start' | 'set-aside' | 'refused'

export interface Answer {
  readonly outcome: Outcome
  readonly digest?: string
  readonly verdict?: Verdict
  readonly changes?: readonly Change[]
  readonly approvals?: { readonly needed: number, readonly given: readonly Approval[] }
  readonly problems?: readonly Problem[]
  /** False: a sink would not end what it was sending under the policy before. */
  readonly settled?: boolean
  /** Keys of gateway.yaml that have changed and are not followed before the next start. */
  readonly restartNeeded?: readonly string[]
}

/** What has to be there before a policy takes force, such as sinks. */
export interface Prepared {
  /** Called in the very turn in which the policy is swapped; resolves, to true, when nothing of the one before is under way. Never rejects. */
  commit (): Promise<boolean>
  /** It does not take force. */
  abandon (): Promise<void>
}

export interface DeskParts {
  readonly archive: PolicyArchive
  readonly inForce: InForce
  readonly now: () => number
  readonly readFolder: () => Promise<FolderContent>
  readonly assess: Assess
  /** One durable transaction. */
  readonly write: (writes: () => void) => Promise<void>
  /** The same, with an entry of the audit log in it. */
  readonly record: (taking: TakingForce, writes: () => void) => Promise<void>
}

export type Told =
  | { readonly outcome: 'taken' | 'waiting' | 'set-aside', readonly digest: string, readonly why: Why, readonly verdict: Verdict | undefined, readonly needed: number, readonly given: number }
  | { readonly outcome: 'refused', readonly problems: readonly Problem[] }
  | { readonly outcome: 'restart-needed', readonly keys: readonly string[] }
  | { readonly outcome: 'failed', readonly digest: string, readonly code: ErrorCode }

/** A gateway, which has sinks to open and observers to tell. */
export interface Attached {
  /** Rejects where something cannot be opened; nothing is changed then. */
  prepare (next: Configuration): Promise<Prepared>
  tell (told: Told): void
}

interface Assessed {
  readonly next: Configuration
  /** Against the policy in force. */
  readonly comparison: Comparison
}

const UNKNOWN: Comparison = { verdict: 'different', changes: [] }
const NOTHING_TO_PREPARE: Prepared = { commit: async () => true, abandon: async () => {} }

export class PolicyDesk {
  readonly #parts: DeskParts
  readonly #serial = new Serial()
  #attached: Attached | undefined
  /** Settings that the gateway started with. */
  #started: GatewaySettings | undefined
  #ended = false

  constructor (parts: DeskParts) {
    this.#parts = parts
  }

  /** From then on policies take force at once. */
  attach (attached: Attached): void {
    this.#attached = attached
  }

  /** At the start of a gateway, before anything is judged. @throws CurtilageError policy-unreadable */
  async begin (folder: Configuration): Promise<void> {
    await this.#alone(async () => {
      const { archive, inForce } = this.#parts
      const active = archive.active
      this.#started = folder.gateway
      inForce.putFolder({ digest: folder.policy.digest, atMs: this.#parts.now() })
      if (active === undefined) return await this.#first(folder)
      await this.#look(folder)
      if (active !== inForce.current.policy.digest) return await this.#replaceUnreadable(folder)
      await this.#settle(true)
    })
  }

  /** For a command that has opened the data folder: what waits. */
  async recall (): Promise<void> {
    await this.#settle()
  }

  /** Puts nothing more in force; resolves when what was under way has ended. */
  async end (): Promise<void> {
    this.#ended = true
    await this.#serial.run(() => {})
  }

  /** Looks at the folder. Rejects where a sink could not be opened: nothing has changed then. */
  async reload (by: string): Promise<Answer> {
    return await this.#alone(async () => {
      const { inForce, readFolder, assess, now } = this.#parts
      const loaded = (await assess(await readFolder())).compiled
      if ('problems' in loaded) {
        inForce.putFolder({ problems: loaded.problems, atMs: now() })
        this.#attached?.tell({ outcome: 'refused', problems: loaded.problems })
        return { outcome: 'refused', problems: loaded.problems }
      }
      inForce.putFolder({ digest: loaded.policy.digest, atMs: now() })
      await this.#look(loaded, by)
      const answer = await this.#follow(loaded)
      const keys = restartNeeded(this.#started ?? loaded.gateway, loaded.gateway)
      if (keys.length > 0) this.#attached?.tell({ outcome: 'restart-needed', keys })
      return { ...answer, restartNeeded: keys }
    })
  }

  /** Asks for a policy that was seen before; for the one in force: nothing shall take its place. @throws CurtilageError policy-unknown, policy-unreadable */
  async activate (digest: string, asking: Asking, why: 'activate' | 'rollback' = 'activate'): Promise<Answer> {
    return await this.#alone(async () => {
      const { archive, write } = this.#parts
      if (!archive.has(digest)) throw errorOf('policy-unknown')
      if (archive.active === digest) {
        await write(() => archive.withdraw())
        this.#parts.inForce.putWaiting(undefined)
        return { outcome: 'unchanged', digest }
      }
      const configuration = await this.#compiled(digest)
      if (configuration === undefined) throw new CurtilageError('policy-unreadable', `the policy ${digest} cannot be compiled by this version: nothing has changed`)
      return await this.#propose(configuration, why, asking)
    })
  }

  /** Asks for a policy that stands in no folder: a draft made of the one in force. @throws CurtilageError draft-stale where another has taken its place */
  async draft (configuration: Configuration, of: string, asking: Asking): Promise<Answer> {
    return await this.#alone(async () => {
      const { active } = this.#parts.archive
      if (active !== of) throw errorOf('draft-stale')
      return active === configuration.policy.digest ? { outcome: 'unchanged', digest: active } : await this.#propose(configuration, 'activate', asking)
    })
  }

  /** Asks for the policy that was in force before the one that is. @throws CurtilageError policy-unknown where there was none */
  async rollback (asking: Asking): Promise<Answer> {
    const previous = this.#parts.archive.previous()
    if (previous === undefined) throw new CurtilageError('policy-unknown', 'no policy was in force before this one')
    return await this.activate(previous, asking, 'rollback')
  }

  /** With the last approval that is needed it takes force. @throws CurtilageError policy-unknown, policy-active, policy-not-waiting, approval-refused */
  async approve (digest: string, { by, reason, token }: { by: string, reason: string, token: string }): Promise<Answer> {
    return await this.#alone(async () => {
      const { archive, inForce, write, now } = this.#parts
      const { waiting } = inForce
      if (!archive.has(digest)) throw errorOf('policy-unknown')
      if (archive.active === digest) throw errorOf('policy-active')
      if (waiting?.digest !== digest) throw errorOf('policy-not-waiting')
      if (waiting.given.length >= waiting.needed) return await this.#settle()
      checkToken(token, waiting)
      const approval = { by, reason, token, atMs: now(), ...(archive.active !== undefined && { against: archive.active }) }
      await write(() => archive.approve(digest, approval))
      return await this.#settle()
    })
  }

  async #alone<T> (task: () => Promise<T>): Promise<T> {
    return await this.#serial.run(async () => {
      if (this.#ended) throw errorOf('gateway-absent')
      return await task()
    })
  }

  async #propose (configuration: Configuration, why: Candidate['why'], asking: Asking): Promise<Answer> {
    const { archive, write, now } = this.#parts
    await write(() => archive.propose(configuration, { digest: configuration.policy.digest, why, ...asking, sinceMs: now() }))
    return await this.#settle()
  }

  async #first (folder: Configuration): Promise<void> {
    this.#parts.inForce.put(folder)
    await this.#take(folder, { why: 'first', by: 'gateway' }, undefined, true, archive => archive.lookedAt(folder.policy.digest))
  }

  /** The settings of the folder hold whichever policy does; unless its policy should hold, and cannot. */
  async #follow (loaded: Configuration): Promise<Answer> {
    const { archive, inForce } = this.#parts
    const { digest } = loaded.policy
    const before = inForce.current
    inForce.put({ ...before, gateway: loaded.gateway })
    if (archive.candidate?.digest === digest) {
      return await this.#settle().catch(error => {
        inForce.put(before)
        throw error
      })
    }
    if (digest === inForce.current.policy.digest) return { outcome: 'unchanged', digest }
    this.#attached?.tell({ outcome: 'set-aside', digest, why: 'folder', verdict: undefined, needed: 0, given: 0 })
    return { outcome: 'set-aside', digest }
  }

  /** A folder that changed asks for its policy; one that changed back to what is in force asks that it stays. */
  async #look (folder: Configuration, by = 'gateway'): Promise<void> {
    const { archive, write, now } = this.#parts
    const { digest } = folder.policy
    if (digest === archive.folder) return
    await write(() => {
      archive.lookedAt(digest)
      if (digest === archive.active) archive.withdraw()
      else archive.propose(folder, { digest, why: 'folder', by, sinceMs: now() })
    }).catch(this.#failing(digest))
    if (digest === archive.active) this.#parts.inForce.putWaiting(undefined)
  }

  /** What becomes of the candidate now. */
  async #settle (isStarting = false): Promise<Answer> {
    const { archive, inForce } = this.#parts
    const candidate = archive.candidate
    const assessed = candidate && await this.#assessed(candidate.digest)
    if (candidate === undefined || assessed === undefined) {
      inForce.putWaiting(undefined)
      return { outcome: 'unchanged', digest: inForce.current.policy.digest }
    }
    const { next } = assessed
    const waiting = this.#waitingOf(candidate, assessed)
    const { needed, given, comparison } = waiting
    inForce.putWaiting(waiting)
    const isFree = given.length >= needed
    const settled = isFree && (isStarting || this.#attached !== undefined) ? await this.#take(next, candidate, comparison, isStarting) : undefined
    const outcome = !isFree ? 'waiting' : settled === undefined ? 'next-start' : 'taken'
    this.#attached?.tell({ outcome: isFree ? 'taken' : 'waiting', digest: candidate.digest, why: candidate.why, verdict: comparison.verdict, needed, given: given.length })
    return { outcome, digest: candidate.digest, ...comparison, approvals: { needed, given }, ...(settled !== undefined && { settled }) }
  }

  /** Undefined where it is unknown, or does not compile under this version. */
  async #compiled (digest: string): Promise<Configuration | undefined> {
    return (await this.#assessed(digest))?.next
  }

  async #assessed (digest: string): Promise<Assessed | undefined> {
    const { archive, inForce: { current }, assess } = this.#parts
    const files = archive.filesOf(digest)
    if (files === undefined) return undefined
    const { compiled, comparison } = await assess({ sources: new Map(Object.entries(files)), against: current.sources })
    if ('problems' in compiled) return undefined
    // one in force that this version cannot compile can be compared with nothing
    return { next: compiled, comparison: archive.active === current.policy.digest && comparison !== undefined ? comparison : UNKNOWN }
  }

  #waitingOf (candidate: Candidate, { next, comparison }: Assessed): Waiting {
    const { archive } = this.#parts
    const needed = isAtMost(comparison) ? 0 : Math.max(archive.needed, next.approvals.needed)
    return { ...candidate, comparison, needed, given: archive.approvals(candidate.digest) }
  }

  async #take (next: Configuration, { why, by, reason }: { why: Why, by: string, reason?: string }, comparison: Comparison | undefined, isStarting: boolean, also: (archive: PolicyArchive) => void = () => {}): Promise<boolean> {
    const { archive, inForce, record } = this.#parts
    const configuration = { ...next, gateway: inForce.current.gateway }
    const failed = this.#failing(next.policy.digest)
    const prepared = isStarting ? NOTHING_TO_PREPARE : await this.#attached?.prepare(configuration).catch(failed) ?? NOTHING_TO_PREPARE
    const asking = { by, ...(reason !== undefined && { reason }) }
    const how = { why, ...asking, changes: comparison?.changes ?? [], ...(comparison !== undefined && { verdict: comparison.verdict }) }
    try {
      await record({ action: 'policy.take-force', subject: next.policy.digest, ...asking }, () => {
        archive.activate(configuration, how)
        also(archive)
      })
    } catch (error) {
      await prepared.abandon()
      return failed(error)
    }
    inForce.put(configuration)
    inForce.putWaiting(undefined)
    return await prepared.commit()
  }

  /** Tells that nothing changed, and throws on. */
  #failing (digest: string): (error: unknown) => never {
    return error => {
      this.#attached?.tell({ outcome: 'failed', digest, code: error instanceof CurtilageError ? error.code : 'internal' })
      throw error
    }
  }

  /** The policy in force does not compile under this version: nothing runs, until the folder's has been approved. */
  async #replaceUnreadable (folder: Configuration): Promise<void> {
    const { archive, write, now } = this.#parts
    const { digest } = folder.policy
    const needed = Math.max(archive.needed, folder.approvals.needed)
    if (archive.candidate?.digest !== digest) await write(() => archive.propose(folder, { digest, why: 'folder', by: 'gateway', sinceMs: now() }))
    if (archive.approvals(digest).length < needed) {
      throw new CurtilageError('policy-unreadable', `the policy in force (${archive.active ?? ''}) cannot be compiled by this version: approve the folder's policy with curtilage policy approve`)
    }
    await this.#take(folder, { why: 'folder', by: 'gateway' }, undefined, true)
  }
}

/** Of two approvals, each comes by a token of its own; whoever has opened the data folder has no token. */
function checkToken (token: string, { needed, given }: Waiting): void {
  if (given.some(approval => approval.token === token)) throw new CurtilageError('approval-refused', 'this token has approved it already: another one has to')
  if (needed > 1 && token === 'local') throw new CurtilageError('approval-refused', `${needed} different tokens have to approve: start the gateway, and approve over its API`)
}
