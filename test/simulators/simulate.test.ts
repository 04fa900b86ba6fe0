/** Simulated devices over real connections, against a real broker in this process. */

import { createServer, type Server } from 'node:net'
import { once } from 'node:events'
import { Aedes, type Client, type PublishPacket } from 'aedes'
import t from 'tap'
import { DeviceConnection } from '../../simulators/connection.js'
import { makeHome, makeHomes, type Home } from '../../simulators/home.js'
import { MISBEHAVIORS, type Subject } from '../../simulators/misbehavior.js'
import { progressLine } from '../../simulators/progress-line.js'
import { simulate, startHome, type Progress } from '../../simulators/simulate.js'

interface Seen {
  readonly device: string
  readonly clientId: string
  readonly topic: string
  readonly payload: Buffer
  readonly retain: boolean
  readonly duplicate: boolean
}

interface Broker {
  readonly url: string
  readonly seen: Seen[]
  until (condition: () => boolean): Promise<void>
}

t.test('simulate: a rate, until stopped -> all acknowledged, on their own topics, counted', async t => {
  const homes = makeHomes('rate', 3)
  const broker = await startBroker(t, homes)
  const lines: string[] = []
  const simulation = simulate({ url: broker.url, homes, ratePerSecond: 400, seed: 'rate', progressMs: 50, onProgress: progress => lines.push(progressLine(progress)) })
  await simulation.connected
  await broker.until(() => broker.seen.length >= 200 && lines.length > 0)
  const summary = await simulation.stop()

  t.equal(summary.connected, homes.flatMap(home => home.devices).length)
  t.equal(summary.acknowledged, summary.sent)
  t.equal(summary.sent, broker.seen.length)
  t.equal(summary.failed + summary.refused + summary.inFlight, 0)
  t.equal(Object.values(summary.byReport).reduce((sum, count) => sum + count, 0), summary.sent)
  t.ok(broker.seen.every(({ topic, device }) => topic.startsWith(`kasa/${accountOf(homes, device)}/${device}/`)))
  t.ok(broker.seen.every(({ payload }) => typeof JSON.parse(payload.toString()) === 'object'))
  t.match(lines.at(-1), /^\d+ s {2}3 homes {2}\d+\/\d+ devices {2}\d+ sent {2}\d+ acknowledged {2}\d+ in flight {2}[\d.]+\/s$/)
  t.equal(simulation.stop(), simulation.done, 'stopping twice is stopping once')
})

t.test('simulate: a duration -> stops by itself', async t => {
  const homes = makeHomes('duration', 1)
  const broker = await startBroker(t, homes)
  const summary = await simulate({ url: broker.url, homes: 1, ratePerSecond: 100, seed: 'duration', durationMs: 300 }).done
  t.equal(summary.acknowledged, broker.seen.length)
  t.same(summary.misbehaviors, {})
})

t.test('startHome: faster than nature -> boot reports of every device first', async t => {
  const home = makeHome('boot', 1)
  const broker = await startBroker(t, [home])
  const simulation = startHome(home, broker.url, { speed: 100 })
  await broker.until(() => home.devices.every(device => broker.seen.some(seen => seen.device === device.device)))
  await simulation.stop()
  t.ok(broker.seen.some(({ topic }) => /(sysinfo|device-info)$/.test(topic)))
})

t.test('simulate: a tour -> every report of every device, rare ones too', async t => {
  const homes = makeHomes('tour', 1)
  const broker = await startBroker(t, homes)
  const simulation = simulate({ url: broker.url, homes, ratePerSecond: 500, seed: 'tour', tour: true })
  const wanted = homes.flatMap(home => home.devices).flatMap(device => device.acts.map(act => device.topic(act.report)))
  await broker.until(() => wanted.every(topic => broker.seen.some(seen => seen.topic === topic)))
  t.equal((await simulation.stop()).failed, 0)
})

t.test('simulate: a cut connection -> the device comes back and repeats what was not acknowledged', async t => {
  const home = makeHome('cut', 1)
  let hold: (() => void)[] | undefined = []
  const broker = await startBroker(t, [home], { before: async () => { if (hold) await new Promise<void>(resolve => hold?.push(resolve)) } })
  const [device] = home.devices
  if (device === undefined) return t.fail('no device')
  const connection = new DeviceConnection(device, { url: broker.url, reconnectMs: 10 })
  t.ok(await connection.opened())
  const [report] = device.reports(0)
  if (report === undefined) return t.fail('no report')
  const acknowledged = connection.publish(report)
  await broker.until(() => broker.seen.length === 1)
  connection.cut()
  hold.forEach(release => release())
  hold = undefined
  t.ok(await acknowledged)
  t.equal(connection.reconnects, 1)
  t.same(broker.seen.map(seen => seen.payload), [report.payload, report.payload])
  await connection.close()
})

t.test('simulate: wrong credentials -> refused, and the others go on', async t => {
  const homes = makeHomes('refused', 2)
  const broker = await startBroker(t, homes)
  const wrong = homes[0]?.devices[0]
  const simulation = simulate({ url: broker.url, homes, ratePerSecond: 200, seed: 'refused', credentials: device => device === wrong ? 'x'.repeat(20) : device.password })
  await simulation.connected
  await broker.until(() => broker.seen.length > 20)
  const summary = await simulation.stop()
  t.equal(summary.refused, 1)
  t.notOk(broker.seen.some(seen => seen.device === wrong?.device))
})

