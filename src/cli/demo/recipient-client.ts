/** A recipient of the mqtt sink: connects with its token as its own software would, and takes its disclosures. */

import mqtt, { type MqttClient } from 'mqtt'

export class RecipientClient {
  readonly #client: MqttClient

  private constructor (client: MqttClient) {
    this.#client = client
  }

  /** Resolves when it is subscribed. */
  static async connect (url: string, recipient: string, token: string, take: (line: string) => void): Promise<RecipientClient> {
    const client = await mqtt.connectAsync(url, { protocolVersion: 4, clientId: 'demo-recipient', username: `recipient:${recipient}`, password: token })
    client.on('error', () => {})
    client.on('message', (_topic, payload) => take(payload.toString()))
    await client.subscribeAsync(`disclosures/${recipient}/#`, { qos: 1 })
    return new RecipientClient(client)
  }

  async close (): Promise<void> {
    await this.#client.endAsync(true)
  }
}
