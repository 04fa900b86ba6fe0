/** Reports that pass the broker by: over real sockets, with real gateways where what they decide is compared. */

import t, { type Test } from 'tap'
import { cpSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { Aedes } from 'aedes'
import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import { openCore } from '../../src/core.js'
import { curtilage } from '../../src/gateway.js'
import type { GatewayEvent } from '../../src/model/events.js'
import type { Disclosure } from '../../src/model/disclosure.js'
import { RawClient } from '../paho/raw-client.js'
import { doorWorld, until } from './door-world.js'

const PASSWORD = 'a password of more than twenty characters'
const NOW_MS = Date.UTC(2026, 10, 27, 12, 5)

interface Running {
  readonly url: string
  readonly broker: Aedes
  readonly events: GatewayEvent[]
  /** Of all recipients, in the order of the append. */
  disclosures (): Omit<Disclosure, 'id'>[]
}

/** A gateway on a copy of the data folder. `door`: which way the reports of its devices come. */
async function running (t: Test, data: string, door: 'lane' | 'hook'): Promise<Running> {
  const own = `${data}-${door}`
  cpSync(data, own, { recursive: true })
  const broker = await Aedes.createBroker()
  if (door === 'hook') broker.authorizePublish = (_client, _packet, done) => done(null)
  const gateway = await curtilage(broker, { config: 'config', data: own, now: () => NOW_MS })
  for (const recipient of gateway.recipients) await gateway.outbox.pause(recipient, { reason: 'a test', by: 'ops', atMs: NOW_MS })
  const events: GatewayEvent[] = []
  gateway.observe(event => { events.push(event) })
  const server = createServer(broker.handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.close()
    await new Promise<void>(resolve => broker.close(() => resolve()))
    await gateway.close()
  })
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    broker,
    events,
    disclosures: () => gateway.recipients.flatMap(recipient => gateway.outbox.claim(recipient, 10_000, Infinity).map(({ entry }) => ({ ...entry!.disclosure, id: undefined, bytes: Buffer.from(Buffer.from(entry!.disclosure.bytes).toString().replace(/"id":"[g-z]+"/, '')) })))
  }
}

/** A home that gives everything, and one that gives nothing. */
async function homes (t: Test): Promise<string> {
  const data = join(t.testdir(), 'data')
  const core = await openCore({ config: 'config', data, now: () => NOW_MS }, 'command')
  for (const [account, device, regime] of [['A', 'D', 'opt-out'], ['B', 'E', 'opt-in']] as const) {
    await core.registry.accounts.add({ account, regime })
    await core.registry.devices.add({ account, device, password: PASSWORD })
  }
  await core.close()
  return data
}

async function letIn (url: string, user: string, keepalive = 0): Promise<RawClient> {
  const client = new RawClient(url)
  const connack = await client.connect({ username: user, password: Buffer.from(PASSWORD), clientId: 'c', keepalive })
  if (connack?.returnCode !== 0) throw new Error('not let in')
  return client
}

const payloads = fc.oneof(
  fc.record({ event: fc.string(), timestamp: fc.integer({ min: 0, max: 2_000_000_000 }), device_id: fc.stringMatching(/^[0-9A-F]{40}$/), mac: fc.constantFrom('50:C7:BF:0D:91:8C', 'x'), ip: fc.ipV4() }).map(value => JSON.stringify(value)),
  fc.record({ emeter: fc.record({ get_realtime: fc.record({ power: fc.double({ noNaN: true }), voltage: fc.integer() }) }) }).map(value => JSON.stringify(value)),
  fc.json(), fc.constant('{"a":1,"a":2}'), fc.string(), fc.constant('')
).map(text => Buffer.from(text))

