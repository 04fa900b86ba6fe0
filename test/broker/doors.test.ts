/** How many get in, and how often they may try: over real sockets, from several loopback addresses where sources matter. */

import t, { type Test } from 'tap'
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import type { IClientOptions, MqttClient } from 'mqtt'
import { FailedLogins } from '../../src/broker/failed-logins.js'
import { sourceOf } from '../../src/broker/source.js'
import { listen } from '../../src/broker/listeners/listen.js'
import { openFilesLimit, strangersThatFit } from '../../src/broker/listeners/open-files.js'
import { ADDRESS, doorWorld, outcome, until, type DoorWorld } from './door-world.js'

const MINUTE_MS = 60_000

async function stranger (t: Test, { port }: DoorWorld, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {}).resume()
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function connackOf (world: DoorWorld, user: string, options: IClientOptions = {}): Promise<string | number> {
  const client = world.connect(user, options)
  const got = await outcome(client)
  client.end(true)
  return got
}

t.test('sources: an address as a socket gives it -> IPv4, or the /64 of IPv6', async t => {
  const rows: [string, string][] = [
    ['192.0.2.1', '192.0.2.1'], ['::ffff:192.0.2.1', '192.0.2.1'], ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'], ['2001:DB8:1:2::', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'], ['::1', '0:0:0:0'], ['fe80::1%eth0', 'fe80:0:0:0'], ['', '']
  ]
  for (const [address, source] of rows) t.equal(sourceOf(address), source, address)
})

t.test('failed logins: guesses -> a few for a user name from one source, some for the source, as many again in a minute', async t => {
  let nowMs = 1_000
  const logins = new FailedLogins(60, () => nowMs)
  const tries = (count: number, user: (i: number) => string): number => {
    let asked = 0
    for (let i = 0; i < count; i++) {
      if (!logins.mayTry('192.0.2.1', user(i))) continue
      asked++
      logins.failed('192.0.2.1', user(i))
    }
    return asked
  }
  t.equal(tries(100, () => 'D'), 6)
  t.ok(logins.mayTry('192.0.2.1', 'E'), 'another user name from there')
  t.ok(logins.mayTry('192.0.2.2', 'D'), 'the same user name from elsewhere: a stranger cannot lock a device out')
  t.equal(tries(1_000, i => `guess ${i}`), 54)
  t.notOk(logins.mayTry('192.0.2.1', 'E'))
  t.ok(logins.mayTry('192.0.2.2', 'E'))
  nowMs += MINUTE_MS
  t.equal(tries(100, () => 'D'), 6)
  nowMs += MINUTE_MS / 6
  t.equal(tries(100, () => 'D'), 1)
})

t.test('failed logins: a neighbor who guesses -> those that got in before are let past the count of their source', async t => {
  const logins = new FailedLogins(60, () => 0)
  logins.succeeded('192.0.2.1', 'D')
  for (let i = 0; i < 1_000; i++) if (logins.mayTry('192.0.2.1', `guess ${i}`)) logins.failed('192.0.2.1', `guess ${i}`)
  t.ok(logins.mayTry('192.0.2.1', 'D'))
  t.notOk(logins.mayTry('192.0.2.1', 'E'))
  for (let i = 0; i < 6; i++) logins.failed('192.0.2.1', 'D')
  t.notOk(logins.mayTry('192.0.2.1', 'D'), 'its own failures count')
})

t.test('failed logins: ten thousand devices behind one address, all valid -> all are let try, twice', async t => {
  const logins = new FailedLogins(60, () => 0)
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 10_000; i++) {
      if (!logins.mayTry('192.0.2.1', `device-${i}`)) t.fail(`device-${i}`)
      logins.succeeded('192.0.2.1', `device-${i}`)
    }
  }
  t.strictSame(logins.size, { counted: 0, known: 10_000 })
})

t.test('failed logins: from more sources than there is room for -> bounded; what is over is forgotten', async t => {
  let nowMs = 0
  const logins = new FailedLogins(60, () => nowMs)
  for (let i = 0; i < 120_000; i++) {
    logins.failed(`${i}`, 'D')
    logins.succeeded(`${i}`, 'E')
  }
  t.ok(logins.size.counted <= 100_000)
  t.ok(logins.size.known <= 100_000)
  nowMs += MINUTE_MS
  logins.failed('192.0.2.1', 'D')
  t.equal(logins.size.counted, 2)
})

t.test('logins on the wire: too many wrong ones -> refused without asking, counted; others get in', async t => {
  const world = await doorWorld(t, { limits: { maxFailedLogins: 10 } })
  for (let i = 0; i < 6; i++) t.equal(await connackOf(world, 'D', { password: 'wrong' }), 4)
  t.equal(world.asked, 6)
  t.equal(await connackOf(world, 'D', { password: 'wrong' }), 3)
  t.equal(await connackOf(world, 'D'), 3, 'the right one neither, for a while')
  t.equal(world.asked, 6, 'the credential store was not asked')
  t.equal(world.refused.filter(reason => reason === 'failed-logins').length, 2)
  t.equal(await connackOf(world, 'account:A'), 'connected')
  for (let i = 0; i < 4; i++) t.equal(await connackOf(world, `guess-${i}`), 4)
  t.equal(await connackOf(world, 'E'), 3)
  t.equal(await connackOf(world, 'account:A'), 'connected', 'who got in from there before')
})

