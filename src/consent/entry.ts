/**
 * Ledger entries in memory and on disk.
 *
 * Entries of one account that were recorded together, by the same actor under the same notice, share a group:
 * ```
 * group  [at, notice, source, actor, item...]                       nil where absent
 * item   [sequence, 0|1|2, purpose, recipient?, category?, device?, expires?]   granted, denied, withdrawn
 *        [sequence, 3, {regime?, region?, minor?, optOutSignal?}]               facts of the account
 *        [sequence, 4, [first, last, first, last...]]                           an erasure: the sequences it took
 * ```
 * Trailing absent parts of an item are cut off.
 */

import type { AccountFacts, ConsentRecord, RecordedState } from '../model/consent.js'
import { recordId } from './record-id.js'

const STATES: readonly RecordedState[] = ['granted', 'denied', 'withdrawn']
const FACTS = 3
const ERASURE = 4

export type Packed = readonly unknown[]
type Absent = null | undefined

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

export type AccountRecord = ConsentRecord | FactRecord
export type LedgerRecord = AccountRecord | ErasureRecord

export function isConsent (record: LedgerRecord): record is ConsentRecord {
  return 'state' in record
}

/** Packs records that share time, notice, source and actor. */
export function packGroup (records: readonly LedgerRecord[]): Packed {
  const [first] = records
  if (first === undefined) throw new TypeError('a group has at least one record')
  return [first.at, first.notice, first.source ?? null, first.actor ?? null, ...records.map(packItem)]
}

export function unpackGroup (packed: Packed): LedgerRecord[] {
  const [at, notice, source, actor, ...items] = packed as [number, string, string | Absent, string | Absent, ...Packed[]]
  const shared = { at, notice, ...(source != null && { source }), ...(actor != null && { actor }) }
  return items.map(item => unpackItem(item, shared))
}

/** True if both belong into one group. */
export function sharesGroup (a: LedgerRecord, b: LedgerRecord): boolean {
  return a.at === b.at && a.notice === b.notice && a.source === b.source && a.actor === b.actor
}

/** One record as its commitment is taken over it: the same text for the same record, always. */
export function canonical (account: string, record: LedgerRecord): string {
  return JSON.stringify([account, record.at, record.notice, record.source ?? null, record.actor ?? null, packItem(record)])
}

function packItem (record: LedgerRecord): Packed {
  if ('facts' in record) return [record.sequence, FACTS, inOrder(record.facts)]
  if ('erased' in record) return [record.sequence, ERASURE, record.erased.flat()]
  const { sequence, state, purpose, recipient = null, category = null, device = null, expires = null } = record
  const item = [sequence, STATES.indexOf(state), purpose, recipient, category, device, expires]
  while (item.at(-1) === null) item.pop()
  return item
}

function inOrder ({ regime, region, minor, optOutSignal }: Partial<AccountFacts>): Partial<AccountFacts> {
  return {
    ...(regime !== undefined && { regime }),
    ...(region !== undefined && { region }),
    ...(minor !== undefined && { minor }),
    ...(optOutSignal !== undefined && { optOutSignal })
  }
}

function unpackItem (item: Packed, shared: Omit<Recorded, 'id' | 'sequence'>): LedgerRecord {
  const [sequence, kind] = item as [number, number]
  const head = { id: recordId(sequence), sequence, ...shared }
  if (kind === FACTS) return { ...head, facts: inOrder(item[2] as Partial<AccountFacts>) }
  if (kind === ERASURE) return { ...head, erased: pairs(item[2] as number[]) }
  return unpackConsent(item, head)
}

function unpackConsent (item: Packed, head: Recorded): ConsentRecord {
  const [, kind, purpose, recipient, category, device, expires] = item as [number, number, string, string | Absent, string | Absent, string | Absent, number | Absent]
  const state = STATES[kind]
  if (state === undefined) throw new TypeError('no such kind of ledger entry')
  return {
    ...head,
    purpose: interned(purpose),
    ...(recipient != null && { recipient: interned(recipient) }),
    ...(category != null && { category: interned(category) }),
    ...(device != null && { device }),
    state,
    ...(expires != null && { expires })
  }
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
