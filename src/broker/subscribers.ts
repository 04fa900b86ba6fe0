/**
 * Recipients of the mqtt sink: a disclosure is delivered when that recipient's PUBACK is in.
 *
 *     batch ─▶ as many as have room, in one write ─▶ gate ─▶ recipient
 *     batch settles ◀── the last of its PUBACKs ◀── gate
 *
 * Past the gate, on a connection that the broker was given without one, the broker itself sends them, one by one.
 */

import { errorOf } from '../model/errors.js'
import { grantedQos } from './app-delivery.js'
import { gateOf, type Gate } from './gate/gate.js'
import { handOver } from './hand-over.js'
import { onEnd } from './session.js'
import { disclosureTopic } from './topics.js'
import type { Aedes, Client } from 'aedes'
import type { Connections } from './connections.js'

const PUBLISH_QOS_1 = 0x32
const MAX_PACKET_ID = 0xffff

export interface ToDeliver {
  readonly topic: string
  readonly payload: Buffer
}

/** PUBACKs come in the order of the packets (MQTT 3.1.1 [MQTT-4.6.0-2]), so the oldest that was handed on waits for the next. */
interface Batch {
  readonly packets: readonly ToDeliver[]
  /** The rest waits until the connection has room: a batch of large disclosures is no reason to close it. */
  handed: number
  acknowledged: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** What one connection of a recipient has to get, in order. */
interface Queue {
  readonly batches: Batch[]
  lastId: number
}

export class RecipientSubscribers {
  readonly #connections: Connections
  readonly #queues = new Map<Client, Queue>()

  constructor (broker: Aedes, connections: Connections) {
    this.#connections = connections
    broker.on('ack', (_packet, client) => this.#acknowledged(client))
  }

  /**
   * Publishes to subscribed connections of the recipient, in order; resolves when all PUBACKs are in.
   *
   * Rejects with `recipient-not-connected` where one of the topics has no connection, before anything is sent, or where a
   * connection goes away. Once it has settled nothing of the batch is sent any more.
   */
  async deliverAll (recipient: string, packets: readonly ToDeliver[], signal: AbortSignal): Promise<void> {
    const shares = this.#shares(recipient, packets)
    const end = (): void => { for (const client of shares.keys()) client.close() }
    signal.addEventListener('abort', end, { once: true })
    try {
      const [failed] = (await Promise.allSettled([...shares].map(async ([client, share]) => {
        await this.#deliver(client, share).catch((error: unknown) => {
          end()
          throw error
        })
      }))).filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
      if (failed !== undefined) throw failed.reason
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  isConnected (recipient: string): boolean {
    return this.#subscribed(recipient, disclosureTopic(recipient, 'any')) !== undefined
  }

  /** By the connection that each topic goes to. */
  #shares (recipient: string, packets: readonly ToDeliver[]): Map<Client, ToDeliver[]> {
    const byTopic = new Map<string, ToDeliver[]>()
    const shares = new Map<Client, ToDeliver[]>()
    for (const packet of packets) {
      const known = byTopic.get(packet.topic)
      if (known !== undefined) {
        known.push(packet)
        continue
      }
      const client = this.#subscribed(recipient, packet.topic)
      if (client === undefined) throw errorOf('recipient-not-connected')
      const share = shares.get(client) ?? []
      share.push(packet)
      shares.set(client, share)
      byTopic.set(packet.topic, share)
    }
    return shares
  }

  #subscribed (recipient: string, topic: string): Client | undefined {
    for (const client of this.#connections.of({ kind: 'recipient', recipient })) {
      if (!client.closed && grantedQos(client, topic) !== undefined) return client
    }
  }

  #deliver (client: Client, packets: readonly ToDeliver[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = this.#queueOf(client)
      queue.batches.push({ packets, handed: 0, acknowledged: 0, resolve, reject })
      this.#handOn(client, queue)
    })
  }

  #handOn (client: Client, queue: Queue): void {
    const gate = gateOf(client)
    for (const batch of queue.batches) {
      if (gate === undefined) this.#byBroker(client, batch)
      else if (!this.#byGate(gate, queue, batch)) return
    }
  }

  /** False where the rest has to wait for room. */
  #byGate (gate: Gate, queue: Queue, batch: Batch): boolean {
    const { packets } = batch
    const frames: Buffer[] = []
    let bytes = 0
    let end = batch.handed
    for (; end < packets.length && gate.hasRoomFor(bytes); end++) {
      queue.lastId = queue.lastId % MAX_PACKET_ID + 1
      const frame = publishFrame(packets[end]!, queue.lastId)
      bytes += frame.length
      frames.push(frame)
    }
    const before = batch.handed
    batch.handed = end
    if (frames.length === 0 || gate.deliver(frames.length === 1 ? frames[0]! : Buffer.concat(frames, bytes))) return end === packets.length
    batch.handed = before
    return false
  }

  #byBroker (client: Client, batch: Batch): void {
    for (const packet of batch.packets.slice(batch.handed)) {
      batch.handed++
      handOver(client, { ...packet, qos: 1 }, error => { if (error != null) this.#drop(client) })
    }
  }

  #acknowledged (client: Client): void {
    const batches = this.#queues.get(client)?.batches
    const batch = batches?.[0]
    if (batches === undefined || batch === undefined || batch.acknowledged === batch.handed) return
    if (++batch.acknowledged < batch.packets.length) return
    batches.shift()
    batch.resolve()
  }

  #queueOf (client: Client): Queue {
    const known = this.#queues.get(client)
    if (known !== undefined) return known
    const queue: Queue = { batches: [], lastId: 0 }
    this.#queues.set(client, queue)
    const gate = gateOf(client)
    gate?.on('room', () => this.#handOn(client, queue))
    gate?.takeAnswers(() => this.#acknowledged(client))
    onEnd(client, () => this.#drop(client))
    return queue
  }

  #drop (client: Client): void {
    const queue = this.#queues.get(client)
    this.#queues.delete(client)
    for (const { reject } of queue?.batches.splice(0) ?? []) reject(errorOf('recipient-not-connected'))
  }
}

/** PUBLISH at QoS 1 (MQTT 3.1.1, section 3.3). */
function publishFrame ({ topic, payload }: ToDeliver, packetId: number): Buffer {
  const topicBytes = Buffer.byteLength(topic)
  const length = 2 + topicBytes + 2 + payload.length
  const lengthBytes = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4
  const frame = Buffer.allocUnsafe(1 + lengthBytes + length)
  let at = frame.writeUInt8(PUBLISH_QOS_1)
  for (let rest = length; ; rest >>= 7) {
    at = frame.writeUInt8(rest < 0x80 ? rest : (rest & 0x7f) | 0x80, at)
    if (rest < 0x80) break
  }
  at = frame.writeUInt16BE(topicBytes, at)
  at += frame.write(topic, at)
  at = frame.writeUInt16BE(packetId, at)
  frame.set(payload, at)
  return frame
}
