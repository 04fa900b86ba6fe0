/** A recipient that connects to the gateway's own broker, with mqtt.js. */

import mqtt, { type MqttClient } from 'mqtt'
import type { RecipientWords } from '../../figures/write-configuration.js'
import { Arrivals } from '../arrivals.js'
import type { Gateway, Receiver } from './receiver.js'

export class LocalMqttReceiver implements Receiver {
  readonly words: RecipientWords
  readonly arrivals = new Arrivals()
  readonly canBeDown = true
  #client: MqttClient | undefined
  #token: string | undefined

  constructor (name: string, purpose: RecipientWords['purpose']) {
    this.words = { name, purpose, sink: '{ type: mqtt }' }
  }

  async attach (gateway: Gateway): Promise<void> {
    const { name } = this.words
    this.#token ??= (await gateway.api.call<{ token: string }>('POST', `/v1/recipients/${name}/token`)).token
    const client = this.#client = await mqtt.connectAsync(gateway.mqtt.href, { username: `recipient:${name}`, password: this.#token, reconnectPeriod: 50 })
    client.on('error', () => {})
    client.on('message', (_topic, payload) => this.arrivals.take(payload))
    await client.subscribeAsync(`disclosures/${name}/#`, { qos: 1 })
  }

  async detach (): Promise<void> {
    await this.#client?.endAsync(true)
    this.#client = undefined
  }

  async look (): Promise<void> {}

  async end (): Promise<void> {
    await this.detach()
  }
}