const packets = fc.record({
  topic: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('kasa/A/D/motion', 'kasa/A/D/energy-realtime', 'kasa/A/D/sysinfo') },
    { weight: 3, arbitrary: fc.constantFrom('kasa/A/D/unheard-of', 'kasa/A/D/deep/er', 'kasa/A/D/a/b/c/d/e/f/g/h/i', 'kasa/A/D/', 'kasa/A/D/ü') }
  ),
  payload: payloads,
  qos: fc.constantFrom(0, 1, 1, 1, 2),
  dup: fc.boolean()
})

t.test('INVARIANT: two doors, one pipeline: random traffic by the lane and by the hook -> the same answers, events, refusals and disclosures', async t => {
  const data = await homes(t)
  const [lane, hook] = [await running(t, data, 'lane'), await running(t, data, 'hook')]
  let emitted = 0
  lane.broker.on('publish', packet => { if (packet.topic.startsWith('$curtilage')) emitted++ })
  let byLane = 0
  // behind it nothing more comes: the broker reads on past what it closes for, the gate does not
  const closing = fc.option(fc.constantFrom('kasa/B/X/motion', 'kasa/A/E/motion', 'kasa/A/D/cmd/on', 'kasa/A/D', '$SYS/x', 'kasa/A/D/mo\u0001tion'))
  await fc.assert(fc.asyncProperty(fc.constantFrom('D', 'E'), fc.array(packets, { minLength: 1, maxLength: 12 }), fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), closing, async (user, sent, retained, bad) => {
    const bytes = sent.map(({ topic, payload, qos, dup }, i) => generate({
      cmd: 'publish', topic: user === 'E' ? topic.replace('A/D', 'B/E') : topic, payload, qos, dup: qos > 0 && dup, retain: retained[i]! && i % 3 === 0, messageId: i + 1
    } as Packet))
    const told = []
    for (const side of [lane, hook]) {
      const before = side.events.length
      const client = await letIn(side.url, user)
      const last = { cmd: 'publish', topic: bad ?? `kasa/${user === 'E' ? 'B/E' : 'A/D'}/motion`, payload: '{"event":"last"}', qos: 1, dup: false, retain: false, messageId: 60_000 } as const
      client.sendBytes(Buffer.concat([...bytes, generate(last)]))
      if (bad === null) while (!client.received.some(packet => packet.cmd === 'puback' && packet.messageId === 60_000)) await new Promise(resolve => setTimeout(resolve, 1))
      else await client.closed()
      // what was under way as it closed becomes final nevertheless
      await until(() => side.events.slice(before).filter(({ type }) => type === 'report' || type === 'refused').length === bytes.length + 1)
      const answers = (cmd: string) => client.received.filter(packet => packet.cmd === cmd).map(({ messageId }) => messageId)
      const events = side.events.slice(before).map(event => JSON.stringify({ ...event, seconds: undefined })).sort()
      told.push({ events, ...(bad === null && { pubacks: answers('puback'), pubrecs: answers('pubrec') }) })
      client.drop()
      if (side === lane) byLane += events.filter(event => event.includes('"type":"report"')).length
    }
    t.strictSame(told[0], told[1])
  }), { numRuns: 60 })
  t.ok(byLane > emitted, 'most of them came by the lane')
  const disclosures = [lane.disclosures(), hook.disclosures()]
  t.ok(disclosures[0]!.length > 0)
  t.strictSame(disclosures[0]!.map(({ bytes, recipient }) => `${recipient} ${Buffer.from(bytes).toString()}`).sort(), disclosures[1]!.map(({ bytes, recipient }) => `${recipient} ${Buffer.from(bytes).toString()}`).sort())
})

