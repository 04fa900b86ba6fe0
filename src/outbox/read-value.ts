/**
 * Reading from the outbox's database as if the disk could hold anything, which it can: lmdb keeps no checksums.
 *
 * One value that nothing can decode is that entry's loss alone. Thrown on, it would stop the line of its recipient for
 * ever, or the start.
 */

import type { Database, Key, RangeOptions } from 'lmdb'

/** What is read in place of bytes that are no value; no entry has this form. */
const DAMAGED = null

/** Undefined: nothing there. Throws what the store throws where it cannot read at all. */
export function readValue (database: Database<unknown, Key>, key: Key): unknown {
  try {
    return database.get(key)
  } catch (error) {
    if (isOfStore(error)) throw error
    return DAMAGED
  }
}

export function * readRange (database: Database<unknown, Key>, range: RangeOptions): Generator<{ readonly key: Key, readonly value: unknown }> {
  for (const key of database.getKeys(range)) yield { key, value: readValue(database, key) }
}

/** lmdb's own errors bear its number as their code; those of decoding bear none. */
function isOfStore (error: unknown): boolean {
  return typeof (error as { code?: unknown } | undefined)?.code === 'number'
}
