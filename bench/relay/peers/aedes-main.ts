/**
 * aedes as a peer: as it is, or with one of the ways in which people filter with it. Tells its port over the process channel.
 *
 *     plain       relays what comes
 *     naive-hook  parses, drops some keys, blanks what looks like a MAC or IP address, stringifies, in authorizePublish
 *     fdatasync   keeps what comes in a file, one fdatasync for all reports that came meanwhile, then acknowledges
 */

import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { Aedes } from 'aedes'
import { naiveFilter } from './naive-filter.js'

const [variant = 'plain', file = ''] = process.argv.slice(2)
const broker = await Aedes.createBroker()

if (variant === 'naive-hook') {
  broker.authorizePublish = (_client, packet, done) => {
    if (packet.topic.startsWith('kasa/')) packet.payload = naiveFilter(packet.payload as Buffer)
    done(null)
  }
}

if (variant === 'fdatasync') {
  const log = await open(file, 'a')
  let waiting: { payload: Buffer, done: (error?: Error | null) => void }[] = []
  let writing = false
  const write = async (): Promise<void> => {
    writing = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await log.write(Buffer.concat(batch.map(({ payload }) => payload)))
      await log.datasync()
      for (const { done } of batch) done(null)
    }
    writing = false
  }
  broker.authorizePublish = (_client, packet, done) => {
    waiting.push({ payload: packet.payload as Buffer, done })
    if (!writing) write().catch(() => process.exit(1))
  }
}

const server = createServer(socket => { broker.handle(socket) }).listen(0, '127.0.0.1')
await once(server, 'listening')
process.send?.((server.address() as AddressInfo).port)
process.on('disconnect', () => process.exit())
