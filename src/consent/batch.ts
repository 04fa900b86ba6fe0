/** Entries on their way into the ledger: what one transaction adds after the ledger's durable end. */

import type { AccountConsent } from '../model/consent.js'
import { CurtilageError } from '../model/errors.js'
import { commitmentOf, nextHead } from './chain.js'
import { canonical, packGroup, type AccountRecord, type ErasureRecord, type LedgerRecord } from './entry.js'
import { writeChain, type GroupKey, type LedgerHead, type LedgerTables, type SaltedGroup } from './ledger-tables.js'
import { recordId } from './record-id.js'
import type { ConsentStatement, Statement } from './statement.js'
import { groupsOf, packView, withEntry } from './view.js'

const SALT_BYTES = 16

export interface BatchContext {
  readonly at: number
  readonly noticeVersion: string
  /** Grants recorded without an expiry get this one. */
  readonly grantLifetimeMs: number | undefined
  current (account: string): AccountConsent | undefined
  randomBytes (size: number): Uint8Array
}

export class LedgerBatch {
  /** The views as they will stand; undefined never occurs, since an account must be known. */
  readonly views = new Map<string, AccountConsent>()
  readonly #before: LedgerHead
  readonly #context: BatchContext
  readonly #groups: (readonly [GroupKey, SaltedGroup])[] = []
  readonly #commitments: Uint8Array[] = []
  #sequence: number
  #hash: Uint8Array

  constructor (before: LedgerHead, context: BatchContext) {
    this.#before = before
    this.#context = context
    this.#sequence = before.sequence
    this.#hash = before.hash
  }

  get size (): number {
    return this.#commitments.length
  }

  /** @throws CurtilageError account-unknown if a statement speaks of an account that is not registered by then */
  refuseUnknownAccounts (statements: readonly Statement[]): void {
    const registered = new Set<string>()
    for (const statement of statements) {
      const { account } = statement
      if ('facts' in statement && statement.facts.regime !== undefined) registered.add(account)
      else if (!registered.has(account) && this.#view(account) === undefined) {
        throw new CurtilageError('account-unknown', `account ${account} is not registered`)
      }
    }
  }

  /** Adds the statements of one request; of known accounts only. */
  add (statements: readonly Statement[]): AccountRecord[] {
    const records = statements.map(statement => this.#record(statement))
    const byAccount = new Map<string, AccountRecord[]>()
    records.forEach((record, i) => {
      const account = statements[i]?.account ?? ''
      const own = byAccount.get(account)
      if (own === undefined) byAccount.set(account, [record])
      else own.push(record)
    })
    // Commitments are taken in the order of the sequence, groups are stored by account.
    const salts = this.#store(byAccount)
    records.forEach((record, i) => this.#commit(statements[i]?.account ?? '', record, salts))
    return records
  }

  /** Adds that an account's entries were erased; the name is not kept. */
  addErasure (erased: ErasureRecord['erased']): void {
    const record = { ...this.#head(), notice: this.#context.noticeVersion, erased }
    const salts = this.#store(new Map([['', [record]]]))
    this.#commit('', record, salts)
  }

  /** Writes all of it, within a transaction. Returns the ledger's new end. */
  write (tables: LedgerTables): LedgerHead {
    for (const [key, group] of this.#groups) tables.groups.putSync(key, group)
    for (const [account, view] of this.views) tables.views.putSync(account, packView(view))
    const after = { sequence: this.#sequence, at: this.#context.at, hash: this.#hash }
    return writeChain(tables, this.#before, after, this.#commitments)
  }

  #view (account: string): AccountConsent | undefined {
    return this.views.get(account) ?? this.#context.current(account)
  }

  #record (statement: Statement): AccountRecord {
    const { account, source, actor } = statement
    const origination = { ...(source !== undefined && { source }), ...(actor !== undefined && { actor }) }
    const record = 'facts' in statement
      ? { ...this.#head(), notice: this.#context.noticeVersion, facts: statement.facts, ...origination }
      : { ...this.#head(), ...consentParts(statement, this.#context), ...origination }
    const view = withEntry(this.#view(account), account, record)
    if (view !== undefined) this.views.set(account, view)
    return record
  }

  #head (): { id: string, sequence: number, at: number } {
    this.#sequence += 1
    return { id: recordId(this.#sequence), sequence: this.#sequence, at: this.#context.at }
  }

  #store (byAccount: ReadonlyMap<string, readonly LedgerRecord[]>): Map<number, Uint8Array> {
    const salts = new Map<number, Uint8Array>()
    for (const [account, records] of byAccount) {
      for (const group of groupsOf(records)) {
        const salt = this.#context.randomBytes(SALT_BYTES)
        for (const { sequence } of group) salts.set(sequence, salt)
        this.#groups.push([[account, group[0]?.sequence ?? 0], [salt, packGroup(group)]])
      }
    }
    return salts
  }

  #commit (account: string, record: LedgerRecord, salts: ReadonlyMap<number, Uint8Array>): void {
    const salt = salts.get(record.sequence)
    if (salt === undefined) throw new TypeError('a record without a salt')
    const commitment = commitmentOf(salt, canonical(account, record))
    this.#commitments.push(commitment)
    this.#hash = nextHead(this.#hash, record.sequence, commitment)
  }
}

function consentParts (statement: ConsentStatement, { at, noticeVersion, grantLifetimeMs }: BatchContext) {
  const { purpose, recipient, category, device, state, notice = noticeVersion } = statement
  const lifetime = state === 'granted' ? grantLifetimeMs : undefined
  const expires = statement.expires ?? (lifetime === undefined ? undefined : at + lifetime)
  return {
    purpose,
    ...(recipient !== undefined && { recipient }),
    ...(category !== undefined && { category }),
    ...(device !== undefined && { device }),
    state,
    notice,
    ...(expires !== undefined && { expires })
  }
}
