/** A subscriber that acknowledges and counts what it gets, or stops reading. */

import type { Packet } from 'mqtt-packet'
import { MqttConnection, type Credentials } from '../figures/mqtt-connection.js'

export class Subscriber {
  readonly #connection: MqttConnection
  /** Numbers of the reports that came. */
  readonly numbers = new Set<number>()

  private constructor (connection: MqttConnection) {
    this.#connection = connection
  }

  /** Resolves when the subscription stands. */
  static async open (url: URL, credentials: Credentials, topic: string, qos: 0 | 1): Promise<Subscriber> {
    const connection = await MqttConnection.open(url, credentials)
    const subscriber = new Subscriber(connection)
    await new Promise<void>((resolve, reject) => {
      connection.onClose = () => reject(new Error('the subscription was refused'))
      connection.onPacket = packet => {
        if (packet.cmd === 'suback') resolve()
        else subscriber.#take(packet)
      }
      connection.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] })
    })
    connection.onClose = () => {}
    return subscriber
  }

  stopReading (): void {
    this.#connection.socket.pause()
  }

  async cut (): Promise<void> {
    await this.#connection.cut()
  }

  #take (packet: Packet): void {
    if (packet.cmd !== 'publish') return
    this.numbers.add(numberIn(packet.payload))
    if (packet.qos === 1) this.#connection.send({ cmd: 'puback', messageId: packet.messageId! })
  }
}

/** It stands first in the payload, so that nothing has to be parsed. */
function numberIn (payload: string | Buffer): number {
  return Number(/\d+/.exec(payload.toString('latin1').slice(0, 64))?.[0])
}
