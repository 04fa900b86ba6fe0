import t, { type Test } from 'tap'
import { createServer, connect as connectTcp, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { Aedes, type Client, type PublishPacket } from 'aedes'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { generate, type IConnectPacket } from 'mqtt-packet'
import { install, type Installed } from '../../src/broker/install.js'
import { matches, mayReceive, publishRight, subscribeRefusal } from '../../src/broker/topics.js'
import type { Door, Transport } from '../../src/broker/door.js'
import type { Identity } from '../../src/model/registry.js'
import type { Intake } from '../../src/model/report.js'

const device: Identity = { kind: 'device', account: 'A', device: 'D' }
const app: Identity = { kind: 'app', account: 'A' }
const recipient: Identity = { kind: 'recipient', recipient: 'R' }
const identities: Record<string, Identity> = { D: device, 'account:A': app, 'recipient:R': recipient, E: { kind: 'device', account: 'B', device: 'E' } }

interface World {
  broker: Aedes
  url: string
  port: number
  taken: { intake: Intake, transport: Transport }[]
  refused: string[]
  dropped: number
  ready: string[]
  emitted: PublishPacket[]
  installed: Installed
  connect (user: string, options?: IClientOptions): MqttClient
}

async function world (t: Test, take: (intake: Intake) => Promise<boolean> = async () => true, prepare: (broker: Aedes) => void = () => {}): Promise<World> {
  const broker = await Aedes.createBroker()
  prepare(broker)
  const state: Pick<World, 'taken' | 'refused' | 'dropped' | 'ready' | 'emitted'> = { taken: [], refused: [], dropped: 0, ready: [], emitted: [] }
  const door: Door = {
    authenticate: async (userName, password) => Buffer.from(password).toString() === 'right' ? identities[userName] : undefined,
    registered: async name => identities[name],
    take: report => {
      const { account, device: sender, topicTail, payload, receivedMs, surroundings, qos, dup, packetId } = report
      state.taken.push({ intake: { account, device: sender, topicTail, payload, receivedMs, surroundings }, transport: { qos, dup, packetId } })
      take(report).then(mayBeShown => report.final(mayBeShown), () => report.failed())
    },
    dropped: () => { state.dropped++ },
    refused: reason => { state.refused.push(reason) },
    recipientReady: name => { state.ready.push(name) },
    scopeClientId: (user, id) => `scoped-${user.length}-${id.length}`,
    limits: { authenticateTimeoutMs: 1000, maxFailedLogins: 60, maxConnections: 100, maxConnectionsPerDevice: 4, stageTimeoutMs: 1000, drainTimeoutMs: 1000, maxPacketBytes: 1 << 20, maxConnectBytes: 1 << 16, maxInFlight: 64, maxReportsPerSecond: 10_000, maxUnsentBytes: 1 << 20, maxBufferedBytes: 1 << 28 }
  }
  const installed = install(broker, door)
  broker.on('publish', packet => { if (!packet.topic.startsWith('$SYS')) state.emitted.push(packet) })
  const server = createServer(broker.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const clients: MqttClient[] = []
  t.teardown(async () => {
    for (const client of clients) client.end(true)
    server.close()
    await new Promise<void>(resolve => broker.close(() => resolve()))
  })
  const url = `mqtt://127.0.0.1:${port}`
  return Object.assign(state, {
    broker,
    url,
    port,
    installed,
    connect: (user: string, options: IClientOptions = {}) => {
      const client = mqtt.connect(url, { username: user, password: 'right', reconnectPeriod: 0, ...options })
      client.on('error', () => {})
      clients.push(client)
      return client
    }
  })
}

async function connected (client: MqttClient): Promise<MqttClient> {
  if (!client.connected) await new Promise<void>(resolve => client.once('connect', () => resolve()))
  return client
}

async function closed (client: MqttClient): Promise<void> {
  // `once` of node:events would reject where the broken connection reports an error first
  await new Promise<void>(resolve => client.once('close', () => resolve()))
}

/** CONNECTs with a packet that a well-behaved client library would not send. */
async function connackCode (port: number, fields: Partial<IConnectPacket>, clearFlags = 0): Promise<number | undefined> {
  const packet: IConnectPacket = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'c', keepalive: 0, username: 'D', password: Buffer.from('right'), ...fields }
  const bytes = generate(packet)
  bytes[9] = (bytes[9] ?? 0) & ~clearFlags
  const socket = connectTcp(port, '127.0.0.1')
  socket.write(bytes)
  const [answer] = await once(socket, 'data') as [Buffer]
  socket.destroy()
  return answer[3]
}

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5))
}

