/** Sinks of other brokers, Redis and NATS, each against the real server. */

import { jetstreamManager } from '@nats-io/jetstream'
import { connect as connectNats, type NatsConnection } from '@nats-io/transport-node'
import { createClient } from '@redis/client'
import mqtt from 'mqtt'
import t, { type Test } from 'tap'
import type { NatsPlace, RedisPlace, RemoteMqttPlace, SinkSettings } from '../../src/model/sink-settings.js'
import type { Sink } from '../../src/outbox/sink.js'
import { openSink } from '../../src/sinks/open-sink.js'
import { ChaosProxy } from '../contract/chaos-proxy.js'
import { startMosquitto, startNats, startRedis, without, type RealServer } from '../contract/servers.js'
import { remoteSinkContract, sinkContract, TIMEOUT_MS } from '../contract/sink-contract.js'

const numRuns = Math.ceil(Number(process.env['CURTILAGE_RUNS'] ?? (process.env['CI'] !== undefined ? 1000 : 200)) / 4)
const RECIPIENT = 'analytics'

async function sinkOf (t: Test, settings: SinkSettings): Promise<Sink> {
  const subscribers = { deliverTo: async () => await Promise.reject(new Error('not this broker')) }
  const sink = await openSink(RECIPIENT, settings, { dataFolder: '/nowhere', subscribers, nowMs: () => Date.now() })
  t.teardown(async () => { await sink.close() })
  return sink
}

async function proxyBefore (t: Test, server: RealServer): Promise<{ proxy: ChaosProxy, port: number }> {
  const proxy = new ChaosProxy(() => server.port)
  t.teardown(async () => { await proxy.close() })
  return { proxy, port: await proxy.listen() }
}

// another broker

const WITHOUT_MOSQUITTO = without('mosquitto')

function mqttPlace (port: number, more: Partial<RemoteMqttPlace> = {}): RemoteMqttPlace {
  return { type: 'remote-mqtt', url: `mqtt://127.0.0.1:${port}`, timeoutMs: TIMEOUT_MS, protocolVersion: 5, ...more }
}

/** The recipient: its connection is not the gateway's, and is there again after a restart. */
class MqttRecipient {
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

for (const protocolVersion of [5, 4] as const) {
  sinkContract(t, `mqtt sink of another broker, version ${protocolVersion}`, async t => {
    const server = await startMosquitto(t)
    const recipient = await MqttRecipient.connect(t, server.port)
    return { sink: await sinkOf(t, mqttPlace(server.port, { protocolVersion })), arrived: async () => await recipient.lines() }
  }, { skip: WITHOUT_MOSQUITTO })
}

remoteSinkContract(t, 'mqtt sink of another broker', async t => {
  const real = await startMosquitto(t)
  const recipient = await MqttRecipient.connect(t, real.port)
  const { proxy, port } = await proxyBefore(t, real)
  const server = {
    kill: async () => { await real.kill() },
    freeze: () => { real.freeze() },
    thaw: () => { real.thaw() },
    start: async () => {
      await real.start()
      await recipient.subscribe()
    }
  }
  return { sink: await sinkOf(t, mqttPlace(port)), server, proxy, arrived: async () => await recipient.lines() }
}, { skip: WITHOUT_MOSQUITTO, numRuns })

// Redis

const WITHOUT_REDIS = without('redis-server')

function redisPlace (port: number, more: Partial<RedisPlace> = {}): RedisPlace {
  return { type: 'redis', url: `redis://127.0.0.1:${port}`, timeoutMs: TIMEOUT_MS, stream: 'disclosures', ...more }
}

/** Entries of the stream, oldest first. */
async function redisEntries (port: number, stream = 'disclosures', database = 0): Promise<Record<string, string>[]> {
  const client = createClient({ url: `redis://127.0.0.1:${port}/${database}` })
  await client.connect()
  const entries = await client.xRange(stream, '-', '+')
  await client.close()
  return (entries ?? []).map(({ message }) => message as Record<string, string>)
}

async function redisLines (port: number): Promise<string[]> {
  return (await redisEntries(port)).map(({ disclosure = '' }) => disclosure)
}

sinkContract(t, 'redis sink', async t => {
  const server = await startRedis(t)
  return { sink: await sinkOf(t, redisPlace(server.port)), arrived: async () => await redisLines(server.port) }
}, { skip: WITHOUT_REDIS, deduplicates: true })

remoteSinkContract(t, 'redis sink', async t => {
  const server = await startRedis(t)
  const { proxy, port } = await proxyBefore(t, server)
  return { sink: await sinkOf(t, redisPlace(port)), server, proxy, arrived: async () => await redisLines(server.port) }
}, { skip: WITHOUT_REDIS, numRuns })

// NATS

const WITHOUT_NATS = without('nats-server')

function natsPlace (port: number, more: Partial<NatsPlace> = {}): NatsPlace {
  return { type: 'nats', url: `nats://127.0.0.1:${port}`, timeoutMs: TIMEOUT_MS, stream: 'DISCLOSURES', ...more }
}

async function withNats<Result> (port: number, work: (connection: NatsConnection) => Promise<Result>): Promise<Result> {
  const connection = await connectNats({ servers: `127.0.0.1:${port}`, reconnect: false })
  try {
    return await work(connection)
  } finally {
    await connection.close()
  }
}

async function addStream (port: number, more: Record<string, unknown> = {}): Promise<void> {
  await withNats(port, async connection => await (await jetstreamManager(connection)).streams.add({ name: 'DISCLOSURES', subjects: ['disclosures.>'], ...more }))
}

async function natsMessages (port: number): Promise<{ subject: string, line: string }[]> {
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

async function natsLines (port: number): Promise<string[]> {
  return (await natsMessages(port)).map(({ line }) => line)
}

sinkContract(t, 'nats sink', async t => {
  const server = await startNats(t)
  await addStream(server.port)
  return { sink: await sinkOf(t, natsPlace(server.port)), arrived: async () => await natsLines(server.port) }
}, { skip: WITHOUT_NATS, deduplicates: true })

remoteSinkContract(t, 'nats sink', async t => {
  const server = await startNats(t)
  await addStream(server.port)
  const { proxy, port } = await proxyBefore(t, server)
  return { sink: await sinkOf(t, natsPlace(port)), server, proxy, arrived: async () => await natsLines(server.port) }
}, { skip: WITHOUT_NATS, numRuns })
