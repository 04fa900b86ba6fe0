/** What has reached recipients, as they see it: subscribers, readers of streams. */

import { jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats, type NatsConnection } from '@nats-io/transport-node'
import { createClient } from '@redis/client'
import mqtt from 'mqtt'
import type { Test } from 'tap'

/** The recipient: its connection is not the gateway's, and is there again after a restart. */
export class MqttRecipient {
  readonly #client: mqtt.MqttClient
  readonly #got: { topic: string, line: string }[] = []
  #fences = 0

  private constructor (client: mqtt.MqttClient) {
    this.#client = client
    client.on('error', () => {})
    client.on('message', (topic, payload) => { this.#got.push({ topic, line: payload.toString() }) })
  }

  static async connect (t: Test, port: number, options: mqtt.IClientOptions = {}): Promise<MqttRecipient> {
    const client = await mqtt.connectAsync(`${options.ca === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`, { reconnectPeriod: 20, resubscribe: false, ...options })
    t.teardown(async () => { await client.endAsync(true) })
    const recipient = new MqttRecipient(client)
    await recipient.subscribe()
    return recipient
  }

  async subscribe (): Promise<void> {
    if (!this.#client.connected) await new Promise<void>(resolve => this.#client.once('connect', () => { resolve() }))
    await this.#client.subscribeAsync(['disclosures/#', 'fence'], { qos: 1 })
  }

  /** A packet of its own comes back behind everything that the broker took before it. */
  async arrived (): Promise<{ topic: string, line: string }[]> {
    const fence = String(this.#fences++)
    await this.#client.publishAsync('fence', fence, { qos: 1 })
    while (!this.#got.some(({ topic, line }) => topic === 'fence' && line === fence)) await new Promise(resolve => this.#client.once('message', resolve))
    return this.#got.filter(({ topic }) => topic !== 'fence')
  }

  async lines (): Promise<string[]> {
    return (await this.arrived()).map(({ line }) => line)
  }
}

/** Entries of the stream, oldest first. */
export async function redisEntries (port: number, stream = 'disclosures', database = 0): Promise<Record<string, string>[]> {
  const client = createClient({ url: `redis://127.0.0.1:${port}/${database}` })
  await client.connect()
  const entries = await client.xRange(stream, '-', '+')
  await client.close()
  return (entries ?? []).map(({ message }) => message as Record<string, string>)
}

export async function redisLines (port: number): Promise<string[]> {
  return (await redisEntries(port)).map(({ disclosure = '' }) => disclosure)
}

export async function withNats<Result> (port: number, work: (connection: NatsConnection) => Promise<Result>): Promise<Result> {
  const connection = await connectNats({ servers: `127.0.0.1:${port}`, reconnect: false })
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

export async function addStream (port: number, more: Record<string, unknown> = {}): Promise<void> {
  await withNats(port, async connection => await (await jetstreamManager(connection)).streams.add({ name: 'DISCLOSURES', subjects: ['disclosures.>'], ...more }))
}

export async function natsMessages (port: number): Promise<{ subject: string, line: string }[]> {
  return await withNats(port, async connection => {
    const { streams } = await jetstreamManager(connection)
    const { state } = await streams.info('DISCLOSURES')
    const messages: { subject: string, line: string }[] = []
    if (state.messages === 0) return messages
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const message = await streams.getMessage('DISCLOSURES', { seq })
      if (message !== null) messages.push({ subject: message.subject, line: Buffer.from(message.data).toString() })
    }
    return messages
  })
}

export async function natsLines (port: number): Promise<string[]> {
  return (await natsMessages(port)).map(({ line }) => line)
}