t.test('topics: publish rights -> only its own', async t => {
  const rows: [Identity, string, boolean, string][] = [
    [device, 'kasa/A/D/motion', false, 'report'],
    [device, 'kasa/A/D/deep/er', false, 'report'],
    [device, 'kasa/A/D', false, 'foreign-topic'],
    [device, 'kasa/A/E/motion', false, 'foreign-topic'],
    [device, 'kasa/B/D/motion', false, 'foreign-topic'],
    [device, 'kasa/A/D/cmd/on', false, 'reserved-topic'],
    [device, 'kasa/A/D/+', false, 'wildcard'],
    [app, 'kasa/A/+/cmd/on', false, 'wildcard'],
    [app, 'kasa/A/D/cmd/#', false, 'wildcard'],
    [device, '$SYS/x', false, 'reserved-topic'],
    [device, 'kasa/A/D/mo\u0000tion', false, 'reserved-topic'],
    [device, 'disclosures/R/motion', false, 'foreign-topic'],
    [app, 'kasa/A/D/cmd/on', false, 'command'],
    [app, 'kasa/A/D/cmd/on', true, 'retained-command'],
    [app, 'kasa/A/D/motion', false, 'foreign-topic'],
    [app, 'kasa/B/D/cmd/on', false, 'foreign-topic'],
    [app, 'kasa/A/D/cmd', false, 'foreign-topic'],
    [recipient, 'disclosures/R/motion', false, 'not-a-publisher']
  ]
  for (const [identity, topic, retain, expected] of rows) {
    const right = publishRight(identity, topic, retain)
    t.equal(right.kind === 'refused' ? right.reason : right.kind, expected, `${identity.kind} ${topic}`)
  }
})

t.test('topics: subscriptions -> wildcards only below its own prefix', async t => {
  const rows: [Identity, string, string | undefined][] = [
    [device, 'kasa/A/D/cmd/#', undefined], [device, 'kasa/A/D/#', undefined], [device, 'kasa/A/D', 'foreign-topic'],
    [device, 'kasa/A/+/cmd/#', 'wildcard'], [device, '#', 'wildcard'], [device, 'kasa/A/E/cmd/on', 'foreign-topic'],
    [device, '$SYS/#', 'reserved-topic'], [device, '$share/g/kasa/A/D/cmd/#', 'reserved-topic'],
    [app, 'kasa/A/#', undefined], [app, 'kasa/A/+/motion', undefined], [app, 'kasa/+/D/motion', 'wildcard'], [app, 'kasa/#', 'wildcard'],
    [recipient, 'disclosures/R/#', undefined], [recipient, 'disclosures/+/motion', 'wildcard'], [recipient, 'disclosures/S/#', 'foreign-topic'], [recipient, 'kasa/A/#', 'foreign-topic']
  ]
  for (const [identity, filter, expected] of rows) t.equal(subscribeRefusal(identity, filter), expected, `${identity.kind} ${filter}`)
  t.equal(mayReceive(device, 'kasa/A/D/cmd/on'), true)
  t.equal(mayReceive(device, 'kasa/A/D/motion'), false)
  t.equal(mayReceive(app, 'kasa/A/D/motion'), false, 'reports never come by the broker\'s routing')
  t.equal(mayReceive(recipient, 'disclosures/R/motion'), false)
  t.equal(matches('kasa/+/D/#', 'kasa/A/D/x/y'), true)
  t.equal(matches('kasa/A/D/#', 'kasa/A/D'), true)
  t.equal(matches('kasa/A/+', 'kasa/A/D/x'), false)
})

t.test('connect: wrong password, unknown device, empty id without clean -> refused at CONNECT', async t => {
  const w = await world(t)
  for (const [user, options, code] of [['D', { password: 'wrong' }, 4], ['nobody', {}, 4]] as const) {
    const client = w.connect(user, options)
    const error = await new Promise<Error & { code?: unknown }>(resolve => client.once('error', failure => resolve(failure)))
    t.equal(error.code, code)
  }
  t.equal(await connackCode(w.port, { clientId: '' }, 0x02), 2)
  t.same(w.refused, ['credentials', 'credentials', 'identifier'])
})

