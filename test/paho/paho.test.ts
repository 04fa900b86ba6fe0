/**
 * The ten areas of Eclipse Paho's MQTT 3.1.1 conformance tests, in our own words, over sockets and against the gateway.
 *
 * Where the gateway differs on purpose, the test holds what it does; docs/testing.md says why.
 */

import t, { type Test } from 'tap'
import { join } from 'node:path'
import type { IConnectPacket } from 'mqtt-packet'
import { CONFIG } from '../cli/run-cli.js'
import { disclosed, until } from '../e2e/process.js'
import { startGateway, type RunningGateway } from '../../src/start-gateway.js'
import { RawClient } from './raw-client.js'

const PASSWORD = 'a password of more than twenty characters'
const REPORT = 'kasa/A/D/motion'
const COMMAND = 'kasa/A/D/cmd/on'

interface World {
  readonly running: RunningGateway
  readonly data: string
  device (fields?: Partial<IConnectPacket>): Promise<RawClient>
  app (fields?: Partial<IConnectPacket>): Promise<RawClient>
  recipient (fields?: Partial<IConnectPacket>): Promise<RawClient>
  /** A connection that has said nothing yet. */
  open (): RawClient
}

const NOBODY = { host: '127.0.0.1', port: 0 }
const DEVICE: Partial<IConnectPacket> = { clientId: 'device', username: 'D', password: Buffer.from(PASSWORD) }

/** An account with a device, its app, and a recipient with consent. */
async function world (t: Test): Promise<World> {
  const data = join(t.testdir(), 'data')
  const running = await startGateway({ config: CONFIG, data, mqtt: NOBODY, http: NOBODY })
  const clients: RawClient[] = []
  t.teardown(async () => {
    for (const client of clients) client.drop()
    await running.close()
  })
  const { registry, ledger } = running.gateway.core
  await registry.accounts.add({ account: 'A', regime: 'opt-out', region: 'us' })
  await registry.devices.add({ account: 'A', device: 'D', password: PASSWORD })
  await ledger.append([{ account: 'A', purpose: 'provide-service', recipient: 'home-integration', state: 'granted' }])
  const appToken = await registry.appToken('A')
  const recipientToken = await registry.recipientToken('home-integration')
  const open = (): RawClient => {
    const client = new RawClient(running.mqttUrl)
    clients.push(client)
    return client
  }
  const connect = async (own: Partial<IConnectPacket>, fields: Partial<IConnectPacket>): Promise<RawClient> => {
    const client = open()
    const answer = await client.connect({ ...own, ...fields })
    if (answer?.returnCode !== 0) throw new Error('not let in')
    return client
  }
  return {
    running,
    data,
    open,
    device: async (fields = {}) => await connect(DEVICE, fields),
    app: async (fields = {}) => await connect({ clientId: 'app', username: 'account:A', password: Buffer.from(appToken) }, fields),
    recipient: async (fields = {}) => await connect({ clientId: 'recipient', username: 'recipient:home-integration', password: Buffer.from(recipientToken) }, fields)
  }
}

/** Publishes at QoS 0, 1 and 2, and waits for what each is owed. */
async function publishAll (client: RawClient, topic: string, payload: (qos: number) => string, retain = false): Promise<void> {
  const common = { cmd: 'publish', topic, dup: false, retain } as const
  client.send({ ...common, qos: 0, payload: payload(0) })
  client.send({ ...common, qos: 1, payload: payload(1), messageId: 1 })
  if ((await client.next('puback'))?.messageId !== 1) throw new Error('no PUBACK')
  client.send({ ...common, qos: 2, payload: payload(2), messageId: 2 })
  if ((await client.next('pubrec'))?.messageId !== 2) throw new Error('no PUBREC')
  client.send({ cmd: 'pubrel', messageId: 2 })
  if ((await client.next('pubcomp'))?.messageId !== 2) throw new Error('no PUBCOMP')
}

const motion = (event: unknown): string => JSON.stringify({ event: String(event) })

t.test('basic: connect, disconnect, connect again -> accepted each time, no session kept', async t => {
  const w = await world(t)
  for (let round = 0; round < 2; round++) {
    const client = w.open()
    t.match(await client.connect(DEVICE), { returnCode: 0, sessionPresent: false })
    await client.disconnect()
  }
})

