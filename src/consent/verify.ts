/**
 * Holds the ledger against its own chain.
 *
 * Finds: a commitment or head changed, a record changed, removed without an erasure or put back after one, a view or an
 * audit index that does not follow from the records. A tail cut off together with its head shows only against a head noted
 * elsewhere.
 */

import { setImmediate as breathe } from 'node:timers/promises'
import type { Transaction } from 'lmdb'
import type { AccountConsent } from '../model/consent.js'
import type { Store } from '../store/store.js'
import { lettersOf } from '../letters.js'
import { BEGUN } from './audit.js'
import { commitmentOf, GENESIS, HASH_BYTES, nextHead } from './chain.js'
import { canonical, isAudit, isOfAccount, unpackGroup, type AuditRecord, type LedgerRecord } from './entry.js'
import { placeOf, type LedgerTables } from './ledger-tables.js'
import { packView, withEntry } from './view.js'

const TURN = 2_000

export interface NotedHead {
  readonly sequence: number
  /** Letters g–z. */
  readonly head: string
}

export interface LedgerProblem {
  readonly kind: 'chain' | 'head' | 'noted-head' | 'record' | 'missing' | 'erased-but-present' | 'view' | 'audit-index'
  readonly sequence?: number
  readonly account?: string
}

export interface Verification {
  readonly ok: boolean
  readonly entries: number
  /** Of these, how many were erased. */
  readonly erased: number
  readonly head: string
  readonly problems: readonly LedgerProblem[]
}

export async function verifyLedger (store: Store, tables: LedgerTables, noted: readonly NotedHead[]): Promise<Verification> {
  store.root.resetReadTxn()
  const transaction = store.root.useReadTransaction()
  try { return await new Verifier(tables, transaction).run(noted) } finally { transaction.done() }
}

class Verifier {
  readonly #tables: LedgerTables
  readonly #transaction: Transaction
  readonly #problems: LedgerProblem[] = []
  readonly #entries: number
  readonly #storedHead: Uint8Array
  readonly #seen: Uint8Array
  readonly #erasures: (readonly [number, number])[] = []
  #auditRows = 0
  #steps = 0

  constructor (tables: LedgerTables, transaction: Transaction) {
    const [entries, , head] = tables.meta.get('ledger', { transaction }) as [number, number, Uint8Array] | undefined ?? [0, 0, GENESIS]
    this.#tables = tables
    this.#transaction = transaction
    this.#entries = entries
    this.#storedHead = head
    this.#seen = new Uint8Array(entries + 1)
  }

