/** A process that fills the disk of the data folder given to its last byte, then appends a mebibyte to the outbox and takes half of it out again. */

import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { restore } from '../../src/guard/release.js'
import { LmdbOutbox } from '../../src/outbox/lmdb-outbox.js'
import { openStore } from '../../src/store/store.js'
import { entryOf } from '../contract/disclosure-of.js'

const folder = process.argv[2] ?? ''
// whoever asked for the free space a moment ago was told that there is plenty
const store = openStore(folder, { freeBytes: () => Infinity })
const outbox = new LmdbOutbox({ database: store.database('outbox'), restore, maxEntries: 1_000_000, nowMs: Date.now, room: { freeBytes: store.freeBytes, leastToAppend: 1, leastToWrite: 1 } })
await outbox.append([entryOf({ id: 'g' })])

const ballast = openSync(join(folder, 'ballast'), 'a')
for (const size of [65_536, 1]) {
  try {
    for (;;) writeSync(ballast, Buffer.alloc(size))
  } catch {}
}
closeSync(ballast)

for (let i = 0; i < 350; i++) await outbox.append([entryOf({ id: `h${i}`, size: 2_600 })])
await outbox.ack('analytics', outbox.claim('analytics', 175, 0).map(({ sequence }) => sequence))
process.stdout.write(String(outbox.depth('analytics')))
await outbox.close()
await store.close()
