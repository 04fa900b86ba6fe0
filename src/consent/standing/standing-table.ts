/**
 * What stands of every account, in a few dozen bytes each, as the path of a report asks for it.
 *
 * A row holds what a decision depends on as long as no record of the account is narrower than a purpose: facts, and for
 * each purpose the state and the notice of its one record. Of other accounts it says that the ledger has to be asked.
 *
 * ```
 * word 0    seconds before which the row holds     2³² - 1 for ever
 * word 1    seconds from which on it holds         0 from ever
 * byte 8    length of the account id
 * byte 9    regime    byte 10  region    byte 11  marks: 1 minor, 2 opt-out signal, 4 ask the ledger
 * byte 12   for each purpose that has a column: state in the low 3 bits, notice in the high 5
 * then      the account id, ASCII, filled up to whole words
 * ```
 * A grant that expires bounds the time for which its row holds, rounded towards asking the ledger.
 */

import type { AccountConsent, ConsentRecord } from '../../model/consent.js'
import { AccountIndex } from './account-index.js'
import { RowArena } from './row-arena.js'
import { SmallNames } from './small-names.js'

const FOR_EVER = 2 ** 32 - 1
const ID = 8
const REGIME = 9
const REGION = 10
const MARKS = 11
const COLUMNS_AT = 12
const MINOR = 1
const SIGNAL = 2
const ASK = 4
const STATE_BITS = 3
const STATES = ['unset', 'granted', 'denied', 'withdrawn', 'expired'] as const
const ASCII = /^[\x21-\x7e]{1,255}$/
const MOST_REGIMES = 256
const MOST_NOTICES = 32

export interface StandingTableOptions {
  /** Purposes that get a column: those of the policy first, any other as long as there are some left. */
  readonly purposes: readonly string[]
  /** Drawn at random, so that nobody can choose ids that meet in one place. */
  readonly seed: number
}

/** A row to decide by, or one of the three below. */
export type Found = number
/** No such account. */
export const UNKNOWN: Found = 0
/** The account has narrower records, or more kinds of names than rows can hold: the ledger has to be asked. */
export const ASK_LEDGER: Found = -1
/** The row does not hold at this time: it has to be put in anew. */
export const OUT_OF_TIME: Found = -2

export class StandingTable {
  readonly #seed: number
  readonly #columns: SmallNames
  readonly #columnCount: number
  readonly #regimes = new SmallNames(MOST_REGIMES)
  readonly #regions = new SmallNames(MOST_REGIMES)
  readonly #notices = new SmallNames(MOST_NOTICES)
  readonly #arena = new RowArena()
  readonly #index = new AccountIndex({ hasId: (place, account) => this.#hasId(place, account), hashAt: place => this.#hashAt(place) })
  #size = 0

  constructor ({ purposes, seed }: StandingTableOptions) {
    this.#seed = seed
    // in steps of four, as rows are counted in words
    this.#columnCount = Math.ceil((purposes.length + 2) / 4) * 4
    this.#columns = new SmallNames(this.#columnCount)
    for (const purpose of purposes) this.#columns.numberOf(purpose)
  }

  /** Accounts. */
  get size (): number {
    return this.#size
  }

  /** Memory held for rows and index. */
  get bytes (): number {
    return this.#arena.bytes + this.#index.bytes
  }

  /** The account's row at that time, UNKNOWN, ASK_LEDGER or OUT_OF_TIME. Valid until the table changes. */
  find (account: string, nowMs: number): Found {
    const place = this.#index.find(account, this.#hash(account))
    if (place === UNKNOWN) return UNKNOWN
    const { words, bytes } = this.#arena.chunk(place)
    const word = this.#arena.wordIn(place)
    if (((bytes[word * 4 + MARKS] as number) & ASK) !== 0) return ASK_LEDGER
    return nowMs < (words[word] as number) * 1000 && nowMs >= (words[word + 1] as number) * 1000 ? place : OUT_OF_TIME
  }

  /** Where the state of a purpose stands in each row; undefined where all columns are given away. */
  columnOf (purpose: string): number | undefined {
    return this.#columns.numberOf(purpose)
  }

  /** All that a decision about the column's purpose depends on, as one number: equal for accounts that it treats alike. */
  standing (row: Found, column: number): number {
    const { bytes } = this.#arena.chunk(row)
    const at = this.#arena.wordIn(row) * 4
    return (bytes[at + REGIME] as number) | (bytes[at + REGION] as number) << 8 | (bytes[at + MARKS] as number) << 16 | (bytes[at + COLUMNS_AT + column] as number) << 18
  }

