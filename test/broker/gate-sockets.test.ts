/** Each bound of the gate over real sockets, in front of a real broker. */

import t, { type Test } from 'tap'
import { once, setMaxListeners } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { generate, type IConnectPacket, type Packet } from 'mqtt-packet'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { BrokerLimits, Door } from '../../src/broker/door.js'
import { install, type Installed } from '../../src/broker/install.js'
import type { Identity } from '../../src/model/registry.js'
import type { Intake } from '../../src/model/report.js'
import { RawClient } from '../paho/raw-client.js'

const LIMITS: BrokerLimits = {
  authenticateTimeoutMs: 20_000,
  stageTimeoutMs: 20_000,
  drainTimeoutMs: 20_000,
  maxPacketBytes: 1 << 20,
  maxConnectBytes: 1 << 16,
  maxInFlight: 8,
  maxReportsPerSecond: 1_000_000,
  maxUnsentBytes: 1 << 20,
  maxBufferedBytes: 1 << 26,
  maxFailedLogins: 1_000,
  maxConnections: 1_000,
  maxConnectionsPerDevice: 1_000
}
const IDENTITIES: Record<string, Identity> = {
  D: { kind: 'device', account: 'A', device: 'D' },
  E: { kind: 'device', account: 'A', device: 'E' },
  app: { kind: 'app', account: 'A' },
  R: { kind: 'recipient', recipient: 'R' }
}

interface World {
  readonly url: string
  readonly broker: Aedes
  readonly installed: Installed
  readonly taken: Intake[]
  readonly refused: string[]
  readonly ready: string[]
  /** Connected, and let in. */
  client (user: string): Promise<RawClient>
  open (): RawClient
  /** A socket that reads nothing, with these packets written. */
  deaf (...packets: readonly Packet[]): Socket
}

interface Ways {
  readonly take?: (intake: Intake) => Promise<boolean>
  readonly authenticate?: () => Promise<void>
}

async function world (t: Test, limits: Partial<BrokerLimits> = {}, { take = async () => true, authenticate = async () => {} }: Ways = {}): Promise<World> {
  const broker = await Aedes.createBroker()
  const [taken, refused, ready]: [Intake[], string[], string[]] = [[], [], []]
  const door: Door = {
    authenticate: async userName => {
      await authenticate()
      return IDENTITIES[userName]
    },
    registered: async () => undefined,
    take: report => {
      taken.push(report)
      take(report).then(mayBeShown => report.final(mayBeShown), () => report.failed())
    },
    dropped: () => {},
    refused: reason => { refused.push(reason) },
    recipientReady: name => { ready.push(name) },
    scopeClientId: (user, id) => `${user}-${id}`,
    limits: { ...LIMITS, ...limits }
  }
  const installed = install(broker, door)
  const server = createServer(broker.handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ends: (() => void)[] = []
  t.teardown(async () => {
    for (const end of ends) end()
    server.close()
    await new Promise<void>(resolve => broker.close(() => resolve()))
  })
  const open = (): RawClient => {
    const client = new RawClient(url)
    ends.push(() => client.drop())
    return client
  }
  return {
    url,
    broker,
    installed,
    taken,
    refused,
    ready,
    open,
    client: async user => {
      const client = open()
      if ((await client.connect(login(user)))?.returnCode !== 0) throw new Error('not let in')
      return client
    },
    deaf: (...packets) => {
      const socket = connectTcp(Number(new URL(url).port), '127.0.0.1').on('error', () => {}).pause()
      ends.push(() => socket.destroy())
      socket.write(bytesOf(packets))
      return socket
    }
  }
}

let clients = 0

function login (user: string): IConnectPacket {
  return { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: `c${clients++}`, keepalive: 0, username: user, password: Buffer.from('x') }
}

function report (payload: string | Buffer, qos: 0 | 1 | 2 = 0, messageId = 1, device = 'D'): Packet {
  return { cmd: 'publish', topic: `kasa/A/${device}/motion`, payload, qos, messageId, dup: false, retain: false }
}

function bytesOf (packets: readonly Packet[]): Buffer {
  return Buffer.concat(packets.map(packet => generate(packet)))
}

function payloads (intakes: readonly Intake[]): string[] {
  return intakes.map(({ payload }) => Buffer.from(payload).toString())
}

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 2))
}

