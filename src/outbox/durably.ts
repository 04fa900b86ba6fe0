/** Writes to LMDB as one transaction, and what to say when that fails. */

import type { Database, Key } from 'lmdb'
import { CurtilageError } from '../model/errors.js'

/**
 * Runs the writes of `action`, `put` and `remove`, in one transaction; resolves when it is on disk.
 *
 * Rejects with `outbox-write`, which is transient. The store's own message is left out: it may spell a key.
 */
export async function durably (database: Database<unknown, Key>, action: () => void): Promise<void> {
  await rejectPlainly(async () => await database.batch(action))
}

/**
 * The same where `action` reads what it writes: it uses `putSync`, `removeSync` and `get`, runs a little later, and if it
 * throws all is rolled back.
 */
export async function transactDurably (database: Database<unknown, Key>, action: () => void): Promise<void> {
  await rejectPlainly(async () => { await database.childTransaction(action) })
}

async function rejectPlainly (write: () => Promise<unknown>): Promise<void> {
  try {
    await write()
  } catch (error) {
    // lmdb hangs the cause on the error as a promise that rejects; unheld, it would end the process.
    (error as { commitError?: Promise<unknown> }).commitError?.catch(() => {})
    throw new CurtilageError('outbox-write', 'the store could not write the outbox: check the disk')
  }
}
