/**
 * Ledger entries in memory and on disk.
 *
 * Entries of one account that were recorded together, by the same actor under the same notice, share a group:
 * ```
 * group  [at, notice, source, actor, item...]                       nil where absent
 * item   [sequence, 0|1|2, purpose, recipient?, category?, device?, expires?]   granted, denied, withdrawn
 *        [sequence, 3, {regime?, region?, minor?, optOutSignal?}]               facts of the account
 *        [sequence, 4, [first, last, first, last...]]                           an erasure: the sequences it took
 *        [sequence, 5, action, outcome, route?, subject?, begun?, count?, firstMs?]   what somebody did, see audit.ts
 * ```
 * Trailing absent parts of an item are cut off.
 */

import type { AccountFacts, ConsentRecord, RecordedState } from '../model/consent.js'
import { packAction, unpackAction, type Action } from './audit.js'
import { recordId } from './record-id.js'

const STATES: readonly RecordedState[] = ['granted', 'denied', 'withdrawn']
const FACTS = 3
const ERASURE = 4
const AUDIT = 5

export type Packed = readonly unknown[]
type Absent = null | undefined
export type Writable<T> = { -readonly [K in keyof T]: T[K] }
type Shared = Omit<Recorded, 'id' | 'sequence'>

interface Recorded {
  readonly id: string
  readonly sequence: number
  readonly at: number
  readonly notice: string
  readonly source?: string
  readonly actor?: string
}

/** A change of what is known of the account. */
export interface FactRecord extends Recorded {
  readonly facts: Partial<AccountFacts>
}

/** That an account was erased, without its name: which entries are gone. Ranges, both ends included. */
export interface ErasureRecord extends Recorded {
  readonly erased: readonly (readonly [number, number])[]
}

/** What an operator, an app or the gateway itself did: `actor` is the role, `source` the token's id. */
export interface AuditRecord extends Recorded, Action {}

export type AccountRecord = ConsentRecord | FactRecord
export type LedgerRecord = AccountRecord | ErasureRecord | AuditRecord

export function isConsent (record: LedgerRecord): record is ConsentRecord {
  return 'state' in record
}

export function isAudit (record: LedgerRecord): record is AuditRecord {
  return 'action' in record
}

/** Does what stands of an account follow from it? */
export function isOfAccount (record: LedgerRecord): record is AccountRecord {
  return 'state' in record || 'facts' in record
}

/** Packs records that share time, notice, source and actor; the items follow from index 4. */
export function packGroup (records: readonly LedgerRecord[]): Packed {
  const [first] = records
  if (first === undefined) throw new TypeError('a group has at least one record')
  return [first.at, first.notice, first.source ?? null, first.actor ?? null, ...records.map(packItem)]
}

export function unpackGroup (packed: Packed): LedgerRecord[] {
  const [at, notice, source, actor, ...items] = packed as [number, string, string | Absent, string | Absent, ...Packed[]]
  const shared = { at, notice: interned(notice), ...(source != null && { source }), ...(actor != null && { actor }) }
  return items.map(item => unpackItem(item, shared))
}

/** True if both belong into one group. */
export function sharesGroup (a: LedgerRecord, b: LedgerRecord): boolean {
  return a.at === b.at && a.notice === b.notice && a.source === b.source && a.actor === b.actor
}

/** One record as its commitment is taken over it: the same text for the same record, always. */
export function canonical (account: string, record: LedgerRecord): string {
  return canonicalItem(canonicalHead(account, packGroup([record])), packItem(record))
}

/** What the texts of one group have in common. */
export function canonicalHead (account: string, [at, notice, source, actor]: Packed): string {
  return JSON.stringify([account, at, notice, source, actor]).slice(0, -1)
}

export function canonicalItem (head: string, item: unknown): string {
  return `${head},${JSON.stringify(item)}]`
}

function packItem (record: LedgerRecord): Packed {
  if ('facts' in record) return [record.sequence, FACTS, inOrder(record.facts)]
  if ('erased' in record) return [record.sequence, ERASURE, record.erased.flat()]
  if ('action' in record) return [record.sequence, AUDIT, ...packAction(record)]
  const { sequence, state, purpose, recipient, category, device, expires } = record
  const kind = STATES.indexOf(state)
  if (expires !== undefined) return [sequence, kind, purpose, recipient ?? null, category ?? null, device ?? null, expires]
  if (device !== undefined) return [sequence, kind, purpose, recipient ?? null, category ?? null, device]
  if (category !== undefined) return [sequence, kind, purpose, recipient ?? null, category]
  return recipient === undefined ? [sequence, kind, purpose] : [sequence, kind, purpose, recipient]
}

function inOrder ({ regime, region, minor, optOutSignal }: Partial<AccountFacts>): Partial<AccountFacts> {
  return {
    ...(regime !== undefined && { regime }),
    ...(region !== undefined && { region }),
    ...(minor !== undefined && { minor }),
    ...(optOutSignal !== undefined && { optOutSignal })
  }
}

function unpackItem (item: Packed, shared: Shared): LedgerRecord {
  const kind = item[1]
  if (kind === FACTS) return { ...headOf(item, shared), facts: inOrder(item[2] as Partial<AccountFacts>) }
  if (kind === ERASURE) return { ...headOf(item, shared), erased: pairs(item[2] as number[]) }
  if (kind === AUDIT) return { ...headOf(item, shared), ...unpackAction(item.slice(2)) }
  return unpackConsent(item, shared)
}

function headOf (item: Packed, shared: Shared): Recorded {
  const sequence = item[0] as number
  return { id: recordId(sequence), sequence, ...shared }
}

/** Written out rather than spread together: a decision may wait for it. */
function unpackConsent (item: Packed, { at, notice, source, actor }: Shared): ConsentRecord {
  const [sequence, kind, purpose, recipient, category, device, expires] = item as [number, number, string, string | Absent, string | Absent, string | Absent, number | Absent]
  const state = STATES[kind]
  if (state === undefined) throw new TypeError('no such kind of ledger entry')
  const record: Writable<ConsentRecord> = { id: recordId(sequence), sequence, at, notice, purpose: interned(purpose), state }
  if (recipient != null) record.recipient = interned(recipient)
  if (category != null) record.category = interned(category)
  if (device != null) record.device = device
  if (expires != null) record.expires = expires
  if (source !== undefined) record.source = source
  if (actor !== undefined) record.actor = actor
  return record
}

function pairs (flat: readonly number[]): (readonly [number, number])[] {
  return flat.flatMap((first, i) => i % 2 === 0 ? [[first, flat[i + 1] ?? first] as const] : [])
}

const names = new Map<string, string>()

/** One string for each name of the policy, however many views hold it. Names are few: the vocabulary checked them. */
function interned (name: string): string {
  const known = names.get(name)
  if (known === undefined) names.set(name, name)
  return known ?? name
}
