/**
 * The consent ledger: append only, in its own order, durable before it is acknowledged.
 *
 * Requests are taken in the order given and committed in groups, one transaction at a time, so the chain in memory
 * never runs ahead of the disk. What a decision asks for is answered from memory or by one look into the store.
 */

import type { AccountConsent, AccountFacts, ConsentRecord } from '../model/consent.js'
import { RecentCache } from '../store/recent-cache.js'
import type { Store } from '../store/store.js'
import { lettersOf } from '../letters.js'
import { LedgerBatch } from './batch.js'
import { listAudit, type AuditEntry, type AuditFilter } from './audit-list.js'
import { isAudit, isOfAccount, unpackGroup, type AccountRecord, type AuditRecord, type ErasureRecord, type FactRecord, type LedgerRecord } from './entry.js'
import { groupRange, openTables, readHead, type LedgerHead, type LedgerTables } from './ledger-tables.js'
import { checkStatement, type AnyStatement, type AuditStatement, type ConsentStatement, type ConsentVocabulary, type Origination, type Statement } from './statement.js'
import { verifyLedger, type NotedHead, type Verification } from './verify.js'
import { unpackView, withEntry } from './view.js'

const CACHED_VIEWS = 20_000
const MAX_BATCH = 5_000
/** Actor of what is recorded again after an older store was put back. */
export const REPLAY = 'replay'

const ANY_NAME: ConsentVocabulary = { purpose: () => true, recipient: () => true, category: () => true }

export interface LedgerOptions {
  readonly store: Store
  readonly vocabulary: ConsentVocabulary
  /** Version of the notice in force. */
  readonly noticeVersion: () => string
  /** How long a grant holds that is recorded without an expiry; undefined: for ever. */
  readonly grantLifetimeMs?: () => number | undefined
  readonly now: () => number
  readonly randomBytes: (size: number) => Uint8Array
  /**
   * Keeps elsewhere too what was recorded. Told of the records of one transaction before it, without those of the actor
   * `replay`.
   */
  readonly listElsewhere?: (records: readonly OwnedRecord[]) => Elsewhere
  /** Views kept in memory; at most twice as many are held. */
  readonly cachedViews?: number
}

/** Told of each account whose consent or facts changed, once that is durable and before the append resolves. Must not throw. */
export type ChangeListener = (account: string) => void

/** Writes of others that share the transaction; synchronous, must not throw. */
export type AlsoWrite = () => void

type Appended = Exclude<LedgerRecord, ErasureRecord>

export interface OwnedRecord {
  readonly account: string
  readonly record: AccountRecord
  /** The transaction registers the account. */
  readonly isNew: boolean
}

export interface Elsewhere {
  /** Within the transaction. */
  number (): void
  /** Awaited once the transaction is durable, before an append resolves; where it rejects, so does the append, though all is recorded. */
  append (): Promise<void>
}

interface Request {
  readonly statements: readonly AnyStatement[]
  readonly erase?: string
  readonly also: AlsoWrite | undefined
  resolve (records: Appended[]): void
  reject (error: unknown): void
}

export class ConsentLedger {
  readonly #options: LedgerOptions
  readonly #tables: LedgerTables
  readonly #views: RecentCache<string, AccountConsent>
  readonly #listeners = new Set<ChangeListener>()
  #head: LedgerHead
  #queue: Request[] = []
  #running: Promise<void> | undefined

  constructor (options: LedgerOptions) {
    this.#options = options
    this.#tables = openTables(options.store)
    this.#views = new RecentCache(options.cachedViews ?? CACHED_VIEWS)
    this.#head = readHead(this.#tables)
  }

  /**
   * What stands of an account now; undefined where it is not registered. Synchronous; throws where the store cannot be read.
   *
   * INVARIANT: after an append resolves every later read sees it, and a grant is never seen before it is durable.
   */
  current (account: string): AccountConsent | undefined {
    const cached = this.#views.get(account)
    if (cached !== undefined) return cached
    const packed = this.#tables.views.get(account)
    if (packed === undefined) return undefined
    const view = unpackView(account, packed)
    this.#views.set(account, view)
    return view
  }

