/** A stream of NATS JetStream. */

import { join } from 'node:path'
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { until } from '../../figures/until.js'
import { Doorway } from './doorway.js'
import { RemoteReceiver } from './remote-receiver.js'
import { ServerProcess } from '../../figures/server-process.js'

const STREAM = 'CHAOS'

export class NatsReceiver extends RemoteReceiver {
  #server: ServerProcess | undefined
  #connection: NatsConnection | undefined
  #manager: JetStreamManager | undefined
  #seen = 0

  static async open (name: string, folder: string): Promise<NatsReceiver> {
    const server = await ServerProcess.start('nats-server', port => ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', join(folder, 'nats')])
    const doorway = new Doorway(server.port)
    await doorway.open()
    const receiver = new NatsReceiver({ name, purpose: 'improve-products', sink: `{ type: nats, url: 'nats://127.0.0.1:${doorway.port}', stream: ${STREAM} }` }, doorway)
    receiver.#server = server
    await receiver.#subscribe(server.port)
    return receiver
  }

  async look (): Promise<void> {
    const { state: { last_seq: last } } = await this.#manager!.streams.info(STREAM)
    await until('the stream is read', () => this.#seen >= last)
  }

  async #subscribe (port: number): Promise<void> {
    const connection = this.#connection = await connect({ servers: `127.0.0.1:${port}` })
    this.#manager = await jetstreamManager(connection)
    await this.#manager.streams.add({ name: STREAM, subjects: ['disclosures.>'], storage: 'file', duplicate_window: 3_600e9 })
    const consumer = await jetstream(connection).consumers.get(STREAM)
    await consumer.consume({
      callback: message => {
        this.arrivals.take(Buffer.from(message.data))
        this.#seen = message.seq
      }
    })
  }

  protected async close (): Promise<void> {
    await this.#connection?.close()
    await this.#server?.end()
  }
}
