/** Recipients of the mqtt sink: a disclosure is delivered when that recipient's PUBACK is in. */

import { errorOf } from '../model/errors.js'
import { grantedQos } from './app-delivery.js'
import { gateOf } from './gate/gate.js'
import { handOver } from './hand-over.js'
import { onEnd } from './session.js'
import { disclosureTopic } from './topics.js'
import type { Aedes, Client } from 'aedes'
import type { Connections } from './connections.js'

interface Waiting {
  readonly topic: string
  readonly payload: Buffer
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** What one connection of a recipient has to get, in order. */
interface Queue {
  /** Handed to the broker. PUBACKs come in the order of the packets (MQTT 3.1.1 [MQTT-4.6.0-2]), so the oldest waits for the next. */
  readonly handed: Waiting[]
  /** Until the connection has room: a batch of large disclosures is no reason to close it. */
  readonly held: Waiting[]
  /** Handed to the broker, and not yet with the gate. */
  bytesBetween: number
}

export class RecipientSubscribers {
  readonly #connections: Connections
  readonly #queues = new Map<Client, Queue>()

  constructor (broker: Aedes, connections: Connections) {
    this.#connections = connections
    broker.on('ack', (_packet, client) => this.#queues.get(client)?.handed.shift()?.resolve())
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
      queue.held.push({ topic, payload, resolve: () => settled(resolve), reject: error => settled(() => reject(error)) })
      this.#handOn(client, queue)
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

  #handOn (client: Client, queue: Queue): void {
    const gate = gateOf(client)
    while (gate?.hasRoomFor(queue.bytesBetween) !== false) {
      const next = queue.held.shift()
      if (next === undefined) return
      const { topic, payload } = next
      queue.handed.push(next)
      queue.bytesBetween += payload.length
      handOver(client, { topic, payload, qos: 1 }, error => {
        queue.bytesBetween -= payload.length
        if (error != null) this.#drop(client)
        else if (queue.held.length > 0) this.#handOn(client, queue)
      })
    }
  }

  #queueOf (client: Client): Queue {
    const known = this.#queues.get(client)
    if (known !== undefined) return known
    const queue: Queue = { handed: [], held: [], bytesBetween: 0 }
    this.#queues.set(client, queue)
    gateOf(client)?.on('room', () => this.#handOn(client, queue))
    onEnd(client, () => this.#drop(client))
    return queue
  }

  #drop (client: Client): void {
    const queue = this.#queues.get(client)
    this.#queues.delete(client)
    if (queue === undefined) return
    for (const { reject } of [...queue.handed.splice(0), ...queue.held.splice(0)]) reject(errorOf('recipient-not-connected'))
  }
}