t.test('misbehaviors: each, against a strict broker -> does what its name says and gets what it expects', async t => {
  const [home, other] = makeHomes('odd', 2)
  if (home === undefined || other === undefined) return t.fail('no homes')
  const broker = await startBroker(t, [home, other])
  const [device, stranger] = [home.devices[0], other.devices[0]]
  if (device === undefined || stranger === undefined) return t.fail('no devices')
  for (const [sequence, misbehavior] of MISBEHAVIORS.entries()) {
    broker.seen.length = 0
    const subject: Subject = { url: broker.url, device, stranger, epochMs: 0, sequence }
    t.equal(await misbehavior.run(subject), misbehavior.expected, misbehavior.name)
    if (misbehavior.name === 'mac-in-will') await broker.until(() => broker.seen.length === 2)
    const check = CHECKS[misbehavior.name]
    if (check) t.ok(check(broker.seen, subject), `${misbehavior.name}: as described`)
  }
})

t.test('simulate: with misdeeds -> tallied, and the other devices undisturbed', async t => {
  const homes = makeHomes('trouble', 2)
  const broker = await startBroker(t, homes)
  let latest: Progress | undefined
  const simulation = simulate({ url: broker.url, homes, ratePerSecond: 100, seed: 'trouble', misbehave: true, misbehaveEveryMs: 1, progressMs: 20, onProgress: progress => { latest = progress } })
  await broker.until(() => (latest?.acknowledged ?? 0) > 50 && broker.seen.some(seen => seen.duplicate))
  const summary = await simulation.stop()
  t.equal(summary.acknowledged, summary.sent)
  t.ok(Object.keys(summary.misbehaviors).length > 10)
  t.ok(Object.values(summary.misbehaviors).every(tally => tally.asExpected === tally.tried))
})

const CHECKS: Readonly<Record<string, (seen: readonly Seen[], subject: Subject) => boolean>> = {
  'not-json': ([seen]) => !isJson(seen),
  'cut-off': ([seen]) => !isJson(seen),
  'invalid-utf8': ([seen]) => !isUtf8(seen),
  large: ([seen]) => isJson(seen) && seen?.payload.length === 300 * 1024,
  deep: ([seen]) => depth(seen) === 10_000,
  'duplicate-keys': ([seen]) => isJson(seen) && (seen?.payload.toString().match(/"event":/g) ?? []).length >= 2,
  'mac-in-topic': ([seen], { device }) => seen?.topic.endsWith(`/${device.mac.replaceAll(':', '')}`) === true,
  'mac-in-client-id': ([seen], { device }) => seen?.clientId === device.mac,
  'mac-in-will': (seen, { device }) => seen[1]?.payload.includes(device.mac) === true,
  replay: ([first, second], _subject) => first?.duplicate === false && second?.duplicate === true && first.payload.equals(second.payload),
  'wrong-password': seen => seen.length === 0,
  unregistered: seen => seen.length === 0,
  'empty-client-id': seen => seen.length === 0,
  'newer-protocol': seen => seen.length === 0
}

function isUtf8 (seen: Seen | undefined): boolean {
  return seen !== undefined && Buffer.from(seen.payload.toString()).equals(seen.payload)
}

function isJson (seen: Seen | undefined): boolean {
  try {
    return JSON.parse(seen?.payload.toString() ?? '') !== undefined
  } catch {
    return false
  }
}

function depth (seen: Seen | undefined): number {
  return seen?.payload.indexOf('1') ?? 0
}

function accountOf (homes: readonly Home[], device: string): string | undefined {
  return homes.find(home => home.devices.some(each => each.device === device))?.account
}

/** A broker that knows the devices of these homes and is as strict as a gateway: own topics only, no packet over a megabyte. */
async function startBroker (t: Teardown, homes: readonly Home[], { before = async () => {} } = {}): Promise<Broker> {
  const devices = new Map(homes.flatMap(home => home.devices).map(device => [device.device, device]))
  const seen: Seen[] = []
  const waiting = new Set<() => void>()
  const users = new WeakMap<Client, string>()
  const broker = await Aedes.createBroker({
    preConnect: (_client, packet, done) => done(packet.clientId === '' ? Object.assign(new Error('no name'), { returnCode: 2 }) : null, packet.clientId !== ''),
    authenticate: (client, username, password, done) => {
      users.set(client, username ?? '')
      const known = devices.get(username ?? '')?.password === password?.toString()
      done(known ? null : Object.assign(new Error('refused'), { returnCode: 4 }), known)
    },
    authorizePublish: (client, packet, done) => {
      const username = client === null ? packet.topic.split('/')[2] ?? '' : users.get(client) ?? ''
      const own = packet.topic.startsWith(`kasa/${devices.get(username)?.account}/${username}/`)
      if (!own || packet.retain || packet.payload.length > 1_048_576) return done(new Error('not allowed'))
      seen.push(entry(username, client, packet))
      waiting.forEach(look => look())
      before().then(() => done(null))
    },
    authorizeSubscribe: (client, _subscription, done) => {
      client.close()
      done(new Error('not allowed'))
    }
  })
  const server: Server = createServer(broker.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.close()
    await new Promise<void>(resolve => broker.close(resolve))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return { url: `mqtt://127.0.0.1:${address.port}`, seen, until: condition => until(condition, waiting) }
}

interface Teardown {
  teardown (end: () => Promise<void>): void
}

function entry (device: string, client: Client | null, packet: PublishPacket): Seen {
  return { device, clientId: client?.id ?? '', topic: packet.topic, payload: Buffer.from(packet.payload), retain: packet.retain, duplicate: packet.dup }
}

/** Looks at every packet, and now and then in case what is awaited is not a packet. */
async function until (condition: () => boolean, waiting: Set<() => void>): Promise<void> {
  await new Promise<void>(resolve => {
    const look = () => {
      if (!condition()) return
      clearInterval(timer)
      waiting.delete(look)
      resolve()
    }
    const timer = setInterval(look, 20)
    waiting.add(look)
    look()
  })
}
