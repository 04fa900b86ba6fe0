/**
 * What stands of all accounts, in memory, as exact as the ledger at every moment.
 *
 * Filled from the store in the background, a slice a turn; until that is done, and for accounts of which a row cannot say
 * enough, the ledger itself is asked. So nothing has to wait for it, and it never answers for an account that it has not seen.
 *
 * INVARIANT: after an append resolves no standing of before is given.
 */

import { setImmediate as breathe } from 'node:timers/promises'
import type { AccountConsent } from '../../model/consent.js'
import type { ConsentLedger } from '../ledger.js'
import { ASK_LEDGER, OUT_OF_TIME, StandingTable, UNKNOWN, type Found } from './standing-table.js'

/** About a millisecond of reading. */
const SLICE = 100

export type StandingLedger = Pick<ConsentLedger, 'current' | 'onChange' | 'views'>

export interface StandingOptions {
  readonly ledger: StandingLedger
  readonly purposes: readonly string[]
  /** 32 bits, drawn at random. */
  readonly seed: number
  readonly now: () => number
  /** Told once where the table can be kept no longer; from then on the ledger is asked for everything. */
  readonly onTrouble?: (error: unknown) => void
}

export class StandingConsents {
  readonly table: StandingTable
  readonly #options: StandingOptions
  readonly #endChanges: () => void
  /** Changed since the fill began: what the fill reads of them may be older. Undefined once it is done. */
  #changed: Set<string> | undefined = new Set()
  #isUsable = true

  constructor (options: StandingOptions) {
    this.#options = options
    this.table = new StandingTable(options)
    this.#endChanges = options.ledger.onChange(account => this.#guarded(() => this.#take(account)))
  }

  /** Every account is in it. */
  get isFull (): boolean {
    return this.#isUsable && this.#changed === undefined
  }

  /** The account's row, UNKNOWN, or ASK_LEDGER. Synchronous; use the row in the same turn. */
  find (account: string, nowMs: number): Found {
    if (!this.#isUsable) return ASK_LEDGER
    const found = this.table.find(account, nowMs)
    if (found === UNKNOWN) return this.isFull ? UNKNOWN : ASK_LEDGER
    return found === OUT_OF_TIME ? this.#findAnew(account, nowMs) : found
  }

  /** Reads all accounts in. Resolves when it is done, or ended by `close`. */
  async fill (): Promise<void> {
    let after: string | undefined
    while (this.#isUsable && this.#changed !== undefined) {
      this.#guarded(() => { after = this.#fillSlice(after) })
      if (after === undefined) this.#changed = undefined
      else await breathe()
    }
  }

  close (): void {
    this.#isUsable = false
    this.#endChanges()
  }

  /** The last account read, undefined after the last of all. */
  #fillSlice (after: string | undefined): string | undefined {
    const { ledger, now } = this.#options
    let [count, last]: [number, string | undefined] = [0, undefined]
    for (const consent of ledger.views(after, SLICE)) {
      if (this.#changed?.has(consent.account) !== true) this.table.put(consent, now())
      last = consent.account
      count++
    }
    return count < SLICE ? undefined : last
  }

  #take (account: string): void {
    this.#changed?.add(account)
    this.#put(account, this.#options.ledger.current(account), this.#options.now())
  }

  #put (account: string, consent: AccountConsent | undefined, nowMs: number): void {
    if (consent === undefined) this.table.remove(account)
    else this.table.put(consent, nowMs)
  }

  #findAnew (account: string, nowMs: number): Found {
    this.#put(account, this.#options.ledger.current(account), nowMs)
    const found = this.table.find(account, nowMs)
    // within the second in which a grant ends
    return found === OUT_OF_TIME ? ASK_LEDGER : found
  }

  /** A table that missed a change would be wrong for ever: rather none. */
  #guarded (work: () => void): void {
    if (!this.#isUsable) return
    try {
      work()
    } catch (error) {
      this.close()
      this.#options.onTrouble?.(error)
    }
  }
}
