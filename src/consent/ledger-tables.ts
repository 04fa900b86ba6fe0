/**
 * The ledger on disk.
 *
 * ```
 * consent.groups  [account, first sequence] → [salt of 16 bytes, group]      see entry.ts; erasures under account ''
 * consent.views   account → what stands now                                 see view.ts
 * consent.chain   page number → up to 128 commitments of 32 bytes; page p starts with sequence 128 p + 1
 * consent.audit   sequence of an audit entry → [its time, action, account]    an index; of a begun action only until its outcome is known
 * meta            'ledger' → [last sequence, its time, head of the chain]
 * ```
 */

import type { Database } from 'lmdb'
import type { Store } from '../store/store.js'
import { GENESIS, HASH_BYTES } from './chain.js'
import type { Packed } from './entry.js'

const PAGE_ENTRIES = 128
const HEAD = 'ledger'
const LAST = Number.MAX_SAFE_INTEGER

export type GroupKey = [account: string, sequence: number]
/** Account '' where the entry is about none. */
export type AuditRow = readonly [at: number, action: string, account: string]
export type SaltedGroup = readonly [salt: Uint8Array, group: Packed]

/** Where the ledger ends. */
export interface LedgerHead {
  readonly sequence: number
  readonly at: number
  readonly hash: Uint8Array
  /** Commitments of the last page, if it is not full. */
  readonly tail: Uint8Array
}

export interface LedgerTables {
  readonly groups: Database<SaltedGroup, GroupKey>
  readonly views: Database<Packed, string>
  readonly chain: Database<Uint8Array, number>
  readonly audit: Database<AuditRow, number>
  readonly meta: Store['meta']
}

export function openTables (store: Store): LedgerTables {
  return {
    groups: store.database('consent.groups'),
    views: store.database('consent.views'),
    chain: store.database('consent.chain'),
    audit: store.database('consent.audit'),
    meta: store.meta
  }
}

export function readHead ({ meta, chain }: LedgerTables): LedgerHead {
  const [sequence, at, hash] = meta.get(HEAD) as [number, number, Uint8Array] | undefined ?? [0, 0, GENESIS]
  const { page, offset } = placeOf(sequence + 1)
  const tail = offset === 0 ? undefined : chain.get(page)
  return { sequence, at, hash, tail: tail ?? new Uint8Array(0) }
}

/** Writes the commitments that follow `before`, and the new end; within a transaction. Returns the end. */
export function writeChain (tables: LedgerTables, before: LedgerHead, after: Omit<LedgerHead, 'tail'>, commitments: readonly Uint8Array[]): LedgerHead {
  const bytes = Buffer.concat([before.tail, ...commitments])
  const { page } = placeOf(before.sequence + 1)
  const pageBytes = PAGE_ENTRIES * HASH_BYTES
  for (let i = 0; i * pageBytes < bytes.length; i++) {
    tables.chain.putSync(page + i, bytes.subarray(i * pageBytes, (i + 1) * pageBytes))
  }
  tables.meta.putSync(HEAD, [after.sequence, after.at, Buffer.from(after.hash)])
  return { ...after, tail: Buffer.from(bytes.subarray(bytes.length - bytes.length % pageBytes)) }
}

export function placeOf (sequence: number): { readonly page: number, readonly offset: number } {
  const index = sequence - 1
  return { page: Math.floor(index / PAGE_ENTRIES), offset: (index % PAGE_ENTRIES) * HASH_BYTES }
}

/** All groups of one account, in order. */
export function groupRange (account: string): { start: GroupKey, end: GroupKey } {
  return { start: [account, 0], end: [account, LAST] }
}
