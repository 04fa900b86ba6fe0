/**
 * Entries of the replay list about accounts that the store does not hold: each waits until its account is added again.
 *
 * ```
 * rights.replay-later   [fingerprint of the account, number] → entry of the replay list
 * ```
 */

import type { Database } from 'lmdb'
import type { Store } from '../store/store.js'
import type { ReplayEntry } from './replay-list.js'

/** What says something of an account that is there. */
export type LaterEntry = Extract<ReplayEntry, { what: 'consent' | 'facts' }>

export class ReplayLater {
  readonly #store: Store

  constructor (store: Store) {
    this.#store = store
  }

  get isEmpty (): boolean {
    return this.#table.getKeysCount({ limit: 1 }) === 0
  }

  /** In their order. @param account its fingerprint */
  of (account: string): LaterEntry[] {
    return [...this.#table.getRange({ start: [account, 0], end: [account, Infinity] })].map(({ value }) => value)
  }

  /** Within a transaction. */
  put (entry: LaterEntry): void {
    this.#table.putSync([entry.account, entry.number], entry)
  }

  /** Within a transaction. */
  drop (account: string): void {
    for (const { number } of this.of(account)) this.#table.removeSync([account, number])
  }

  /** Made at need: whoever only reads the list may have the store read-only. */
  get #table (): Database<LaterEntry, [string, number]> {
    return this.#store.database('rights.replay-later')
  }
}
