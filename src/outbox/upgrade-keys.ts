/** Keys as written before sizes stood in them are given theirs, once, when the outbox is opened. */

import type { Database, Key } from 'lmdb'
import { diskRoom } from './disk-room.js'
import { readValue } from './read-value.js'
import { AFTER_HELD, contentBytes, FIRST_HELD, heldKey, readStored } from './stored-entry.js'

type OldKey = [held: 'held', recipient: string, sequence: number, notBeforeMs: number]

const OLD_LENGTH = 4
/** What cannot be read takes a page. */
const UNREADABLE_BYTES = 4000

export function upgradeKeys (database: Database<unknown, Key>): void {
  const old = [...database.getKeys({ start: FIRST_HELD, end: AFTER_HELD }).filter(key => (key as unknown[]).length === OLD_LENGTH)] as OldKey[]
  if (old.length === 0) return
  database.transactionSync(() => { for (const key of old) upgrade(database, key) })
}

function upgrade (database: Database<unknown, Key>, key: OldKey): void {
  const [, recipient, sequence, notBeforeMs] = key
  const value = readValue(database, key)
  const stored = readStored(recipient, notBeforeMs, value)
  database.removeSync(key)
  database.putSync(heldKey(recipient, sequence, notBeforeMs, diskRoom(stored === undefined ? UNREADABLE_BYTES : contentBytes(stored))), value)
}
