/**
 * Overwrites what was removed from the store: lmdb leaves removed rows in free pages, and in the slack of pages in use,
 * until it needs the room.
 *
 * First the rows beside the removed ones are written again as they are, so that their pages move and lose their slack; then
 * the free pages are filled, and given back. What a reader of an older snapshot still holds, and free pages beyond the
 * bound, are left: an old store that once held far more than now keeps them.
 */

import { setImmediate as breathe } from 'node:timers/promises'
import { asBinary, type Database, type Key } from 'lmdb'
import type { Store } from './store.js'

/** Parts of the store that are small enough to be written again whole. */
const MAX_WHOLE = 2_000
const MAX_FILL_BYTES = 256 * 1024 * 1024
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
  for (const name of new Set(removed.map(([name]) => name))) await rewriteWhole(store, store.database(name))
  for (let i = 0; i < removed.length; i += STRIDE) {
    await store.transaction(() => { for (const [name, key] of removed.slice(i, i + STRIDE)) rewriteBeside(store.database(name), key) })
  }
  await fill(store)
}

async function rewriteWhole (store: Store, database: Database<unknown, Key>): Promise<void> {
  await store.transaction(() => {
    const keys = [...database.getKeys({ limit: MAX_WHOLE + 1 })]
    if (keys.length <= MAX_WHOLE) for (const key of keys) rewrite(database, key)
  })
}

function rewriteBeside (database: Database<unknown, Key>, key: Key): void {
  const [next] = database.getKeys({ start: key, limit: 1 })
  const [before] = database.getKeys({ start: key, limit: 1, reverse: true })
  for (const neighbor of [before, next]) if (neighbor !== undefined) rewrite(database, neighbor)
}

function rewrite (database: Database<unknown, Key>, key: Key): void {
  const value = database.getBinary(key)
  if (value !== undefined) database.putSync(key, asBinary(Buffer.from(value)) as unknown)
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
