/** Recipients of the mqtt sink: a disclosure is delivered when that recipient's PUBACK is in. */

import { errorOf } from '../model/errors.js'
import { grantedQos } from './app-delivery.js'
import { handOver } from './hand-over.js'
import { onEnd } from './session.js'
import { disclosureTopic } from './topics.js'
import type { Aedes, Client } from 'aedes'
import type { Connections } from './connections.js'

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class RecipientSubscribers {
  readonly #connections: Connections
  /** PUBACKs come in the order of the packets (MQTT 3.1.1 [MQTT-4.6.0-2]), so the oldest waits for the next. */
  readonly #waiting = new Map<Client, Waiting[]>()

  constructor (broker: Aedes, connections: Connections) {
    this.#connections = connections
    broker.on('ack', (_packet, client) => this.#waiting.get(client)?.shift()?.resolve())
  }

  /** Rejects with `recipient-not-connected` where no connection of the recipient is subscribed, or where it goes away before its PUBACK. */
  deliverTo (recipient: string, topic: string, payload: Buffer, signal: AbortSignal): Promise<void> {
    const client = this.#subscribed(recipient, topic)
    if (client === undefined) return Promise.reject(errorOf('recipient-not-connected'))
    return new Promise((resolve, reject) => {
      const abort = (): void => client.close()
      signal.addEventListener('abort', abort, { once: true })
      const settled = (act: () => void): void => {
        signal.removeEventListener('abort', abort)
        act()
      }
      const queue = this.#queueOf(client)
      queue.push({ resolve: () => settled(resolve), reject: error => settled(() => reject(error)) })
      handOver(client, { topic, payload, qos: 1 }, error => { if (error != null) this.#drop(client) })
    })
  }

  isConnected (recipient: string): boolean {
    return this.#subscribed(recipient, disclosureTopic(recipient, 'any')) !== undefined
  }

  #subscribed (recipient: string, topic: string): Client | undefined {
    for (const client of this.#connections.of({ kind: 'recipient', recipient })) {
      if (!client.closed && grantedQos(client, topic) !== undefined) return client
    }
  }

  #queueOf (client: Client): Waiting[] {
    const known = this.#waiting.get(client)
    if (known !== undefined) return known
    const queue: Waiting[] = []
    this.#waiting.set(client, queue)
    onEnd(client, () => this.#drop(client))
    return queue
  }

  #drop (client: Client): void {
    const queue = this.#waiting.get(client) ?? []
    this.#waiting.delete(client)
    for (const { reject } of queue) reject(errorOf('recipient-not-connected'))
  }
}
