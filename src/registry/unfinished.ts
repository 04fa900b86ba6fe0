/**
 * Erasures, and what a minor's mark takes back, from their beginning until all of it is done: a crash in the middle is
 * finished by whoever opens the data folder next.
 *
 * ```
 * registry.unfinished   account → { kind, seed: 32 random bytes, isListed }
 * ```
 * An account that is being erased is known to nobody any more: no login, no decision, no disclosure on its way out.
 */

import type { Database } from 'lmdb'
import type { Store } from '../store/store.js'

const SEED_BYTES = 32

export interface UnfinishedWork {
  readonly kind: 'erasure' | 'minor'
  /** The ids of its notices follow from it, so that a notice queued twice has one id. */
  readonly seed: Uint8Array
  /** Stands on the list that outlives a restored store. */
  readonly isListed: boolean
}

export interface BeginOptions {
  readonly isListed?: boolean
  /** Shares the transaction. */
  readonly also?: () => void
}

export class Unfinished {
  readonly #store: Store
  readonly #table: Database<UnfinishedWork, string>
  readonly #randomBytes: (size: number) => Uint8Array
  readonly #work = new Map<string, UnfinishedWork>()

  constructor (store: Store, randomBytes: (size: number) => Uint8Array) {
    this.#store = store
    this.#randomBytes = randomBytes
    this.#table = store.database('registry.unfinished')
    for (const { key, value } of this.#table.getRange()) this.#work.set(key, value)
  }

  get (account: string): UnfinishedWork | undefined {
    return this.#work.get(account)
  }

  isErasing (account: string): boolean {
    return this.#work.get(account)?.kind === 'erasure'
  }

  /** Accounts, those to be erased first. */
  accounts (): string[] {
    return [...this.#work].sort(([, a], [, b]) => Number(b.kind === 'erasure') - Number(a.kind === 'erasure')).map(([account]) => account)
  }

  /** Holds in memory from the call on, and resolves when it is durable. Rejects with store-write. */
  async begin (account: string, kind: UnfinishedWork['kind'], { isListed = false, also = () => {} }: BeginOptions = {}): Promise<void> {
    const before = this.#work.get(account)
    const work = { ...this.#fresh(kind), isListed }
    this.#work.set(account, work)
    try {
      await this.#store.transaction(() => {
        this.#table.putSync(account, work)
        also()
      })
    } catch (error) {
      if (before === undefined) this.#work.delete(account)
      else this.#work.set(account, before)
      throw error
    }
  }

  /** The same for a minor's mark, within the transaction that records it. */
  beginMinor (account: string): void {
    if (this.isErasing(account)) return
    const work = this.#fresh('minor')
    this.#table.putSync(account, work)
    this.#work.set(account, work)
  }

  async listed (account: string): Promise<void> {
    const work = this.#work.get(account)
    if (work === undefined) return
    const listed = { ...work, isListed: true }
    await this.#store.transaction(() => { this.#table.putSync(account, listed) })
    this.#work.set(account, listed)
  }

  /** Within the transaction that is the last of the work; `forget` when it is durable. */
  drop (account: string): void {
    this.#table.removeSync(account)
  }

  forget (account: string): void {
    this.#work.delete(account)
  }

  #fresh (kind: UnfinishedWork['kind']): UnfinishedWork {
    return { kind, seed: this.#randomBytes(SEED_BYTES), isListed: false }
  }
}