/** Reports held on their path until they are let go. */
function held (): { take: () => Promise<boolean>, letGo: (count?: number) => void, readonly count: number } {
  const waiting: (() => void)[] = []
  return {
    take: () => new Promise(resolve => waiting.push(() => resolve(false))),
    letGo: (count = waiting.length) => { for (const go of waiting.splice(0, count)) go() },
    get count () { return waiting.length }
  }
}

t.test('gate: CONNECT and many packets written together, a large one among them -> all of them after CONNACK, in order', async t => {
  const asked: (() => void)[] = []
  const w = await world(t, {}, { authenticate: () => new Promise(resolve => { asked.push(resolve) }) })
  const large = 'x'.repeat(300_000)
  const client = w.open()
  client.sendBytes(bytesOf([login('D'), ...Array.from({ length: 100 }, (_, i) => report(`${i}`, 1, i + 1)), report(large, 1, 101), { cmd: 'subscribe', messageId: 7, subscriptions: [{ topic: 'kasa/A/D/cmd/#', qos: 1 }] }]))
  await until(() => asked.length === 1)
  await new Promise(resolve => setTimeout(resolve, 20))
  t.equal(w.taken.length, 0)
  t.equal(client.received.length, 0)
  asked[0]?.()
  await client.next('suback')
  t.equal(client.received[0]?.cmd, 'connack')
  t.strictSame(payloads(w.taken), [...Array.from({ length: 100 }, (_, i) => `${i}`), large])
  t.equal(client.received.filter(({ cmd }) => cmd === 'puback').length, 101)
  t.strictSame(w.refused, [])
})

t.test('gate: what MQTT has no place for -> closed and counted', async t => {
  const w = await world(t)
  const rows: [string, Buffer, string][] = [
    ['a report first', bytesOf([report('x')]), 'unexpected-packet'],
    ['a long report first, of which only the beginning comes', Buffer.from([0x30, 0xff, 0xff, 0x10, 0, 1]), 'unexpected-packet'],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'unexpected-packet'],
    ['a second CONNECT', bytesOf([login('D'), login('D')]), 'unexpected-packet'],
    ['a packet of servers', bytesOf([login('D'), { cmd: 'suback', messageId: 1, granted: [0] }]), 'unexpected-packet'],
    ['QoS 3', Buffer.concat([bytesOf([login('D')]), Buffer.from([0x36, 3, 0, 1, 0x61])]), 'malformed-packet'],
    ['a surrogate in a topic', Buffer.concat([bytesOf([login('D')]), Buffer.from([0x30, 5, 0, 3, 0xed, 0xa0, 0x80])]), 'malformed-packet'],
    ['a wildcard in a topic', bytesOf([login('D'), { cmd: 'publish', topic: 'kasa/A/D/+', payload: 'x', qos: 0, dup: false, retain: false }]), 'wildcard'],
    ['a CONNECT larger than allowed', Buffer.from([0x10, 0x81, 0x80, 0x04]), 'packet-too-large'],
    ['MQTT 5', bytesOf([{ ...login('D'), protocolVersion: 5 }]), 'protocol-version']
  ]
  for (const [name, bytes, reason] of rows) {
    const client = w.open().sendBytes(bytes)
    await client.closed()
    t.equal(w.refused.pop(), reason, name)
    t.equal(w.refused.length, 0)
    if (reason === 'protocol-version') t.match(client.received, [{ cmd: 'connack', returnCode: 1 }])
  }
  t.equal(w.taken.length, 0)
})

t.test('gate: no CONNACK in time -> closed, whether silent, slow, or held up by the gateway', async t => {
  const w = await world(t, { authenticateTimeoutMs: 150 }, { authenticate: () => new Promise(() => {}) })
  for (const bytes of [Buffer.alloc(0), generate(login('D')).subarray(0, 9), generate(login('D'))]) await w.open().sendBytes(bytes).closed()
  t.strictSame(w.refused, ['connect-timeout', 'connect-timeout', 'connect-timeout'])
})