t.test('connections: of one device, app or recipient more than it may have -> the oldest gives way, the newest is in', async t => {
  const world = await doorWorld(t, { limits: { maxConnectionsPerDevice: 3 } })
  const clients: MqttClient[] = []
  for (let i = 0; i < 5; i++) {
    const client = world.connect('D', { clientId: `c${i}` })
    t.equal(await outcome(client), 'connected')
    clients.push(client)
  }
  await until(() => clients.filter(({ connected }) => connected).length === 3)
  t.strictSame(clients.map(({ connected }) => connected), [false, false, true, true, true])
  t.strictSame(world.refused, ['replaced', 'replaced'])
  const again = world.connect('D', { clientId: 'c3' })
  t.equal(await outcome(again), 'connected')
  await until(() => clients[3]?.connected === false)
  t.strictSame(clients.map(({ connected }) => connected), [false, false, true, false, true], 'a takeover costs no other its place')
  t.equal(await connackOf(world, 'E'), 'connected', 'nor do those of one device another one')
  for (const [user, max] of [['account:A', 32], ['recipient:R', 8]] as const) {
    for (let i = 0; i <= max; i++) await outcome(world.connect(user, { clientId: `${i}` }))
    const [identity] = user === 'account:A' ? [{ kind: 'app', account: 'A' } as const] : [{ kind: 'recipient', recipient: 'R' } as const]
    await until(() => world.installed.connected.of(identity).size === max)
  }
})

t.test('connections: as many as there may be, over all listeners -> the next is refused until one leaves', async t => {
  const world = await doorWorld(t, { limits: { maxConnections: 2 } })
  const web = await listen(world.broker, { type: 'ws', ...ADDRESS }, { name: 'ws', room: world.room, limits: { maxPacketBytes: 1000, maxConnectBytes: 1000, maxBufferedBytes: 100_000, handshakeTimeoutMs: 1000 }, tell: () => {} })
  t.teardown(() => web.close())
  const first = world.connect('D')
  t.equal(await outcome(first), 'connected')
  const second = world.connect('E', { ...connectionTo(web.url) })
  t.equal(await outcome(second), 'connected')
  t.equal(second.options.port, Number(new URL(web.url).port))
  t.equal(await connackOf(world, 'account:A'), 3)
  t.equal(await connackOf(world, 'account:A', connectionTo(web.url)), 3)
  t.strictSame(world.refused, ['too-many-connections', 'too-many-connections'])
  const taking = world.connect('D', { clientId: first.options.clientId ?? '' })
  t.equal(await outcome(taking), 'connected', 'a takeover needs no place more')
  taking.end(true)
  await until(() => world.installed.connected.size === 1)
  t.equal(await connackOf(world, 'account:A'), 'connected')
})

function connectionTo (url: string): IClientOptions {
  const { hostname, port } = new URL(url)
  return { protocol: 'ws', hostname, port: Number(port) }
}

t.test('strangers: as many as there may be -> one of them makes room; who is in is not touched, and devices get in', async t => {
  const world = await doorWorld(t, { maxWaiting: 5 })
  const inside = world.connect('D')
  t.equal(await outcome(inside), 'connected')
  for (let i = 0; i < 50; i++) await stranger(t, world)
  await until(() => world.refused.length === 45)
  t.equal(world.room.size, 5)
  t.strictSame([...new Set(world.refused)], ['too-many-strangers'])
  const late = world.connect('E')
  t.equal(await outcome(late), 'connected')
  t.ok(inside.connected)
  t.ok(world.room.size <= 5)
})

t.test('strangers: few files that may be open -> half of what is beside the gateway\'s own, and some in any case', async t => {
  const limits = (soft: string): string => `Limit                     Soft Limit           Hard Limit           Units\nMax processes             1      1      processes\nMax open files            ${soft}                 ${soft}                 files\n`
  for (const [text, limit] of [[limits('1024'), 1024], [limits('unlimited'), Infinity], ['', Infinity]] as const) t.equal(openFilesLimit(text), limit)
  t.ok(openFilesLimit() > 0)
  for (const [limit, fit] of [[Infinity, 10_000], [1_048_576, 10_000], [1024, 448], [130, 16], [10, 16]] as const) t.equal(strangersThatFit(10_000, limit), fit, String(limit))
  t.equal(strangersThatFit(100, 1024), 100)
})

t.test('strangers: one source floods -> its own sockets go, not those of others', async t => {
  const world = await doorWorld(t, { maxWaiting: 20 })
  const quiet = [await stranger(t, world, '127.0.0.3'), await stranger(t, world, '127.0.0.4')]
  const flood = await Promise.all(Array.from({ length: 200 }, async () => await stranger(t, world, '127.0.0.2')))
  await until(() => world.refused.length === 182)
  for (const socket of quiet) t.notOk(socket.destroyed || socket.readableEnded)
  await until(() => flood.filter(({ destroyed }) => destroyed).length === 182)
  t.equal(world.room.size, 20)
})
