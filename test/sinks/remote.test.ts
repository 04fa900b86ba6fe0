/** Sinks of other brokers, Redis and NATS, each against the real server. */

import { pbkdf2Sync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { jetstreamManager } from '@nats-io/jetstream'
import { createClient } from '@redis/client'
import t, { type Test } from 'tap'
import type { NatsPlace, RedisPlace, RemoteMqttPlace, SinkSettings } from '../../src/model/sink-settings.js'
import type { Sink } from '../../src/outbox/sink.js'
import { openSink } from '../../src/sinks/open-sink.js'
import { ChaosProxy } from '../contract/chaos-proxy.js'
import { disclosureOf } from '../contract/disclosure-of.js'
import { addStream, MqttRecipient, natsLines, natsMessages, redisEntries, redisLines, withNats } from '../contract/recipients.js'
import { certificate, credentialFile, folderOf, startMosquitto, startNats, startRedis, without, type Certificate, type RealServer } from '../contract/servers.js'
import { batchOf, linesOf, noAbort, remoteSinkContract, sinkContract, TIMEOUT_MS } from '../contract/sink-contract.js'

const numRuns = Math.ceil(Number(process.env['CURTILAGE_RUNS'] ?? (process.env['CI'] !== undefined ? 1000 : 200)) / 4)
const RECIPIENT = 'analytics'

async function sinkOf (t: Test, settings: SinkSettings): Promise<Sink> {
  const subscribers = { deliverAll: async () => await Promise.reject(new Error('not this broker')) }
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
    freeze: async () => { await real.freeze() },
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

// what only one of them does

t.test('mqtt sink of another broker: topic -> disclosures, recipient, report; not retained', { skip: WITHOUT_MOSQUITTO }, async t => {
  const server = await startMosquitto(t)
  const recipient = await MqttRecipient.connect(t, server.port)
  await (await sinkOf(t, mqttPlace(server.port))).deliver([disclosureOf({ id: 'ga' }), disclosureOf({ id: 'gb', report: 'sysinfo' })], noAbort())
  t.same((await recipient.arrived()).map(({ topic }) => topic), ['disclosures/analytics/motion', 'disclosures/analytics/sysinfo'])
  t.same(await (await MqttRecipient.connect(t, server.port)).lines(), [])
})

t.test('mqtt sink of another broker: nobody is subscribed -> waits; over 3.1.1 the broker does not say so', { skip: WITHOUT_MOSQUITTO }, async t => {
  const server = await startMosquitto(t)
  const sink = await sinkOf(t, mqttPlace(server.port))
  await t.rejects(sink.deliver(batchOf(0, 2), noAbort()), { code: 'recipient-not-connected' })
  const recipient = await MqttRecipient.connect(t, server.port)
  await sink.deliver(batchOf(0, 2), noAbort())
  t.same(await recipient.lines(), linesOf(batchOf(0, 2)))
  const older = await startMosquitto(t)
  await (await sinkOf(t, mqttPlace(older.port, { protocolVersion: 4 }))).deliver(batchOf(0, 1), noAbort())
})

t.test('mqtt sink of another broker: the broker takes fewer at a time -> no more are in flight, all arrive in order', { skip: WITHOUT_MOSQUITTO }, async t => {
  const server = await startMosquitto(t, { lines: ['max_inflight_messages 1'] })
  const recipient = await MqttRecipient.connect(t, server.port)
  const batch = batchOf(0, 64)
  await (await sinkOf(t, mqttPlace(server.port))).deliver(batch, noAbort())
  t.same(await recipient.lines(), linesOf(batch))
})

t.test('mqtt sink of another broker: one is larger than the broker takes -> refused for good, the others arrive', { skip: WITHOUT_MOSQUITTO }, async t => {
  const server = await startMosquitto(t, { lines: ['max_packet_size 2000'] })
  const recipient = await MqttRecipient.connect(t, server.port)
  const batch = [disclosureOf({ id: 'ga' }), disclosureOf({ id: 'gb', size: 2_000 }), disclosureOf({ id: 'gc' })]
  t.same(await (await sinkOf(t, mqttPlace(server.port))).deliver(batch, noAbort()), [{ index: 1, reason: 'too-large' }])
  t.same(await recipient.lines(), linesOf([batch[0], batch[2]].flatMap(one => one ?? [])))
})

t.test('mqtt sink of another broker: no right to publish -> trouble, not delivered', { skip: WITHOUT_MOSQUITTO }, async t => {
  const server = await startMosquitto(t, { lines: [`acl_file ${credentialFile(t, 'acl', 'topic read #\n')}`] })
  await t.rejects((await sinkOf(t, mqttPlace(server.port))).deliver(batchOf(0, 2), noAbort()), { code: 'sink-login' })
})

t.test('redis sink: what it appends -> id, report, disclosure, in the database named; about as many as it shall keep', { skip: WITHOUT_REDIS }, async t => {
  const server = await startRedis(t)
  const [disclosure] = batchOf(0, 1)
  await (await sinkOf(t, redisPlace(server.port, { url: `redis://127.0.0.1:${server.port}/3`, stream: 'other:name' }))).deliver(batchOf(0, 1), noAbort())
  t.same(await redisEntries(server.port, 'other:name', 3), [{ id: disclosure?.id, report: 'motion', disclosure: linesOf(batchOf(0, 1))[0] }])
  const bounded = await sinkOf(t, redisPlace(server.port, { maxLength: 100 }))
  for (let i = 0; i < 4; i++) await bounded.deliver(batchOf(i * 250, 250), noAbort())
  const lines = await redisLines(server.port)
  t.ok(lines.length >= 100 && lines.length <= 300, String(lines.length))
  t.equal(lines.at(-1), linesOf(batchOf(999, 1))[0])
})

t.test('redis sink: more ids than it remembers -> the set stays bounded, and still knows the last ones', { skip: WITHOUT_REDIS }, async t => {
  const server = await startRedis(t, { args: ['--appendonly', 'no'] })
  const sink = await sinkOf(t, redisPlace(server.port))
  for (let i = 0; i < 42; i++) await sink.deliver(batchOf(i * 250, 250), noAbort())
  await sink.deliver(batchOf(41 * 250, 250), noAbort())
  const client = createClient({ url: `redis://127.0.0.1:${server.port}` })
  await client.connect()
  t.equal(await client.zCard('{disclosures}:seen:analytics'), 10_000)
  t.equal(await client.xLen('disclosures'), 42 * 250)
  await client.close()
})

t.test('redis sink: something else under the name, no memory left, read-only -> trouble of that kind', { skip: WITHOUT_REDIS }, async t => {
  const server = await startRedis(t)
  const client = createClient({ url: `redis://127.0.0.1:${server.port}` })
  await client.connect()
  t.teardown(() => { client.destroy() })
  const sink = await sinkOf(t, redisPlace(server.port))
  await client.set('disclosures', 'text')
  await t.rejects(sink.deliver(batchOf(0, 2), noAbort()), { code: 'sink-target' })
  await client.flushAll()
  await client.configSet('maxmemory', '1')
  await t.rejects(sink.deliver(batchOf(0, 2), noAbort()), { code: 'sink-answer', message: /OOM/ })
  await client.configSet('maxmemory', '0')
  await client.sendCommand(['REPLICAOF', '127.0.0.1', '1'])
  await t.rejects(sink.deliver(batchOf(0, 2), noAbort()), { code: 'sink-answer', message: /READONLY/ })
  await client.sendCommand(['REPLICAOF', 'NO', 'ONE'])
  await sink.deliver(batchOf(0, 2), noAbort())
  t.same(await redisLines(server.port), linesOf(batchOf(0, 2)))
})

t.test('redis sink: a script that fails half way -> what it had appended is not doubled', { skip: WITHOUT_REDIS }, async t => {
  const server = await startRedis(t)
  const sink = await sinkOf(t, redisPlace(server.port))
  await sink.deliver(batchOf(0, 2), noAbort())
  // the id is remembered and its entry is there, as after a failure behind it
  await sink.deliver(batchOf(1, 3), noAbort())
  t.same(await redisLines(server.port), linesOf(batchOf(0, 4)))
})

t.test('nats sink: subject -> disclosures, recipient, report', { skip: WITHOUT_NATS }, async t => {
  const server = await startNats(t)
  await addStream(server.port)
  await (await sinkOf(t, natsPlace(server.port))).deliver([disclosureOf({ id: 'ga' }), disclosureOf({ id: 'gb', report: 'trigger-log' })], noAbort())
  t.same((await natsMessages(server.port)).map(({ subject }) => subject), ['disclosures.analytics.motion', 'disclosures.analytics.trigger-log'])
})

t.test('nats sink: no stream, another one, no JetStream -> says so, delivers when there is one', { skip: WITHOUT_NATS }, async t => {
  const server = await startNats(t)
  const sink = await sinkOf(t, natsPlace(server.port))
  await t.rejects(sink.deliver(batchOf(0, 2), noAbort()), { code: 'sink-target', message: /has no stream DISCLOSURES/ })
  await addStream(server.port, { name: 'OTHER' })
  await t.rejects(sink.deliver(batchOf(0, 2), noAbort()), { code: 'sink-target', message: /is not DISCLOSURES/ })
  await withNats(server.port, async connection => await (await jetstreamManager(connection)).streams.delete('OTHER'))
  await addStream(server.port)
  await sink.deliver(batchOf(0, 2), noAbort())
  t.same(await natsLines(server.port), linesOf(batchOf(0, 2)))
})

t.test('nats sink: one is larger than stream or server take -> refused for good, the others arrive', { skip: WITHOUT_NATS }, async t => {
  const server = await startNats(t)
  await addStream(server.port, { max_msg_size: 2_000 })
  const sink = await sinkOf(t, natsPlace(server.port))
  const batch = [disclosureOf({ id: 'ga' }), disclosureOf({ id: 'gb', size: 2_000 }), disclosureOf({ id: 'gc' }), disclosureOf({ id: 'gd', size: 1_100_000 })]
  t.same(await sink.deliver(batch, noAbort()), [{ index: 1, reason: 'too-large' }, { index: 3, reason: 'too-large' }])
  t.same(await natsLines(server.port), linesOf([batch[0], batch[2]].flatMap(one => one ?? [])))
})

t.test('nats sink: the stream is full and takes no more -> trouble', { skip: WITHOUT_NATS }, async t => {
  const server = await startNats(t)
  await addStream(server.port, { max_msgs: 1, discard: 'new' })
  await t.rejects((await sinkOf(t, natsPlace(server.port))).deliver(batchOf(0, 2), noAbort()), { code: 'sink-answer' })
})

// who is let in

t.test('remote sinks: a password -> read again after a failure, so that it can be rotated; never told', { skip: without('mosquitto', 'redis-server', 'nats-server') }, async t => {
  const passwordFile = credentialFile(t, 'password', 'hunter2\n')
  const login = { userName: 'gateway', passwordFile }
  const redis = await startRedis(t, { args: ['--user', 'default', 'off', '--user', 'gateway', 'on', '~*', '+@all', '>correct-horse'] })
  const nats = await startNats(t, { args: ['--user', 'gateway', '--pass', 'correct-horse'] })
  const broker = await startMosquitto(t, { anonymous: false, lines: [`password_file ${mosquittoPasswords(t, 'gateway', 'correct-horse')}`] })
  const sinks = {
    redis: await sinkOf(t, redisPlace(redis.port, login)),
    nats: await sinkOf(t, natsPlace(nats.port, login)),
    mqtt: await sinkOf(t, mqttPlace(broker.port, login)),
    'mqtt 3.1.1': await sinkOf(t, mqttPlace(broker.port, { ...login, protocolVersion: 4 }))
  }
  for (const [name, sink] of Object.entries(sinks)) {
    const error = await sink.deliver(batchOf(0, 1), noAbort()).then(() => undefined, (error: unknown) => error as Error & { code: string })
    t.equal(error?.code, 'sink-login', name)
    t.notMatch(JSON.stringify([error?.message, error]), /hunter2|gateway/, name)
  }
  writeFileSync(passwordFile, 'correct-horse')
  await sinks.redis.deliver(batchOf(0, 1), noAbort())
  await t.rejects(sinks.nats.deliver(batchOf(0, 1), noAbort()), { code: 'sink-target' }, 'let in: it has no stream')
  await t.rejects(sinks.mqtt.deliver(batchOf(0, 1), noAbort()), { code: 'recipient-not-connected' }, 'let in: nobody is subscribed')
  await sinks['mqtt 3.1.1'].deliver(batchOf(0, 1), noAbort())
})

t.test('nats sink: a token -> let in', { skip: WITHOUT_NATS }, async t => {
  const server = await startNats(t, { args: ['--auth', 'correct-horse'] })
  await t.rejects((await sinkOf(t, natsPlace(server.port))).deliver(batchOf(0, 1), noAbort()), { code: 'sink-login' })
  await t.rejects((await sinkOf(t, natsPlace(server.port, { tokenFile: credentialFile(t, 'token', 'correct-horse') }))).deliver(batchOf(0, 1), noAbort()), { code: 'sink-target' })
})

/** mosquitto_passwd's own format: PBKDF2 with SHA-512, 101 rounds. */
function mosquittoPasswords (t: Test, userName: string, password: string): string {
  const salt = Buffer.alloc(12, 7)
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512')
  return credentialFile(t, 'passwords', `${userName}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`)
}

// encryption

interface Encrypted {
  readonly name: string
  readonly port: number
  /** A sink to the host, trusting the certificates. */
  readonly sink: (host: string, caFile?: string) => Promise<Sink>
}

async function encryptedServers (t: Test, tls: Certificate): Promise<Encrypted[]> {
  const [broker, redis, nats] = await Promise.all([startMosquitto(t, { tls }), startRedis(t, { tls }), startNats(t, { tls })])
  await MqttRecipient.connect(t, broker.port, { ca: readFileSync(tls.certFile) })
  const ca = (caFile?: string): { caFile?: string } => caFile === undefined ? {} : { caFile }
  return [
    { name: 'mqtt', port: broker.port, sink: async (host, caFile) => await sinkOf(t, mqttPlace(0, { url: `mqtts://${host}`, ...ca(caFile) })) },
    { name: 'redis', port: redis.port, sink: async (host, caFile) => await sinkOf(t, redisPlace(0, { url: `rediss://${host}`, ...ca(caFile) })) },
    { name: 'nats', port: nats.port, sink: async (host, caFile) => await sinkOf(t, natsPlace(0, { url: `tls://${host}`, ...ca(caFile) })) }
  ]
}

t.test('remote sinks over TLS: the certificate trusted and of that name -> delivers; else nothing is said to the server', { skip: without('mosquitto', 'redis-server', 'nats-server', 'openssl') }, async t => {
  const tls = certificate(folderOf(t))
  const stranger = certificate(folderOf(t))
  for (const { name, port, sink } of await encryptedServers(t, tls)) {
    const good = (await sink(`127.0.0.1:${port}`, tls.certFile)).deliver(batchOf(0, 2), noAbort())
    if (name === 'nats') await t.rejects(good, { code: 'sink-target' }, 'nats: it gets as far as the stream')
    else await good
    await t.rejects((await sink(`127.0.0.1:${port}`)).deliver(batchOf(0, 2), noAbort()), { code: 'sink-unreachable' }, `${name}: not trusted`)
    await t.rejects((await sink(`127.0.0.1:${port}`, stranger.certFile)).deliver(batchOf(0, 2), noAbort()), { code: 'sink-unreachable' }, `${name}: somebody else's`)
    await t.rejects((await sink(`localhost:${port}`, tls.certFile)).deliver(batchOf(0, 2), noAbort()), { code: 'sink-unreachable' }, `${name}: another name`)
  }
})

t.test('remote sinks over TLS: the server does not speak it -> rejects, and nothing readable is sent', { skip: without('openssl') }, async t => {
  const { certFile } = certificate(folderOf(t))
  const heard: Buffer[] = []
  const plain = createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', bytes => heard.push(bytes))
    socket.write('INFO {"server_id":"x","version":"2.9.10","proto":1,"headers":true,"max_payload":1048576}\r\n')
  })
  await new Promise<void>(resolve => plain.listen(0, '127.0.0.1', resolve))
  t.teardown(() => { plain.close() })
  const host = `127.0.0.1:${(plain.address() as AddressInfo).port}`
  const userName = 'someone'
  const passwordFile = credentialFile(t, 'password', 'hunter2')
  for (const place of [mqttPlace(0, { url: `mqtts://${host}`, caFile: certFile, userName, passwordFile }), redisPlace(0, { url: `rediss://${host}`, caFile: certFile, userName, passwordFile }), natsPlace(0, { url: `tls://${host}`, caFile: certFile, userName, passwordFile })]) {
    await t.rejects((await sinkOf(t, { ...place, timeoutMs: 500 })).deliver(batchOf(0, 2), noAbort()), place.type)
  }
  t.notMatch(Buffer.concat(heard).toString('latin1'), /hunter2|someone|disclosures|filling/)
})
