/** A stream of Redis. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { Doorway } from './doorway.js'
import { RemoteReceiver } from './remote-receiver.js'
import { ServerProcess } from '../../figures/server-process.js'

const STREAM = 'chaos'
const COUNT = 1_000

type Client = ReturnType<typeof clientOf>

export class RedisReceiver extends RemoteReceiver {
  #server: ServerProcess | undefined
  #client: Client | undefined
  #last = '-'

  static async open (name: string, folder: string): Promise<RedisReceiver> {
    const data = join(folder, 'redis')
    mkdirSync(data)
    const server = await ServerProcess.start('redis-server', port => ['--port', String(port), '--bind', '127.0.0.1', '--dir', data, '--save', ''])
    const doorway = new Doorway(server.port)
    await doorway.open()
    const receiver = new RedisReceiver({ name, purpose: 'improve-products', sink: `{ type: redis, url: 'redis://127.0.0.1:${doorway.port}', stream: ${STREAM} }` }, doorway)
    receiver.#server = server
    receiver.#client = clientOf(server.port)
    await receiver.#client.connect()
    return receiver
  }

  async look (): Promise<void> {
    for (let found = COUNT; found === COUNT;) {
      const entries = await this.#client!.xRange(STREAM, this.#last, '+', { COUNT }) ?? []
      for (const { message } of entries) this.arrivals.take(Buffer.from(message['disclosure'] ?? ''))
      this.#last = entries.length > 0 ? `(${entries.at(-1)!.id}` : this.#last
      found = entries.length
    }
  }

  protected async close (): Promise<void> {
    this.#client?.destroy()
    await this.#server?.end()
  }
}

function clientOf (port: number) {
  return createClient({ url: `redis://127.0.0.1:${port}` }).on('error', () => {})
}