t.test('gate: reports without end, none of them dealt with -> a bounded number is under way, and none is lost', async t => {
  for (const qos of [0, 1, 2] as const) {
    const path = held()
    const w = await world(t, {}, { take: path.take })
    const client = await w.client('D')
    const count = 500
    client.sendBytes(bytesOf(Array.from({ length: count }, (_, i) => report(`${i}`, qos, i + 1))))
    let most = 0
    while (w.taken.length < count) {
      await until(() => path.count > 0)
      await new Promise(resolve => setImmediate(resolve))
      most = Math.max(most, path.count)
      path.letGo(1 + w.taken.length % 8)
    }
    path.letGo()
    t.ok(most <= LIMITS.maxInFlight && most > 1, `QoS ${qos}`)
    t.strictSame(payloads(w.taken), Array.from({ length: count }, (_, i) => `${i}`))
    if (qos > 0) await until(() => client.received.filter(({ cmd }) => cmd === (qos === 1 ? 'puback' : 'pubrec')).length === count)
    t.strictSame(w.refused, [])
    client.drop()
  }
})

t.test('gate: large reports without end -> their bytes are bounded too', async t => {
  const path = held()
  const w = await world(t, { maxInFlight: 64 }, { take: path.take })
  const client = await w.client('D')
  client.sendBytes(bytesOf(Array.from({ length: 12 }, (_, i) => report(Buffer.alloc(400_000, i), 1, i + 1))))
  while (w.taken.length < 12) {
    await until(() => path.count > 0)
    t.ok(path.count <= 2)
    path.letGo(1)
  }
  path.letGo()
  await until(() => client.received.filter(({ cmd }) => cmd === 'puback').length === 12)
})

t.test('gate: all connections together carry more than memory allows -> each goes on with one report at a time', async t => {
  const path = held()
  const w = await world(t, { maxInFlight: 64, maxBufferedBytes: 90_000 }, { take: path.take })
  const clients: RawClient[] = []
  for (let i = 0; i < 10; i++) clients.push(await w.client('D'))
  // what has arrived and waits for its turn counts, too: no more at one time than there is room for
  for (const client of clients) client.sendBytes(bytesOf([1, 2, 3].map(id => report(Buffer.alloc(3000), 1, id))))
  await until(() => path.count >= 30)
  for (const client of clients) client.sendBytes(bytesOf([4, 5].map(id => report(Buffer.alloc(3000), 1, id))))
  await new Promise(resolve => setTimeout(resolve, 50))
  t.ok(path.count <= 40)
  while (w.taken.length < 50) {
    await until(() => path.count > 0)
    path.letGo(1)
  }
  path.letGo()
  for (const client of clients) await until(() => client.received.filter(({ cmd }) => cmd === 'puback').length === 5)
  t.strictSame(w.refused, [])
})

t.test('gate: reports, and the end of the connection at once -> all of them are taken, and nothing of it is left', async t => {
  for (const qos of [0, 1] as const) {
    for (const last of [[{ cmd: 'disconnect' }], []] as const) {
      const path = held()
      const w = await world(t, {}, { take: path.take })
      const socket = w.deaf(login('D'), ...Array.from({ length: 200 }, (_, i) => report(`${i}`, qos, i + 1)), ...last)
      socket.resume().end()
      while (w.taken.length < 200) {
        await until(() => path.count > 0)
        path.letGo()
      }
      path.letGo()
      t.strictSame(payloads(w.taken), Array.from({ length: 200 }, (_, i) => `${i}`))
      await until(() => w.installed.connected.size === 0)
    }
  }
})

t.test('gate: more reports a second than allowed -> slowed down over all connections of the device, and none is lost', async t => {
  const w = await world(t, { maxReportsPerSecond: 50, maxInFlight: 64 })
  const startedMs = performance.now()
  const [one, two, other] = [await w.client('D'), await w.client('D'), await w.client('E')]
  for (const client of [one, two]) client.sendBytes(bytesOf(Array.from({ length: 50 }, (_, i) => report(`${i}`, 1, i + 1))))
  other.sendBytes(bytesOf(Array.from({ length: 40 }, (_, i) => report(`${i}`, 1, i + 1, 'E'))))
  let within = true
  while (w.taken.length < 140) {
    await new Promise(resolve => setImmediate(resolve))
    const count = w.taken.filter(({ device }) => device === 'D').length
    within &&= count <= 51 + (performance.now() - startedMs) * 50 / 1000
  }
  t.ok(within)
  t.strictSame(w.refused, [])
})

