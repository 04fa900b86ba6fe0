/** A process that appends to the outbox of the data folder given until that fails, printing each id acknowledged, then the error's code. */

import { openStore } from '../../src/store/store.js'
import { LmdbOutbox } from '../../src/outbox/lmdb-outbox.js'
import { asDisclosure, entryOf } from '../contract/disclosure-of.js'

const store = openStore(process.argv[2] ?? '')
const outbox = new LmdbOutbox({ database: store.database('outbox'), restore: asDisclosure, maxEntries: 1_000_000, nowMs: Date.now })
let full: unknown

async function appendUntilFull (): Promise<void> {
  for (let i = 0; full === undefined; i++) {
    const id = `g${i}-${Math.random()}`
    try {
      await outbox.append([entryOf({ id, size: 3000 })])
      process.stdout.write(`${id}\n`)
    } catch (error) {
      full = (error as { code: string }).code
    }
  }
}

await Promise.all(Array.from({ length: 8 }, appendUntilFull))
process.stdout.write(`${String(full)}\n`)
await outbox.close()
await store.close()