  /** An account for which a decision about the purpose comes out the same: its record has neither id nor origin. */
  exampleOf (standing: number, purpose: string): AccountConsent {
    const marks = standing >>> 16 & 3
    const state = STATES[standing >>> 18 & (1 << STATE_BITS) - 1]
    const facts = { regime: this.#regimes.nameOf(standing & 0xff), region: this.#regions.nameOf(standing >>> 8 & 0xff), minor: (marks & MINOR) !== 0, optOutSignal: (marks & SIGNAL) !== 0 }
    if (state === undefined) throw new TypeError('no such state')
    if (state === 'unset') return { account: '', facts, records: [] }
    const record = { id: '', sequence: 0, at: 0, notice: this.#notices.nameOf(standing >>> 18 + STATE_BITS), purpose }
    const records: ConsentRecord[] = [state === 'expired' ? { ...record, state: 'granted', expires: 0 } : { ...record, state }]
    return { account: '', facts, records }
  }

  /** Puts an account in, or what now stands of it in place of what stood. @throws TypeError for an id that is none */
  put (consent: AccountConsent, nowMs: number): void {
    const { account } = consent
    if (!ASCII.test(account)) throw new TypeError('an account id is ASCII')
    const hash = this.#hash(account)
    let place = this.#index.find(account, hash)
    if (place === UNKNOWN) {
      place = this.#arena.take(this.#wordsOf(account.length))
      this.#writeId(place, account)
      this.#index.add(place, hash)
      this.#size++
    }
    this.#write(place, consent, nowMs)
  }

  remove (account: string): void {
    const hash = this.#hash(account)
    const place = this.#index.find(account, hash)
    if (place === UNKNOWN) return
    this.#index.remove(place, hash)
    this.#arena.release(place, this.#wordsOf(account.length))
    this.#size--
  }

  #write (place: number, { facts, records }: AccountConsent, nowMs: number): void {
    const { words, bytes } = this.#arena.chunk(place)
    const word = this.#arena.wordIn(place)
    const at = word * 4
    const [regime, region] = [this.#regimes.numberOf(facts.regime), this.#regions.numberOf(facts.region)]
    let asks = regime === undefined || region === undefined
    let [fromMs, untilMs] = [0, Infinity]
    bytes.fill(0, at + COLUMNS_AT, at + COLUMNS_AT + this.#columnCount)
    for (const record of records) {
      const column = isWhole(record) ? this.#columns.numberOf(record.purpose) : undefined
      const notice = this.#notices.numberOf(record.notice)
      if (column === undefined || notice === undefined) { asks = true; break }
      const { expires } = record
      const isExpired = expires !== undefined && expires <= nowMs
      if (isExpired) fromMs = Math.max(fromMs, expires)
      else if (expires !== undefined) untilMs = Math.min(untilMs, expires)
      bytes[at + COLUMNS_AT + column] = STATES.indexOf(isExpired ? 'expired' : record.state) | notice << STATE_BITS
    }
    bytes[at + REGIME] = regime ?? 0
    bytes[at + REGION] = region ?? 0
    bytes[at + MARKS] = (facts.minor ? MINOR : 0) | (facts.optOutSignal ? SIGNAL : 0) | (asks ? ASK : 0)
    words[word] = Math.min(Math.floor(untilMs / 1000), FOR_EVER)
    words[word + 1] = Math.min(Math.ceil(fromMs / 1000), FOR_EVER)
  }

  #writeId (place: number, account: string): void {
    const { bytes } = this.#arena.chunk(place)
    const at = this.#arena.wordIn(place) * 4
    bytes[at + ID] = account.length
    const start = at + COLUMNS_AT + this.#columnCount
    for (let i = 0; i < account.length; i++) bytes[start + i] = account.charCodeAt(i)
  }

  #wordsOf (idLength: number): number {
    return Math.ceil((COLUMNS_AT + this.#columnCount + idLength) / 4)
  }

  #hasId (place: number, account: string): boolean {
    const { bytes } = this.#arena.chunk(place)
    const at = this.#arena.wordIn(place) * 4
    if (bytes[at + ID] !== account.length) return false
    const start = at + COLUMNS_AT + this.#columnCount
    for (let i = 0; i < account.length; i++) if (bytes[start + i] !== account.charCodeAt(i)) return false
    return true
  }

  #hash (account: string): number {
    let hash = this.#seed
    for (let i = 0; i < account.length; i++) hash = Math.imul(hash ^ account.charCodeAt(i), 0x01000193)
    return mixed(hash)
  }

  #hashAt (place: number): number {
    const { bytes } = this.#arena.chunk(place)
    const at = this.#arena.wordIn(place) * 4
    const start = at + COLUMNS_AT + this.#columnCount
    const end = start + (bytes[at + ID] as number)
    let hash = this.#seed
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
    return mixed(hash)
  }
}

/** FNV-1a leaves the high bits of short texts nearly alike; the finalizer of MurmurHash3 spreads them. */
function mixed (hash: number): number {
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b)
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35)
  return (hash ^ hash >>> 16) >>> 0
}

function isWhole ({ recipient, category, device }: ConsentRecord): boolean {
  return recipient === undefined && category === undefined && device === undefined
}
