/**
 * Overwrites what was removed from the store: lmdb leaves removed rows in free pages, and in the slack of pages in use,
 * until it needs the room.
 *
 * First the rows beside the removed ones are taken out and put back, and then written again as they are: their pages move and
 * lose their slack, and the keys between pages are those of rows that are there. Then the free pages are filled, and given
 * back. What a reader of an older snapshot still holds, free pages beyond the bound, and keys between pages two levels up are
 * left.
 */

import { setImmediate as breathe } from 'node:timers/promises'
import { asBinary, type Database, type Key } from 'lmdb'
import type { Store } from './store.js'

/** Parts of the store that are small enough to be written again whole. */
const MAX_WHOLE = 2_000
const MAX_FILL_BYTES = 256 * 1024 * 1024
/** More rows than a page holds. */
const MAX_BESIDE = 128
const STRIDE = 500
/** Two fill a page. */
const FILLER = Buffer.alloc(1_900)
/** A page freed by a transaction can be used again by the second one after it. */
const ROUNDS_TO_AGE = 3
const GROWTH_PAGES = 64

/** Where something was removed: a part of the store, and the key or the beginning of the range. */
export type Removed = readonly [database: string, key: Key]

/** Resolves when it is done, or not worth more. Nothing that is in the store changes. */
export async function scrub (store: Store, removed: readonly Removed[]): Promise<void> {
  for (const again of [putAnew, rewrite]) {
    for (const name of new Set(removed.map(([name]) => name))) await store.transaction(() => { again(store.database(name), wholeOf(store.database(name))) })
    for (const [name, key] of removed) await store.transaction(() => { again(store.database(name), beside(store.database(name), key)) })
  }
  await fill(store)
}

type Part = Database<unknown, Key>

/** All keys of a part that is small, none of another. */
function wholeOf (part: Part): Key[] {
  const keys = [...part.getKeys({ limit: MAX_WHOLE + 1 })]
  return keys.length <= MAX_WHOLE ? keys : []
}

/** More than a page holds, on both sides. */
function beside (part: Part, key: Key): Key[] {
  return [...part.getKeys({ start: key, limit: MAX_BESIDE, reverse: true }), ...part.getKeys({ start: key, limit: MAX_BESIDE })]
}

/** Pages that the rows leave go, and with them the keys by which they were found: a removed one may be among those. */
function putAnew (part: Part, keys: readonly Key[]): void {
  const rows = keys.map(key => [key, part.getBinary(key)] as const).map(([key, value]) => [key, value && Buffer.from(value)] as const)
  for (const [key] of rows) part.removeSync(key)
  for (const [key, value] of rows) if (value !== undefined) part.putSync(key, asBinary(value))
}

/** Pages that are written to move, and leave their slack behind. */
function rewrite (part: Part, keys: readonly Key[]): void {
  for (const key of keys) {
    const value = part.getBinary(key)
    if (value !== undefined) part.putSync(key, asBinary(Buffer.from(value)))
  }
}

async function fill (store: Store): Promise<void> {
  const scratch = store.database<Uint8Array, number>('scratch')
  const { lastPageNumber, pageSize } = statsOf(store)
  const most = Math.min(lastPageNumber, Math.floor(MAX_FILL_BYTES / pageSize)) * 2
  for (let next = 0, round = 0; next < most || round < ROUNDS_TO_AGE; next += STRIDE, round++) {
    await store.transaction(() => { for (let i = 0; i < STRIDE; i++) scratch.putSync(next + i, FILLER) })
    // it grows: no free page is left
    if (round >= ROUNDS_TO_AGE && statsOf(store).lastPageNumber > lastPageNumber + GROWTH_PAGES) break
    await breathe()
  }
  await store.transaction(() => { scratch.clearSync() })
}

function statsOf (store: Store): { readonly lastPageNumber: number, readonly pageSize: number } {
  return store.root.getStats() as { lastPageNumber: number, pageSize: number }
}
