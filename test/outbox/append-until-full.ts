/** A process that appends to the outbox of the data folder given until that fails, printing each id acknowledged, then the error's code. */

import { openStore } from '../../src/store/store.js'
import { LmdbOutbox } from '../../src/outbox/lmdb-outbox.js'
import { restore } from '../../src/guard/release.js'
import { entryOf } from '../contract/disclosure-of.js'

const store = openStore(process.argv[2] ?? '')
const outbox = new LmdbOutbox({ database: store.database('outbox'), restore, maxEntries: 1_000_000, nowMs: Date.now })
let full: unknown

async function appendUntilFull (worker: number): Promise<void> {
  for (let i = 0; full === undefined; i++) {
    const id = `g${i}-${worker}`
    try {
      await outbox.append([entryOf({ id, size: 3000 })])
      process.stdout.write(`${id}\n`)
    } catch (error) {
      full = (error as { code: string }).code
    }
  }
}

await Promise.all(Array.from({ length: 8 }, async (_, worker) => { await appendUntilFull(worker) }))
process.stdout.write(`${String(full)}\n`)
await outbox.close()
await store.close()
