/** A process that appends to the outbox of the data folder given and prints each id once it is acknowledged. To be killed. */

import { openStore } from '../../src/store/store.js'
import { LmdbOutbox } from '../../src/outbox/lmdb-outbox.js'
import { restore } from '../../src/guard/release.js'
import { entryOf } from '../contract/disclosure-of.js'

const [folder = '', round = '0'] = process.argv.slice(2)
const store = openStore(folder)
const outbox = new LmdbOutbox({ database: store.database('outbox'), restore, maxEntries: 1_000_000, nowMs: Date.now })
let count = 0

async function appendForever (): Promise<void> {
  for (;;) {
    const id = `${round}-${count++}`
    await outbox.append([entryOf({ id, size: count % 900 }), entryOf({ id, recipient: 'health' })], { device: 'plug', fingerprint: id, packetId: count % 65_535, redelivered: false })
    process.stdout.write(`${id}\n`)
    if (count % 5 === 0) await outbox.ack('health', outbox.claim('health', 3, 0).map(({ sequence }) => sequence))
  }
}

await Promise.all(Array.from({ length: 16 }, appendForever))
