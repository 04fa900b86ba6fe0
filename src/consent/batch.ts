/** Entries on their way into the ledger: what one transaction adds after the ledger's durable end. */

import type { AccountConsent, ConsentRecord } from '../model/consent.js'
import { CurtilageError } from '../model/errors.js'
import { commitmentOf, nextHead } from './chain.js'
import { canonicalHead, canonicalItem, packGroup, type AccountRecord, type ErasureRecord, type FactRecord, type LedgerRecord, type Writable } from './entry.js'
import { writeChain, type GroupKey, type LedgerHead, type LedgerTables, type SaltedGroup } from './ledger-tables.js'
import { recordId } from './record-id.js'
import type { ConsentStatement, FactStatement, Statement } from './statement.js'
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
    const byAccount = new Map<string, AccountRecord[]>()
    const records = statements.map(statement => {
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
    const after = { sequence: this.#sequence, at: this.#context.at, hash: this.#hash }
    return writeChain(tables, this.#before, after, this.#commitments)
  }

  #view (account: string): AccountConsent | undefined {
    return this.views.get(account) ?? this.#context.current(account)
  }

  #record (statement: Statement): AccountRecord {
    const { account } = statement
    const sequence = ++this.#sequence
    const record = 'facts' in statement ? factOf(statement, sequence, this.#context) : consentOf(statement, sequence, this.#context)
    const view = withEntry(this.#view(account), account, record)
    if (view !== undefined) this.views.set(account, view)
    return record
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