t.test('gate: a burst of reports that cost much -> others are served in between', async t => {
  const take = async ({ device }: Intake): Promise<boolean> => {
    const end = performance.now() + (device === 'D' ? 2 : 0)
    while (performance.now() < end);
    return false
  }
  const w = await world(t, { maxInFlight: 64 }, { take })
  const [burst, other] = [await w.client('D'), await w.client('E')]
  burst.sendBytes(bytesOf(Array.from({ length: 400 }, (_, i) => report('x', 1, i + 1))))
  await until(() => w.taken.length >= 5)
  for (let id = 1; id <= 4; id++) {
    const before = w.taken.length
    other.send(report('other', 1, id, 'E'))
    await other.next('puback')
    const behind = w.taken.length - before - 1
    t.ok(behind <= 16, `${behind} of the burst came before it`)
  }
  await until(() => w.taken.length === 404)
})

t.test('gate: packets that are no reports, without end -> a second\'s worth at once, then at their rate, none dropped; others are served', async t => {
  const w = await world(t)
  const [burst, other] = [await w.client('D'), await w.client('E')]
  const startedMs = performance.now()
  const atMost = (): number => 1001 + performance.now() - startedMs
  const answered = (): number => burst.received.filter(({ cmd }) => cmd === 'pingresp' || cmd === 'suback').length
  burst.sendBytes(bytesOf(Array.from({ length: 1500 }, () => ({ cmd: 'pingreq' } as const))))
  const filters = Array.from({ length: 4000 }, () => ({ topic: 'kasa/A/D/cmd/#', qos: 0 } as const))
  burst.sendBytes(bytesOf([{ cmd: 'subscribe', messageId: 1, subscriptions: filters }, { cmd: 'subscribe', messageId: 2, subscriptions: filters }, { cmd: 'pingreq' }]))
  other.send(report('other', 1, 1, 'E'))
  await other.next('puback')
  for (let before = -1; answered() < 1503;) {
    await until(() => answered() > before)
    before = answered()
    t.ok(before <= atMost())
  }
  t.ok(performance.now() - startedMs > 1000, 'a packet of 60 KiB costs as much as many')
  t.strictSame(w.refused, [])
})

t.test('gate: a subscriber that does not read -> closed and counted, and holds up nobody', async t => {
  const w = await world(t)
  const deaf = w.deaf(login('app'), { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'kasa/A/#', qos: 0 }] })
  const reader = await w.client('app')
  await reader.subscribe({ topic: 'kasa/A/#', qos: 0 })
  const device = await w.client('D')
  await until(() => w.installed.connected.size === 3)
  for (let i = 1; i <= 400; i++) device.send(report(Buffer.alloc(50_000, i), 1, i))
  await until(() => reader.published().length === 400 && device.received.filter(({ cmd }) => cmd === 'puback').length === 400)
  t.strictSame(w.refused, ['slow-consumer'])
  t.equal(w.installed.connected.size, 2)
  deaf.destroy()
})

t.test('gate: a subscriber that takes nothing for long, though little waits -> closed', async t => {
  const w = await world(t, { drainTimeoutMs: 100, maxUnsentBytes: 1 << 29 })
  w.deaf(login('app'), { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'kasa/A/#', qos: 0 }] })
  const device = await w.client('D')
  await until(() => w.installed.connected.size === 2)
  for (let i = 1; i <= 60 && w.refused.length === 0; i++) {
    device.send(report(Buffer.alloc(200_000, i), 1, i))
    await device.next('puback')
  }
  await until(() => w.refused.length === 1)
  t.strictSame(w.refused, ['slow-consumer'])
})

