/**
 * Which policy is in force: the folder's, unless it is wider than the one activated last and nobody has approved it.
 *
 * Every policy that was ever activated is kept with its sources, so that it can run again:
 * ```
 * policies          digest → {files: {path: text}, storedMs}
 * policies.state    active → digest; approved:DIGEST → {by, reason, atMs, usedMs?}
 * ```
 * INVARIANT: a bad configuration never replaces a good one, and a wider one never without approval.
 */

import { CurtilageError } from '../model/errors.js'
import type { Store } from '../store/store.js'
import { compileSources, type Configuration } from './compile.js'
import { compare, type Comparison } from './order.js'

interface StoredPolicy {
  readonly files: Readonly<Record<string, string>>
  readonly storedMs: number
}

export interface Approval {
  readonly by: string
  readonly reason: string
  readonly atMs: number
  /** When the policy took force on it: an approval serves once. */
  readonly usedMs?: number
}

export interface ListedPolicy {
  readonly digest: string
  readonly storedMs: number
  readonly active: boolean
  readonly approval?: Approval
}

export interface InForce {
  readonly configuration: Configuration
  /** The folder's configuration, where it waits for approval. */
  readonly waiting: { readonly digest: string, readonly comparison: Comparison } | undefined
}

export class PolicyArchive {
  readonly #store: Store
  readonly #now: () => number

  constructor (store: Store, now: () => number) {
    this.#store = store
    this.#now = now
  }

  /**
   * Chooses between the folder's configuration and the one that was active last, and makes the choice durable.
   *
   * @throws CurtilageError policy-unreadable where the policy activated last does not compile any more and the folder's is not approved
   */
  async choose (folder: Configuration): Promise<InForce> {
    const { digest } = folder.policy
    await this.#keep(folder)
    const active = this.#state().get('active') as string | undefined
    if (active === undefined || active === digest || this.#isApproved(digest)) return await this.#activate(folder)
    const before = this.#compiled(active)
    const comparison = compare(before.policy, folder.policy)
    if (comparison.verdict === 'same' || comparison.verdict === 'narrower') return await this.#activate(folder)
    return { configuration: { ...before, gateway: folder.gateway }, waiting: { digest, comparison } }
  }

  /**
   * What a command works under: the policy activated last; the folder's where no gateway ever started, or where the one
   * activated last does not compile any more. Activates nothing.
   */
  current (folder: Configuration): InForce {
    const active = this.#state().get('active') as string | undefined
    const compiled = active === undefined ? undefined : this.#compile(active)
    return { configuration: compiled === undefined ? folder : { ...compiled, gateway: folder.gateway }, waiting: undefined }
  }

  /** Lets a policy that was seen in the folder take force at the next start, once. @throws CurtilageError policy-unknown, policy-active */
  async approve (digest: string, by: string, reason: string): Promise<void> {
    if (this.#policies().get(digest) === undefined) throw new CurtilageError('policy-unknown', 'no policy of this digest was ever seen: see the list of policies')
    if (this.#state().get('active') === digest) throw new CurtilageError('policy-active', 'this policy is in force already: an approval would lie in wait for a later return to it')
    await this.#store.transaction(() => { this.#state().putSync(`approved:${digest}`, { by, reason, atMs: this.#now() }) })
  }

  approval (digest: string): Approval | undefined {
    return this.#state().get(`approved:${digest}`) as Approval | undefined
  }

  #isApproved (digest: string): boolean {
    const approval = this.approval(digest)
    return approval !== undefined && approval.usedMs === undefined
  }

  /** Oldest first. */
  list (): ListedPolicy[] {
    const active = this.#state().get('active')
    return [...this.#policies().getRange()].map(({ key, value: { storedMs } }) => {
      const approval = this.approval(key)
      return { digest: key, storedMs, active: key === active, ...(approval !== undefined && { approval }) }
    }).sort((a, b) => a.storedMs - b.storedMs)
  }

  async #keep ({ policy, sources }: Configuration): Promise<void> {
    if (this.#policies().get(policy.digest) !== undefined) return
    const stored = { files: Object.fromEntries(sources), storedMs: this.#now() }
    await this.#store.transaction(() => { this.#policies().putSync(policy.digest, stored) })
  }

  async #activate (configuration: Configuration): Promise<InForce> {
    const { digest } = configuration.policy
    const approval = this.approval(digest)
    await this.#store.transaction(() => {
      if (approval !== undefined && this.#state().get('active') !== digest) this.#state().putSync(`approved:${digest}`, { ...approval, usedMs: this.#now() })
      this.#state().putSync('active', digest)
    })
    return { configuration, waiting: undefined }
  }

  #compile (digest: string): Configuration | undefined {
    const stored = this.#policies().get(digest)
    const compiled = stored === undefined ? undefined : compileSources(new Map(Object.entries(stored.files)))
    return compiled === undefined || 'problems' in compiled ? undefined : compiled
  }

  #compiled (digest: string): Configuration {
    const compiled = this.#compile(digest)
    if (compiled === undefined) {
      throw new CurtilageError('policy-unreadable', `the policy in force (${digest}) cannot be compiled by this version: approve the folder's policy with curtilage policy approve`)
    }
    return compiled
  }

  #policies () {
    return this.#store.database<StoredPolicy, string>('policies')
  }

  #state () {
    return this.#store.database<unknown, string>('policies.state')
  }
}