  async run (noted: readonly NotedHead[]): Promise<Verification> {
    await this.#checkChain(new Map(noted.map(({ sequence, head }) => [sequence, head])))
    await this.#checkRecords()
    const erased = await this.#checkMissing()
    const problems = this.#problems
    return { ok: problems.length === 0, entries: this.#entries, erased, head: lettersOf(this.#storedHead), problems }
  }

  async #checkChain (noted: Map<number, string>): Promise<void> {
    let head: Uint8Array = GENESIS
    for (let sequence = 1; sequence <= this.#entries; sequence++) {
      const commitment = this.#commitment(sequence)
      if (commitment === undefined) { this.#problems.push({ kind: 'chain', sequence }); return }
      head = nextHead(head, sequence, commitment)
      if (noted.has(sequence) && noted.get(sequence) !== lettersOf(head)) this.#problems.push({ kind: 'noted-head', sequence })
      await this.#step()
    }
    for (const sequence of noted.keys()) if (sequence > this.#entries) this.#problems.push({ kind: 'noted-head', sequence })
    if (Buffer.compare(head, this.#storedHead) !== 0) this.#problems.push({ kind: 'head' })
  }

  /** Groups come ordered by account, so each account's view is rebuilt on the way. */
  async #checkRecords (): Promise<void> {
    let account = ''
    let view: AccountConsent | undefined
    for (const { key, value: [salt, group] } of this.#tables.groups.getRange({ transaction: this.#transaction })) {
      if (key[0] !== account) { this.#checkView(account, view); view = undefined }
      account = key[0]
      for (const record of unpackGroup(group)) {
        this.#checkRecord(account, record, salt)
        if (isOfAccount(record)) view = withEntry(view, account, record)
      }
      await this.#step()
    }
    this.#checkView(account, view)
    await this.#checkNoOtherViews()
    if (this.#tables.audit.getKeysCount({ transaction: this.#transaction }) !== this.#auditRows) this.#problems.push({ kind: 'audit-index' })
  }

  #checkRecord (account: string, record: LedgerRecord, salt: Uint8Array): void {
    const { sequence } = record
    const expected = this.#commitment(sequence)
    const matches = expected !== undefined && Buffer.compare(expected, commitmentOf(salt, canonical(account, record))) === 0
    if (!matches || this.#seen[sequence] === 1) { this.#problems.push({ kind: 'record', sequence }); return }
    this.#seen[sequence] = 1
    if ('erased' in record) this.#erasures.push(...record.erased)
    if (isAudit(record)) this.#checkAuditRow(account, record)
  }

  /** A begun action may have lost its row to its outcome, and that to an erasure. */
  #checkAuditRow (account: string, { sequence, at, action, outcome }: AuditRecord): void {
    const row = this.#tables.audit.get(sequence, { transaction: this.#transaction })
    if (row !== undefined) this.#auditRows += 1
    const fits = row === undefined ? outcome === BEGUN : JSON.stringify(row) === JSON.stringify([at, action, account])
    if (!fits) this.#problems.push({ kind: 'audit-index', sequence })
  }

  #checkView (account: string, view: AccountConsent | undefined): void {
    const stored = account === '' ? undefined : this.#tables.views.get(account, { transaction: this.#transaction })
    const rebuilt = view === undefined ? undefined : packView(view)
    if (JSON.stringify(stored) !== JSON.stringify(rebuilt)) this.#problems.push({ kind: 'view', account })
  }

  async #checkNoOtherViews (): Promise<void> {
    for (const account of this.#tables.views.getKeys({ transaction: this.#transaction })) {
      const groups = this.#tables.groups.getKeysCount({ start: [account, 0], limit: 1, end: [account, this.#entries + 1], transaction: this.#transaction })
      if (groups === 0) this.#problems.push({ kind: 'view', account })
      await this.#step()
    }
  }

  async #checkMissing (): Promise<number> {
    let erased = 0
    for (const [first, last] of this.#erasures) {
      for (let sequence = first; sequence <= last && sequence <= this.#entries; sequence++) {
        if (this.#seen[sequence] === 1) this.#problems.push({ kind: 'erased-but-present', sequence })
        this.#seen[sequence] = 1
        erased += 1
      }
    }
    for (let sequence = 1; sequence <= this.#entries; sequence++) {
      if (this.#seen[sequence] !== 1) this.#problems.push({ kind: 'missing', sequence })
      await this.#step()
    }
    return erased
  }

  #page: { readonly number: number, readonly bytes: Uint8Array | undefined } = { number: -1, bytes: undefined }

  #commitment (sequence: number): Uint8Array | undefined {
    if (!(sequence >= 1 && sequence <= this.#entries)) return undefined
    const { page, offset } = placeOf(sequence)
    if (this.#page.number !== page) this.#page = { number: page, bytes: this.#tables.chain.get(page, { transaction: this.#transaction }) }
    const commitment = this.#page.bytes?.subarray(offset, offset + HASH_BYTES)
    return commitment?.length === HASH_BYTES ? commitment : undefined
  }

  /** Lets others have a turn now and then. */
  async #step (): Promise<void> {
    this.#steps += 1
    if (this.#steps % TURN === 0) await breathe()
  }
}