t.test('gate: a recipient slower than its batch -> handed over as it reads, and not closed', async t => {
  // long beside what a busy machine may stop for
  const w = await world(t, { maxUnsentBytes: 200_000, drainTimeoutMs: 30_000 })
  const reader = w.deaf(login('R'), { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'disclosures/R/#', qos: 1 }] })
  await until(() => w.installed.subscribers.isConnected('R'))
  // CONNACK and SUBACK: one packet here is more than may wait at all, and an answer behind it would find no room
  let answers = 0
  while (answers < 9) answers += (await once(reader.resume(), 'data') as [Buffer])[0].length
  reader.pause()
  const { signal } = new AbortController()
  setMaxListeners(0, signal)
  const sends = Array.from({ length: 64 }, async (_, i) => await w.installed.subscribers.deliverAll('R', [{ topic: 'disclosures/R/motion', payload: Buffer.alloc(250_000, i) }], signal))
  await new Promise(resolve => setTimeout(resolve, 50))
  let [count, bytes] = [0, 0]
  reader.on('data', chunk => {
    bytes += chunk.length
    for (; (count + 1) * 250_026 <= bytes; count++) reader.write(generate({ cmd: 'puback', messageId: 1 }))
  })
  reader.resume()
  await Promise.all(sends)
  t.strictSame(w.refused, [])
  t.ok(bytes > 64 * 250_000)
})

t.test('gate: a recipient that stops reading -> closed, its deliveries fail, and succeed when it is back', async t => {
  const w = await world(t, { drainTimeoutMs: 1_000 })
  const subscribe: Packet = { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'disclosures/R/#', qos: 1 }] }
  w.deaf(login('R'), subscribe)
  await until(() => w.installed.subscribers.isConnected('R'))
  const deliver = (): Promise<unknown> => Promise.all(Array.from({ length: 64 }, async () => await w.installed.subscribers.deliverAll('R', [{ topic: 'disclosures/R/motion', payload: Buffer.alloc(250_000) }], new AbortController().signal)))
  await t.rejects(deliver(), { code: 'recipient-not-connected' })
  t.strictSame(w.refused, ['slow-consumer'])
  const back = await w.client('R')
  back.send(subscribe)
  await until(() => w.installed.subscribers.isConnected('R'))
  const delivered = deliver()
  for (let i = 0; i < 64; i++) back.send({ cmd: 'puback', messageId: (await back.next('publish'))?.messageId ?? 0 })
  await delivered
})

t.test('gate: unfinished packets of many connections -> bounded in all; strangers go first', async t => {
  const w = await world(t, { maxBufferedBytes: 1_000_000 })
  const device = await w.client('D')
  device.sendBytes(generate(report(Buffer.alloc(300_000), 1)).subarray(0, 200_000))
  const unfinished = Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0x03]), Buffer.alloc(60_000)])
  const strangers = Array.from({ length: 60 }, () => w.open().sendBytes(unfinished))
  await until(() => w.refused.length >= 60 - 15)
  t.ok(w.refused.every(reason => reason === 'buffers-full'))
  t.ok(strangers.some(({ isClosed }) => !isClosed))
  device.sendBytes(generate(report(Buffer.alloc(300_000), 1)).subarray(200_000))
  await device.next('puback')
  t.equal(w.taken.length, 1)
})

t.test('gate: WebSockets -> bounded in the same way, and a refused CONNECT gets its answer', async t => {
  const path = held()
  const w = await world(t, {}, { take: path.take })
  const server = createHttpServer().listen(0, '127.0.0.1')
  new WebSocketServer({ server }).on('connection', (socket, request) => { w.broker.handle(createWebSocketStream(socket), request) })
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const device = await mqtt.connectAsync(url, { username: 'D', password: 'x', reconnectPeriod: 0 })
  t.teardown(() => { device.end(true); server.close() })
  const sent = Array.from({ length: 100 }, async (_, i) => await device.publishAsync('kasa/A/D/motion', `${i}`, { qos: 1 }))
  while (w.taken.length < 100) {
    await until(() => path.count > 0)
    if (path.count > LIMITS.maxInFlight) t.fail('too many under way')
    path.letGo()
  }
  path.letGo()
  await Promise.all(sent)
  t.strictSame(payloads(w.taken), Array.from({ length: 100 }, (_, i) => `${i}`))
  await t.rejects(mqtt.connectAsync(url, { username: 'nobody', password: 'x', reconnectPeriod: 0 }), { code: 4 })
  await t.rejects(mqtt.connectAsync(url, { username: 'D', password: 'x', reconnectPeriod: 0, protocolVersion: 5 }), { code: 1 })
})
