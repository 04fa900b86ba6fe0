/** Entries on their way into the ledger: what one transaction adds after the ledger's durable end. */

import type { AccountConsent, ConsentRecord } from '../model/consent.js'
import { CurtilageError } from '../model/errors.js'
import { commitmentOf, nextHead } from './chain.js'
import { canonicalHead, canonicalItem, packGroup, type AuditRecord, type ErasureRecord, type FactRecord, type LedgerRecord, type Writable } from './entry.js'
import { writeChain, type AuditRow, type GroupKey, type LedgerHead, type LedgerTables, type SaltedGroup } from './ledger-tables.js'
import { recordId } from './record-id.js'
import type { AnyStatement, AuditStatement, ConsentStatement, FactStatement } from './statement.js'
import { groupsOf, packView, withEntry } from './view.js'

const SALT_BYTES = 16
/** Where the items of a packed group start. */
const ITEMS = 4

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
  readonly #audit = new Map<number, AuditRow>()
  /** Begun actions whose outcome is known now. */
  readonly #ended: number[] = []
  #chained = 0
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
  refuseUnknownAccounts (statements: readonly AnyStatement[]): void {
    const registered = new Set<string>()
    for (const statement of statements) {
      const { account } = statement
      if ('audit' in statement) continue
      if ('facts' in statement && statement.facts.regime !== undefined) registered.add(account)
      else if (!registered.has(account) && this.#view(account) === undefined) {
        throw new CurtilageError('account-unknown', `account ${account} is not registered`)
      }
    }
  }

  /** Adds the statements of one request; of known accounts only, audit entries apart. */
  add (statements: readonly AnyStatement[]): Exclude<LedgerRecord, ErasureRecord>[] {
    const byAccount = new Map<string, LedgerRecord[]>()
    const records = statements.map(given => {
      const statement = 'audit' in given ? this.#nameable(given) : given
      const record = this.#record(statement)
      const own = byAccount.get(statement.account)
      if (own === undefined) byAccount.set(statement.account, [record])
      else own.push(record)
      return record
    })
    for (const [account, own] of byAccount) this.#store(account, own)
    this.#extendChain()
    return records
  }

  /** Adds that an account's entries were erased; the name is not kept. */
  addErasure (erased: ErasureRecord['erased']): void {
    const sequence = ++this.#sequence
    this.#store('', [{ id: recordId(sequence), sequence, at: this.#context.at, notice: this.#context.noticeVersion, erased }])
    this.#extendChain()
  }

  /** Writes all of it, within a transaction. Returns the ledger's new end. */
  write (tables: LedgerTables): LedgerHead {
    for (const [key, group] of this.#groups) tables.groups.putSync(key, group)
    for (const [account, view] of this.views) tables.views.putSync(account, packView(view))
    for (const sequence of this.#ended) tables.audit.removeSync(sequence)
    for (const [sequence, row] of this.#audit) tables.audit.putSync(sequence, row)
    const after = { sequence: this.#sequence, at: this.#context.at, hash: this.#hash }
    return writeChain(tables, this.#before, after, this.#commitments)
  }

  #view (account: string): AccountConsent | undefined {
    return this.views.get(account) ?? this.#context.current(account)
  }

  #record (statement: AnyStatement): Exclude<LedgerRecord, ErasureRecord> {
    const { account } = statement
    const sequence = ++this.#sequence
    if ('audit' in statement) return this.#audited(statement, sequence)
    const record = 'facts' in statement ? factOf(statement, sequence, this.#context) : consentOf(statement, sequence, this.#context)
    const view = withEntry(this.#view(account), account, record)
    if (view !== undefined) this.views.set(account, view)
    return record
  }

  #audited (statement: AuditStatement, sequence: number): AuditRecord {
    const record = auditOf(statement, sequence, this.#context)
    this.#audit.set(sequence, [record.at, record.action, statement.account])
    if (record.begun !== undefined) this.#ended.push(record.begun)
    return record
  }

  /** The names of an account that is not registered, any more or yet, are not kept. */
  #nameable (statement: AuditStatement): AuditStatement {
    if (statement.account === '' || this.#view(statement.account) !== undefined) return statement
    const { subject, ...audit } = statement.audit
    return { ...statement, account: '', audit, ...(statement.actor?.startsWith('account:') === true && { actor: 'account' }) }
  }

  /** Groups are stored by account; the chain follows the sequence. */
  #store (account: string, records: readonly LedgerRecord[]): void {
    for (const group of groupsOf(records)) {
      const salt = this.#context.randomBytes(SALT_BYTES)
      const packed = packGroup(group)
      const head = canonicalHead(account, packed)
      group.forEach(({ sequence }, i) => {
        this.#commitments[sequence - this.#before.sequence - 1] = commitmentOf(salt, canonicalItem(head, packed[ITEMS + i]))
      })
      this.#groups.push([[account, group[0]?.sequence ?? 0], [salt, packed]])
    }
  }

  #extendChain (): void {
    for (; this.#chained < this.#commitments.length; this.#chained++) {
      const commitment = this.#commitments[this.#chained]
      if (commitment === undefined) throw new TypeError('a sequence without a commitment')
      this.#hash = nextHead(this.#hash, this.#before.sequence + this.#chained + 1, commitment)
    }
  }
}

function auditOf ({ audit, source, actor }: AuditStatement, sequence: number, { at, noticeVersion }: BatchContext): AuditRecord {
  return { id: recordId(sequence), sequence, at, notice: noticeVersion, ...audit, ...(source !== undefined && { source }), ...(actor !== undefined && { actor }) }
}

function factOf ({ facts, source, actor }: FactStatement, sequence: number, { at, noticeVersion }: BatchContext): FactRecord {
  return {
    id: recordId(sequence),
    sequence,
    at,
    notice: noticeVersion,
    facts,
    ...(source !== undefined && { source }),
    ...(actor !== undefined && { actor })
  }
}

/** Written out in the order in which records are read back, so that all have one shape. */
function consentOf (statement: ConsentStatement, sequence: number, { at, noticeVersion, grantLifetimeMs }: BatchContext): ConsentRecord {
  const { purpose, recipient, category, device, state, source, actor } = statement
  const lifetime = state === 'granted' ? grantLifetimeMs : undefined
  const expires = statement.expires ?? (lifetime === undefined ? undefined : at + lifetime)
  const record: Writable<ConsentRecord> = { id: recordId(sequence), sequence, at, notice: statement.notice ?? noticeVersion, purpose, state }
  if (recipient !== undefined) record.recipient = recipient
  if (category !== undefined) record.category = category
  if (device !== undefined) record.device = device
  if (expires !== undefined) record.expires = expires
  if (source !== undefined) record.source = source
  if (actor !== undefined) record.actor = actor
  return record
}