t.test('basic: reports at each QoS -> acknowledged as each demands; the app sees each once, at QoS 1 at most', async t => {
  const w = await world(t)
  const app = await w.app()
  t.strictSame(await app.subscribe({ topic: 'kasa/A/#', qos: 2 }), [2])
  await publishAll(await w.device(), REPORT, motion)
  await until(() => app.published().length >= 3)
  await app.settle()
  t.strictSame(app.published().map(({ topic, qos, payload, retain }) => [topic, qos, String(payload), retain]), [0, 1, 2].map(qos => [REPORT, Math.min(qos, 1), motion(qos), false]))
})

t.test('basic: commands at each QoS -> the device gets each once, at the QoS of its subscription at most', async t => {
  const w = await world(t)
  const app = await w.app()
  for (const topic of [COMMAND, 'kasa/A/D/cmd/#']) {
    const device = await w.device()
    t.strictSame(await device.subscribe({ topic, qos: 1 }), [1])
    await publishAll(app, COMMAND, String)
    await until(() => device.published().length >= 3)
    await device.settle()
    t.strictSame(device.published().map(({ payload }) => String(payload)), ['0', '1', '2'], topic)
    t.strictSame(device.published().map(({ qos }) => qos), [0, 1, 1], topic)
    await device.disconnect()
  }
})

t.test('basic: a second CONNECT, another protocol, no CONNECT at all -> closed', async t => {
  const w = await world(t)
  const second = await w.device()
  second.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'device', keepalive: 0 })
  await second.closed()
  const other = w.open()
  other.sendBytes(Buffer.from('100e0002686a04020000000461626364', 'hex'))
  await other.closed()
  t.equal(other.received.length, 0)
  const silent = w.open()
  silent.send({ cmd: 'pingreq' })
  await silent.closed()
  t.equal(silent.received.length, 0)
})

t.test('basic: MQTT 5 -> CONNACK 1, closed', async t => {
  const w = await world(t)
  const client = w.open()
  client.sendBytes(Buffer.from('100e00044d51545405020000000001' + '63', 'hex'))
  const answer = await client.next('connack')
  t.equal(answer?.returnCode ?? answer?.reasonCode, 1)
  await client.closed()
})

// docs/decisions/2026-11-24-raw-reports-by-hand.md
t.test('retained messages: reports with the retain flag -> taken, never retained', async t => {
  const w = await world(t)
  await publishAll(await w.device(), REPORT, motion, true)
  const app = await w.app()
  await app.subscribe({ topic: 'kasa/A/#', qos: 2 })
  await app.settle()
  t.same(app.published(), [])
  await until(() => disclosed(w.data, 'product-analytics').length === 3)
})

t.test('retained messages: a retained command -> closed, nothing handed on; clearing one with an empty payload -> the same', async t => {
  const w = await world(t)
  const device = await w.device()
  await device.subscribe({ topic: 'kasa/A/D/cmd/#', qos: 2 })
  for (const payload of ['on', '']) {
    const app = await w.app()
    app.send({ cmd: 'publish', topic: COMMAND, qos: 1, messageId: 1, dup: false, retain: true, payload })
    await app.closed()
    t.equal(app.received.some(({ cmd }) => cmd === 'puback'), false)
  }
  await device.settle()
  t.same(device.published(), [])
})

// docs/decisions/2026-11-24-clean-sessions.md
t.test('offline queueing: an app and a device that ask for a persistent session -> a clean one; nothing was queued', async t => {
  const w = await world(t)
  const [app, device] = [await w.app({ clean: false }), await w.device({ clean: false })]
  await app.subscribe({ topic: 'kasa/A/#', qos: 2 })
  await device.subscribe({ topic: 'kasa/A/D/cmd/#', qos: 2 })
  await Promise.all([app.disconnect(), device.disconnect()])
  await publishAll(await w.device({ clientId: 'other' }), REPORT, motion)
  await publishAll(await w.app({ clientId: 'other' }), COMMAND, String)
  for (const again of [DEVICE, { clientId: 'app', username: 'account:A', password: Buffer.from(await w.running.gateway.core.registry.appToken('A')) }]) {
    const client = w.open()
    t.match(await client.connect({ ...again, clean: false }), { returnCode: 0, sessionPresent: false })
    await client.settle()
    t.same(client.published(), [])
  }
})

t.test('offline queueing: disclosures for a recipient that is away -> wait in the outbox, come in order when it subscribes', async t => {
  const w = await world(t)
  const device = await w.device()
  for (const event of ['first', 'second', 'third']) {
    device.send({ cmd: 'publish', topic: REPORT, qos: 1, messageId: 1, dup: false, retain: false, payload: motion(event) })
    await device.next('puback')
  }
  const recipient = await w.recipient({ clean: false })
  const granted = await recipient.subscribe({ topic: 'disclosures/home-integration/#', qos: 0 })
  t.strictSame(granted, [1], 'QoS 1, whatever it asks for', { todo: 'the broker writes into SUBACK what was asked for, not what the hook granted' })
  await until(() => recipient.published().length === 3)
  t.strictSame(recipient.published().map(({ qos, payload }) => [qos, JSON.parse(String(payload)).data.event]), [[1, 'first'], [1, 'second'], [1, 'third']])
})

