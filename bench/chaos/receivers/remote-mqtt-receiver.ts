/** A mosquitto elsewhere, and a subscriber with a session on it. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { until } from '../../figures/until.js'
import { Doorway } from './doorway.js'
import { RemoteReceiver } from './remote-receiver.js'
import { ServerProcess } from '../../figures/server-process.js'

const MARK = 'chaos/mark'

export class RemoteMqttReceiver extends RemoteReceiver {
  #server: ServerProcess | undefined
  #subscriber: MqttClient | undefined
  #marks = 0
  #seenMarks = 0

  static async open (name: string, folder: string): Promise<RemoteMqttReceiver> {
    const server = await ServerProcess.start('mosquitto', port => ['-c', configurationFile(folder, port)])
    const doorway = new Doorway(server.port)
    await doorway.open()
    const receiver = new RemoteMqttReceiver({ name, purpose: 'improve-products', sink: `{ type: mqtt, url: 'mqtt://127.0.0.1:${doorway.port}' }` }, doorway)
    receiver.#server = server
    await receiver.#subscribe(server.port)
    return receiver
  }

  /** What was published before the mark comes before it. */
  async look (): Promise<void> {
    const mark = ++this.#marks
    await this.#subscriber?.publishAsync(MARK, String(mark), { qos: 1 })
    await until('the mark comes back', () => this.#seenMarks >= mark)
  }

  async #subscribe (port: number): Promise<void> {
    const subscriber = this.#subscriber = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'chaos-subscriber', clean: false })
    subscriber.on('error', () => {})
    subscriber.on('message', (topic, payload) => {
      if (topic === MARK) this.#seenMarks = Number(payload)
      else this.arrivals.take(payload)
    })
    await subscriber.subscribeAsync([MARK, `disclosures/${this.words.name}/#`], { qos: 1 })
  }

  protected async close (): Promise<void> {
    await this.#subscriber?.endAsync(true)
    await this.#server?.end()
  }
}

/** Without bounds that would make it throw away what it has acknowledged. */
function configurationFile (folder: string, port: number): string {
  const file = join(folder, 'mosquitto.conf')
  const lines = [`listener ${port} 127.0.0.1`, 'allow_anonymous true', 'max_queued_messages 0', 'max_inflight_messages 0', ...(process.getuid?.() === 0 ? ['user root'] : [])]
  writeFileSync(file, lines.join('\n'))
  return file
}