t.test('lane: reports of a device -> acknowledged, and nothing of them enters the broker; with a hook of the host every packet goes by it', async t => {
  for (const asked of [false, true]) {
    const world = await doorWorld(t)
    const seen: string[] = []
    if (asked) world.broker.authorizePublish = (_client, packet, done) => { seen.push(packet.topic); done(null) }
    let emitted = 0
    world.broker.on('publish', (_packet, client) => { if (client !== null) emitted++ })
    const client = world.connect('D')
    for (let i = 0; i < 10; i++) await client.publishAsync('kasa/A/D/motion', '{}', { qos: 1 })
    t.equal(world.taken.length, 10)
    t.equal(emitted, asked ? 10 : 0)
    t.equal(seen.length, asked ? 10 : 0)
    if (!asked) continue
    world.broker.authorizePublish = (_client, _packet, done) => done(new Error('no'))
    client.publish('kasa/A/D/motion', '{}', { qos: 1 })
    await new Promise<void>(resolve => client.once('close', () => resolve()))
    t.equal(world.taken.length, 10, 'one that comes later is asked as well, of a connection that was there before')
  }
})

t.test('lane: a device that sends nothing but reports -> keeps itself alive by them; silent, it is closed', async t => {
  const world = await doorWorld(t)
  const reporting = new RawClient(world.listener.url)
  const silent = new RawClient(world.listener.url)
  for (const [client, user] of [[reporting, 'D'], [silent, 'E']] as const) await client.connect({ username: user, password: Buffer.from('right'), keepalive: 1, clientId: user })
  const timer = setInterval(() => reporting.send({ cmd: 'publish', topic: 'kasa/A/D/motion', payload: '{}', qos: 0, dup: false, retain: false }), 100)
  await silent.closed()
  const { length } = world.taken
  await until(() => world.taken.length >= length + 10)
  t.notOk(reporting.isClosed)
  clearInterval(timer)
  await reporting.closed()
})

t.test('lane: reports by it and by the broker in turn -> taken and answered in the order of the packets', async t => {
  const world = await doorWorld(t)
  const client = new RawClient(world.listener.url)
  await client.connect({ username: 'D', password: Buffer.from('right') })
  // retained ones and QoS 2 go by the broker
  const sent = Array.from({ length: 200 }, (_, i): Packet => ({ cmd: 'publish', topic: `kasa/A/D/r${i}`, payload: '{}', qos: i % 7 === 5 ? 2 : i % 3 === 0 ? 0 : 1, retain: i % 5 === 0, dup: false, messageId: i + 1 }))
  client.sendBytes(Buffer.concat(sent.map(packet => generate(packet))))
  await until(() => world.taken.length === 200)
  t.strictSame(world.taken, sent.map(packet => (packet as { topic: string }).topic))
  const ids = (cmd: string) => client.received.filter(packet => packet.cmd === cmd).map(({ messageId }) => messageId)
  const expected = (qos: number) => sent.filter(packet => (packet as { qos: number }).qos === qos).map(({ messageId }) => messageId)
  await until(() => ids('puback').length === expected(1).length && ids('pubrec').length === expected(2).length)
  t.strictSame(ids('puback'), expected(1))
  t.strictSame(ids('pubrec'), expected(2))
})

t.test('lane: a topic of another device, spelled like its own -> closed, not taken', async t => {
  for (const topic of ['kasa/A/E/motion', 'kasa/A/DD/motion', 'kasa/A/D', 'kasa/A/D/cmd/on', 'Kasa/A/D/motion', 'kasa/A/d/motion', '/kasa/A/D/motion', 'kasa/A/D/motion/+']) {
    const world = await doorWorld(t)
    const client = new RawClient(world.listener.url)
    await client.connect({ username: 'D', password: Buffer.from('right') })
    for (let i = 0; i < 3; i++) client.send({ cmd: 'publish', topic: 'kasa/A/D/motion', payload: '{}', qos: 1, dup: false, retain: false, messageId: 1 })
    client.sendBytes(Buffer.concat([Buffer.from([0x32, topic.length + 6, 0, topic.length]), Buffer.from(topic), Buffer.from([0, 9, 0x7b, 0x7d])]))
    await client.closed()
    t.strictSame(world.taken, Array.from({ length: 3 }, () => 'kasa/A/D/motion'), topic)
    t.equal(world.refused.length, 1)
    t.notOk(client.received.some(({ messageId }) => messageId === 9))
  }
})