t.test('will: the connection breaks -> takes the path of any report', async t => {
  const w = await world(t)
  const app = await w.app()
  await app.subscribe({ topic: 'kasa/A/#', qos: 2 })
  const device = await w.device({ will: { topic: REPORT, payload: Buffer.from(motion('last')), qos: 2, retain: true } })
  device.drop()
  await until(() => app.published().length > 0 && disclosed(w.data, 'product-analytics').length > 0)
  await app.settle()
  t.match(app.published(), [{ topic: REPORT, retain: false }])
  t.match(disclosed(w.data, 'product-analytics'), [{ report: 'motion', data: { event: 'last' } }])
})

t.test('will: DISCONNECT, or a topic of somebody else -> none', async t => {
  const w = await world(t)
  const app = await w.app()
  await app.subscribe({ topic: 'kasa/A/#', qos: 2 })
  const polite = await w.device({ will: { topic: REPORT, payload: Buffer.from(motion('polite')), qos: 1, retain: false } })
  await polite.disconnect()
  for (const topic of ['kasa/B/E/motion', 'kasa/A/D/cmd/on', '$SYS/x', 'disclosures/home-integration/motion']) {
    const foreign = await w.device({ will: { topic, payload: Buffer.from(motion('foreign')), qos: 1, retain: false } })
    foreign.drop()
  }
  const last = await w.device({ clientId: 'last', will: { topic: REPORT, payload: Buffer.from(motion('last')), qos: 1, retain: false } })
  last.drop()
  await until(() => app.published().length > 0)
  await app.settle()
  t.strictSame(app.published().map(({ payload }) => String(payload)), [motion('last')])
})

t.test('overlapping subscriptions: an app with two that match -> one copy, at the higher QoS, 1 at most', async t => {
  const w = await world(t)
  const app = await w.app()
  t.strictSame(await app.subscribe({ topic: 'kasa/A/#', qos: 2 }, { topic: 'kasa/A/+/motion', qos: 0 }), [2, 0])
  const device = await w.device()
  await device.subscribe({ topic: 'kasa/A/D/#', qos: 2 }, { topic: 'kasa/A/D/cmd/+', qos: 1 })
  device.send({ cmd: 'publish', topic: REPORT, qos: 2, messageId: 1, dup: false, retain: false, payload: motion('x') })
  await until(() => app.published().length > 0)
  await app.settle()
  t.strictSame(app.published().map(({ qos }) => qos), [1])
  app.send({ cmd: 'publish', topic: COMMAND, qos: 1, messageId: 1, dup: false, retain: false, payload: 'on' })
  await until(() => device.published().length > 0)
  await app.settle()
  await device.settle()
  t.ok([1, 2].includes(device.published().length), 'a command: one copy, or one for each')
})

t.test('keepalive: silent for half as long again -> closed, its will published; PINGREQ -> stays', async t => {
  const w = await world(t)
  const app = await w.app()
  await app.subscribe({ topic: 'kasa/A/#', qos: 2 })
  const awake = await w.device({ clientId: 'awake', keepalive: 1 })
  const pings = setInterval(() => awake.send({ cmd: 'pingreq' }), 300)
  t.teardown(() => clearInterval(pings))
  const silent = await w.device({ clientId: 'silent', keepalive: 1, will: { topic: REPORT, payload: Buffer.from(motion('silent')), qos: 1, retain: false } })
  await silent.closed()
  await until(() => app.published().length > 0)
  t.strictSame(app.published().map(({ payload }) => String(payload)), [motion('silent')])
  t.notOk(awake.isClosed)
  t.ok(await awake.next('pingresp'))
})

t.test('redelivery: a recipient that went without PUBACK -> gets the disclosure again, under the same id', async t => {
  const w = await world(t)
  const first = await w.recipient()
  await first.subscribe({ topic: 'disclosures/home-integration/#', qos: 1 })
  const device = await w.device()
  device.send({ cmd: 'publish', topic: REPORT, qos: 1, messageId: 1, dup: false, retain: false, payload: motion('x') })
  const before = await first.next('publish')
  first.drop()
  const second = await w.recipient()
  await second.subscribe({ topic: 'disclosures/home-integration/#', qos: 1 })
  const again = await second.next('publish')
  t.equal(String(again?.payload), String(before?.payload))
  second.send({ cmd: 'puback', messageId: again?.messageId ?? 0 })
  await until(() => w.running.gateway.outbox.depth('home-integration') === 0)
})