t.test('connect: MQTT 5 -> CONNACK 1', async t => {
  const w = await world(t)
  t.equal(await connackCode(w.port, { protocolVersion: 5 }), 1)
})

t.test('report: QoS 0, 1 and 2 -> taken once, acknowledged, and the broker emits nothing of it', async t => {
  const w = await world(t)
  const client = await connected(w.connect('D'))
  for (const qos of [0, 1, 2] as const) await client.publishAsync('kasa/A/D/motion', 'raw content', { qos, retain: true })
  await until(() => w.emitted.length === 3)
  t.equal(w.taken.length, 3)
  t.equal(Buffer.from(w.taken[1]?.intake.payload ?? []).toString(), 'raw content')
  t.match(w.taken[1]?.intake, { account: 'A', device: 'D', topicTail: 'motion' })
  for (const packet of w.emitted) {
    t.equal(packet.payload.length, 0)
    t.equal(packet.retain, false)
    t.notMatch(packet.topic, /kasa/)
  }
})

t.test('report: transient trouble -> not acknowledged at QoS 1, dropped and counted at QoS 0', async t => {
  const w = await world(t, async () => { throw new Error('disk full') })
  const client = await connected(w.connect('D'))
  client.publish('kasa/A/D/motion', '{}', { qos: 0 })
  await until(() => w.dropped === 1)
  let acknowledged = false
  client.publish('kasa/A/D/motion', '{}', { qos: 1 }, error => { acknowledged = error == null })
  await closed(client)
  t.equal(acknowledged, false)
})

t.test('report: final before one that came before it -> acknowledged after it, in the order of the packets', async t => {
  const final = new Map<string, () => void>()
  const w = await world(t, async ({ payload }) => {
    await new Promise<void>(resolve => final.set(Buffer.from(payload).toString(), resolve))
    return true
  })
  const client = await connected(w.connect('D'))
  const acknowledged: string[] = []
  const names = Array.from({ length: 30 }, (_, i) => String(i))
  for (const name of names) client.publish('kasa/A/D/motion', name, { qos: 1 }, () => acknowledged.push(name))
  await until(() => final.size === names.length)
  // every other one, then the rest from the last to the first
  for (const name of [...names.filter((_, i) => i % 2 === 1), ...names.filter((_, i) => i % 2 === 0 && i > 0).reverse()]) final.get(name)?.()
  // of a length of its own: the scoped ids of this world tell no more
  const other = await connected(w.connect('E', { clientId: 'other' }))
  other.publish('kasa/B/E/motion', 'other', { qos: 1 }, () => acknowledged.push('other'))
  await until(() => final.has('other'))
  final.get('other')?.()
  await until(() => acknowledged.length > 0)
  t.same(acknowledged, ['other'], 'none past the first, which another connection does not wait for')
  final.get('0')?.()
  await until(() => acknowledged.length > names.length)
  t.same(acknowledged.slice(1), names)
})

t.test('report: a stage that never answers -> not acknowledged', async t => {
  const w = await world(t, () => new Promise(() => {}))
  const client = await connected(w.connect('D'))
  client.publish('kasa/A/D/motion', '{}', { qos: 1 })
  await closed(client)
  t.equal(w.taken.length, 1)
})

t.test('topics on the wire: what is not its own -> closed, counted, not taken', async t => {
  const w = await world(t)
  const rows: [string, (client: MqttClient) => void, string][] = [
    ['D', c => c.publish('kasa/B/E/motion', 'x', { qos: 1 }), 'foreign-topic'],
    ['D', c => c.publish('$SYS/x/new/clients', 'x', { qos: 1 }), 'reserved-topic'],
    ['account:A', c => c.publish('kasa/A/D/cmd/on', 'x', { qos: 1, retain: true }), 'retained-command'],
    ['D', c => c.subscribe('#'), 'wildcard'],
    ['recipient:R', c => c.publish('disclosures/R/x', 'x'), 'not-a-publisher']
  ]
  for (const [user, act, reason] of rows) {
    const client = await connected(w.connect(user))
    act(client)
    await closed(client)
    t.equal(w.refused.at(-1), reason)
  }
  t.equal(w.taken.length, 0)
})