  /** What stands of so many accounts, in the order of their ids, from the one behind `after`; as the store has it in this turn. */
  * views (after: string | undefined, limit: number): Generator<AccountConsent> {
    const start = after === undefined ? {} : { start: after, exclusiveStart: true }
    for (const { key, value } of this.#tables.views.getRange({ ...start, limit })) yield unpackView(key, value)
  }

  /** What stood of an account after all that was recorded up to and at that time, rebuilt from the ledger. */
  at (account: string, atMs: number): AccountConsent | undefined {
    let view: AccountConsent | undefined
    for (const record of this.#entries(account)) {
      if (record.at > atMs) break
      if (isOfAccount(record)) view = withEntry(view, account, record)
    }
    return view
  }

  /** Everything ever recorded of an account's consent and facts, in order. */
  history (account: string): AccountRecord[] {
    return [...this.#entries(account)].filter(isOfAccount)
  }

  /** Records what somebody did, or is about to do; resolves when it is durable. Rejects with store-write. */
  async record (statement: AuditStatement, also?: AlsoWrite): Promise<AuditRecord> {
    const [record] = await this.#request([statement], also)
    return record as AuditRecord
  }

  /** What was done, oldest first: of one account or of all. Actions that have ended stand once, with their outcome. */
  async audit (filter: AuditFilter): Promise<AuditEntry[]> {
    return await listAudit(this.#tables, filter)
  }

  /** @throws CurtilageError consent-invalid, account-invalid: what `append` would refuse, unknown accounts apart */
  check (statement: AnyStatement): void {
    // a policy that does not know a name now may know it again
    checkStatement(statement, statement.actor === REPLAY ? ANY_NAME : this.#options.vocabulary)
  }

  /**
   * Records statements, all or none, in the order given; resolves when they are durable.
   *
   * Rejects with CurtilageError consent-invalid, account-invalid, account-unknown, or store-write (transient).
   */
  async append (statements: readonly ConsentStatement[]): Promise<ConsentRecord[]> {
    return await this.#request(statements) as ConsentRecord[]
  }

  /** Records facts of an account; the regime registers it. `also` shares the transaction. Rejects as `append` does. */
  async setFacts (account: string, facts: Partial<AccountFacts>, by: Origination = {}, also?: AlsoWrite): Promise<FactRecord> {
    const [record] = await this.#request([{ account, facts, ...by }], also)
    return record as FactRecord
  }

  /** Deletes all records and salts of an account; their commitments stay, and an entry without a name says so. */
  async erase (account: string, also?: AlsoWrite): Promise<void> {
    await this.#enqueue({ statements: [], erase: account, also })
  }

  /** Records many statements of any kind in one request. For registration in bulk. */
  async appendAll (statements: readonly Statement[], also?: AlsoWrite): Promise<AccountRecord[]> {
    return await this.#request(statements, also) as AccountRecord[]
  }

  /** The ledger's end, to be noted elsewhere: `verify` can tell whether the ledger still contains it. */
  head (): NotedHead {
    return { sequence: this.#head.sequence, head: lettersOf(this.#head.hash) }
  }

  /** Recomputes the chain, and holds every record and every view against it. Reads one snapshot; appends go on. */
  async verify (noted: readonly NotedHead[] = []): Promise<Verification> {
    return await verifyLedger(this.#options.store, this.#tables, noted)
  }

  /** Returns what ends the subscription. */
  onChange (listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /** Resolves when every request made so far is settled. */
  async idle (): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  * #entries (account: string): Generator<LedgerRecord> {
    for (const { value: [, group] } of this.#tables.groups.getRange(groupRange(account))) yield * unpackGroup(group)
  }

  async #request (statements: readonly AnyStatement[], also?: AlsoWrite): Promise<Appended[]> {
    for (const statement of statements) this.check(statement)
    return statements.length === 0 ? [] : await this.#enqueue({ statements, also })
  }

  async #enqueue (request: Pick<Request, 'statements' | 'erase' | 'also'>): Promise<Appended[]> {
    return await new Promise((resolve, reject) => {
      this.#queue.push({ ...request, resolve, reject })
      this.#running ??= this.#drain()
    })
  }

  async #drain (): Promise<void> {
    await undefined // requests of the same turn share a transaction
    while (this.#queue.length > 0) {
      const requests = this.#next()
      try { await this.#commit(requests) } catch (error) { for (const { reject } of requests) reject(error) }
    }
    this.#running = undefined
  }

  /** An erasure goes alone, since it has to find what it erases on disk. */
  #next (): Request[] {
    let [count, size] = [0, 0]
    for (const { statements, erase } of this.#queue) {
      if (erase !== undefined || size >= MAX_BATCH) break
      size += statements.length
      count += 1
    }
    return this.#queue.splice(0, Math.max(count, 1))
  }

  async #commit (requests: readonly Request[]): Promise<void> {
    const batch = this.#newBatch()
    const [first] = requests
    if (first?.erase !== undefined) return await this.#commitErasure(first.erase, first, batch)
    const taken = requests.flatMap(request => this.#take(request, batch))
    if (taken.length === 0) return
    const elsewhere = this.#options.listElsewhere?.(taken.flatMap(({ request, records }) => this.#owned(request, records)))
    this.#head = await this.#options.store.transaction(() => {
      const head = batch.write(this.#tables)
      for (const { request } of taken) request.also?.()
      elsewhere?.number()
      return head
    })
    for (const [account, view] of batch.views) this.#views.set(account, view)
    this.#notify(batch.views.keys())
    await elsewhere?.append()
    for (const { request, records } of taken) request.resolve(records)
  }

  #take (request: Request, batch: LedgerBatch): { request: Request, records: Appended[] }[] {
    try { batch.refuseUnknownAccounts(request.statements) } catch (error) {
      request.reject(error)
      return []
    }
    return [{ request, records: batch.add(request.statements) }]
  }

  #owned ({ statements }: Request, records: readonly Appended[]): OwnedRecord[] {
    return records.flatMap((record, i) => {
      const account = statements[i]?.account ?? ''
      return isAudit(record) || record.actor === REPLAY ? [] : [{ account, record, isNew: this.current(account) === undefined }]
    })
  }

  async #commitErasure (account: string, request: Request, batch: LedgerBatch): Promise<void> {
    const keys = [...this.#tables.groups.getKeys(groupRange(account))]
    const records = [...this.#entries(account)]
    if (records.length > 0) batch.addErasure(rangesOf(records.map(({ sequence }) => sequence)))
    this.#head = await this.#options.store.transaction(() => {
      for (const key of keys) this.#tables.groups.removeSync(key)
      for (const { sequence } of records.filter(isAudit)) this.#tables.audit.removeSync(sequence)
      this.#tables.views.removeSync(account)
      request.also?.()
      return batch.size === 0 ? this.#head : batch.write(this.#tables)
    })
    this.#views.delete(account)
    this.#notify([account])
    request.resolve([])
  }

  #newBatch (): LedgerBatch {
    const { now, noticeVersion, grantLifetimeMs, randomBytes } = this.#options
    return new LedgerBatch(this.#head, {
      at: Math.max(now(), this.#head.at),
      noticeVersion: noticeVersion(),
      grantLifetimeMs: grantLifetimeMs?.(),
      current: account => this.current(account),
      randomBytes
    })
  }

  #notify (accounts: Iterable<string>): void {
    for (const account of accounts) {
      for (const listener of this.#listeners) {
        try { listener(account) } catch { process.emitWarning('a listener for consent changes threw', 'CurtilageWarning') }
      }
    }
  }
}

/** Ascending numbers as ranges, both ends included. */
function rangesOf (sequences: readonly number[]): (readonly [number, number])[] {
  const ranges: [number, number][] = []
  for (const sequence of sequences) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === sequence - 1) last[1] = sequence
    else ranges.push([sequence, sequence])
  }
  return ranges
}