t.test('redelivery: a device that sends a report again with DUP, by itself or after it was away -> acknowledged again, disclosed once', async t => {
  const w = await world(t)
  const device = await w.device()
  // by these it is known as one that does not use its packet ids again soon
  for (let messageId = 11; messageId < 19; messageId++) device.send({ cmd: 'publish', topic: REPORT, qos: 1, messageId, dup: false, retain: false, payload: motion('w') })
  for (let messageId = 11; messageId < 19; messageId++) await device.next('puback')
  const report = { cmd: 'publish', topic: REPORT, qos: 1, messageId: 7, retain: false, payload: motion('x') } as const
  device.send({ ...report, dup: false })
  t.equal((await device.next('puback'))?.messageId, 7)
  device.send({ ...report, dup: true })
  t.equal((await device.next('puback'))?.messageId, 7)
  device.drop()
  const later = await w.device({ clean: false })
  later.send({ ...report, dup: true })
  t.equal((await later.next('puback'))?.messageId, 7)
  later.send({ ...report, dup: false, messageId: 8, payload: motion('y') })
  await later.next('puback')
  await until(() => disclosed(w.data, 'product-analytics').some(({ data }) => data.event === 'y'))
  t.strictSame(disclosed(w.data, 'product-analytics').map(({ data }) => data.event).filter(event => event !== 'w'), ['x', 'y'])
})

t.test('redelivery: an app that went without PUBACK -> nothing comes again, since no session is kept', async t => {
  const w = await world(t)
  const app = await w.app({ clean: false })
  await app.subscribe({ topic: 'kasa/A/#', qos: 1 })
  const device = await w.device()
  device.send({ cmd: 'publish', topic: REPORT, qos: 1, messageId: 1, dup: false, retain: false, payload: motion('x') })
  t.equal((await app.next('publish'))?.qos, 1)
  app.drop()
  const again = await w.app({ clean: false })
  await again.subscribe({ topic: 'kasa/A/#', qos: 1 })
  await again.settle()
  t.same(again.published(), [])
})

t.test('zero-length client id: without a clean session -> CONNACK 2, closed; with one -> accepted, two at a time', async t => {
  const w = await world(t)
  const refused = w.open()
  // mqtt-packet writes no such packet: flags and client id put together by hand
  refused.sendBytes(Buffer.concat([Buffer.from('10', 'hex'), Buffer.from([10 + 2 + 2 + 1 + 2 + PASSWORD.length]), Buffer.from('00044d51545404c0000000000001' + '44', 'hex'), Buffer.from([0, PASSWORD.length]), Buffer.from(PASSWORD)]))
  t.equal((await refused.next('connack'))?.returnCode, 2)
  await refused.closed()
  const [one, two] = [await w.device({ clientId: '' }), await w.device({ clientId: '' })]
  await one.settle()
  await two.settle()
  t.notOk(one.isClosed || two.isClosed)
})

t.test('$ topics: a filter that begins with a wildcard -> refused, so that it matches none; a publish to one -> closed', async t => {
  const w = await world(t)
  for (const topic of ['#', '+/+', '+/A/D/motion', '$SYS/#']) {
    const app = await w.app()
    t.equal(await app.subscribe({ topic, qos: 2 }), undefined, topic)
    t.ok(app.isClosed)
  }
  const app = await w.app({ clientId: 'watching' })
  await app.subscribe({ topic: 'kasa/A/#', qos: 2 })
  for (const topic of ['$SYS/x', '$kasa/A/D/motion', '$share/g/kasa/A/D/motion']) {
    const device = await w.device()
    device.send({ cmd: 'publish', topic, qos: 1, messageId: 1, dup: false, retain: false, payload: motion('x') })
    await device.closed()
    t.notOk(device.received.some(({ cmd }) => cmd === 'puback'), topic)
  }
  await app.settle()
  t.same(app.published(), [])
})

t.test('subscribe failure: a filter beyond its own, alone or among others -> closed instead of 0x80', async t => {
  const w = await world(t)
  for (const subscriptions of [[{ topic: 'kasa/B/#', qos: 2 }], [{ topic: 'kasa/A/#', qos: 2 }, { topic: 'nosubscribe', qos: 0 }]] as const) {
    const app = await w.app()
    t.equal(await app.subscribe(...subscriptions), undefined)
    t.ok(app.isClosed)
  }
})