t.test('app: subscribed below its account -> sees raw reports and commands; nobody else does', async t => {
  const w = await world(t)
  const owner = await connected(w.connect('account:A', { clean: false, clientId: 'owner' }))
  const sees: string[] = []
  owner.on('message', (topic, payload) => sees.push(`${topic} ${payload}`))
  await owner.subscribeAsync('kasa/A/#', { qos: 1 })
  const actor = await connected(w.connect('D'))
  const commands: string[] = []
  actor.on('message', topic => commands.push(topic))
  await actor.subscribeAsync('kasa/A/D/#')
  await actor.publishAsync('kasa/A/D/motion', 'one', { qos: 1 })
  await owner.publishAsync('kasa/A/D/cmd/on', 'now', { qos: 1 })
  await until(() => sees.length === 2 && commands.length === 1)
  t.same(sees, ['kasa/A/D/motion one', 'kasa/A/D/cmd/on now'])
  t.same(commands, ['kasa/A/D/cmd/on'])
})

t.test('host: broker.publish on a report topic -> reaches nobody and discloses nothing', async t => {
  const w = await world(t)
  const owner = await connected(w.connect('account:A'))
  const sees: string[] = []
  owner.on('message', topic => sees.push(topic))
  await owner.subscribeAsync('kasa/A/#')
  const packet = { cmd: 'publish', payload: Buffer.from('x'), qos: 1, retain: true, dup: false } as const
  await new Promise<void>(resolve => w.broker.publish({ ...packet, topic: 'kasa/A/D/motion' }, () => resolve()))
  await new Promise<void>(resolve => w.broker.publish({ ...packet, retain: false, topic: 'kasa/A/D/cmd/on' }, () => resolve()))
  const late = await connected(w.connect('account:A', { clientId: 'late' }))
  late.on('message', topic => sees.push(`late ${topic}`))
  await late.subscribeAsync('kasa/A/#')
  await until(() => sees.length > 0)
  t.same(sees, ['kasa/A/D/cmd/on'])
  t.equal(w.taken.length, 0)
})

t.test('host: hooks set before and after -> every one must agree, none replaces the gateway\'s', async t => {
  const w = await world(t, undefined, broker => {
    broker.authorizePublish = (_client, packet, done) => done(packet.payload.toString() === 'vetoed' ? new Error('no') : null)
  })
  const vetoed = await connected(w.connect('D'))
  vetoed.publish('kasa/A/D/motion', 'vetoed', { qos: 1 })
  await closed(vetoed)
  t.equal(w.taken.length, 0)
  w.broker.authorizePublish = (_client, _packet, done) => done(null)
  const client = await connected(w.connect('D'))
  await client.publishAsync('kasa/A/D/motion', 'passes', { qos: 1 })
  t.equal(w.taken.length, 1, 'the filter is still there')
  w.broker.authorizePublish = () => { throw new Error('a bug of the host') }
  client.publish('kasa/A/D/motion', 'x', { qos: 1 })
  await closed(client)
  t.equal(w.taken.length, 1)
  t.throws(() => install(w.broker, {} as Door), TypeError)
})

t.test('session: client id -> the broker never learns it, and takeover needs the same user', async t => {
  const w = await world(t)
  const seen: string[] = []
  w.broker.on('client', (client: Client) => seen.push(client.id))
  await connected(w.connect('D', { clientId: '50:C7:BF:0D:91:8C' }))
  await connected(w.connect('account:A', { clientId: '50:C7:BF:0D:91:8C' }))
  t.equal(new Set(seen).size, 2)
  for (const id of seen) t.notMatch(id, /50:C7/)
})

t.test('will: connection lost -> takes the same path; clean disconnect -> none', async t => {
  const w = await world(t)
  const will = { topic: 'kasa/A/D/motion', payload: Buffer.from('last words'), qos: 1, retain: true } as const
  const lost = await connected(w.connect('D', { will }))
  lost.stream.destroy()
  await until(() => w.taken.length === 1)
  t.equal(Buffer.from(w.taken[0]?.intake.payload ?? []).toString(), 'last words')
  await until(() => w.emitted.length === 1)
  t.equal(w.emitted[0]?.payload.length, 0)
  const left = await connected(w.connect('D', { will }))
  await left.endAsync()
  const foreign = await connected(w.connect('E', { will }))
  foreign.stream.destroy()
  await until(() => w.refused.includes('foreign-topic'))
  t.equal(w.taken.length, 1)
})

t.test('gate: a packet above the maximum -> closed before it is collected', async t => {
  const w = await world(t)
  const client = await connected(w.connect('D'))
  client.publish('kasa/A/D/motion', Buffer.alloc(10_000_000), { qos: 1 })
  await closed(client)
  t.same(w.refused, ['packet-too-large'])
  t.equal(w.taken.length, 0)
})

t.test('recipient: subscribed -> a disclosure is delivered at its PUBACK; gone -> refused', async t => {
  const w = await world(t)
  const signal = new AbortController().signal
  await t.rejects(w.installed.subscribers.deliverAll('R', [{ topic: 'disclosures/R/motion', payload: Buffer.from('x') }], signal), { code: 'recipient-not-connected' })
  const hold = true
  const held: (() => void)[] = []
  const reader = w.connect('recipient:R', {
    customHandleAcks: (_topic, _message, _packet, done) => { if (hold) held.push(() => done(0)); else done(0) }
  })
  await connected(reader)
  await reader.subscribeAsync('disclosures/R/#')
  await until(() => w.ready.includes('R'))
  let delivered = false
  const delivery = w.installed.subscribers.deliverAll('R', [{ topic: 'disclosures/R/motion', payload: Buffer.from('one') }], signal).then(() => { delivered = true })
  await new Promise<void>(resolve => reader.once('message', () => resolve()))
  t.equal(delivered, false, 'not before its PUBACK')
  for (const release of held) release()
  await delivery
  const lost = w.installed.subscribers.deliverAll('R', [{ topic: 'disclosures/R/motion', payload: Buffer.from('two') }], signal)
  reader.stream.destroy()
  await t.rejects(lost, { code: 'recipient-not-connected' })
})

/** Raw sockets that connect as one recipient under one client id; they acknowledge nothing. */
async function silentReaders (w: World, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connectTcp(w.port, '127.0.0.1').on('error', () => {}).resume())
  await Promise.all(sockets.map(async socket => { if (socket.connecting) await once(socket, 'connect') }))
  return sockets
}

const SILENT_CONNECT = generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'same', keepalive: 0, username: 'recipient:R', password: Buffer.from('right') })
const SILENT_SUBSCRIBE = generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'disclosures/R/#', qos: 1 }] })

t.test('recipient: connections that take over from each other at once, then all gone -> nothing waits for a PUBACK for ever', async t => {
  const w = await world(t)
  const sockets = await silentReaders(w, 4)
  const [first, ...others] = sockets
  first?.write(Buffer.concat([SILENT_CONNECT, SILENT_SUBSCRIBE]))
  await until(() => w.ready.length === 1)
  for (const socket of others) socket.write(SILENT_CONNECT)
  // those that are left now stand under one id that the broker knows once
  await until(() => [...w.installed.connected].filter(client => client.connected && !client.closed).length > 0 && first?.destroyed === true)
  for (const socket of others) if (!socket.destroyed) socket.write(SILENT_SUBSCRIBE)
  await until(() => w.installed.subscribers.isConnected('R'))
  const delivery = w.installed.subscribers.deliverAll('R', [{ topic: 'disclosures/R/motion', payload: Buffer.from('one') }], new AbortController().signal)
  delivery.catch(() => {})
  for (const socket of sockets.toReversed()) {
    socket.destroy()
    await new Promise(resolve => setImmediate(resolve))
  }
  await t.rejects(delivery, { code: 'recipient-not-connected' })
  await until(() => w.installed.connected.size === 0)
})

t.test('connect: let in, and not yet told so -> counts among those connected already', async t => {
  const w = await world(t)
  const beforeConnack: boolean[] = []
  w.broker.on('client', (client: Client) => beforeConnack.push(w.installed.connected.has(client)))
  const client = await connected(w.connect('D'))
  t.same(beforeConnack, [true])
  client.stream.destroy()
  await until(() => w.installed.connected.size === 0)
})
