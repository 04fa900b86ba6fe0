/** Every kind of listener, with real clients through it. Those with TLS need openssl for certificates of their own; skipped by name without. */

import t, { type Test } from 'tap'
import { once } from 'node:events'
import { copyFileSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { IClientOptions } from 'mqtt'
import { WebSocket } from 'ws'
import { deviceNamedBy } from '../../src/broker/listeners/device-name.js'
import type { ClientCertificateSettings, ListenerSettings } from '../../src/policy/gateway-settings.js'
import { ADDRESS, Authority, doorWorld, outcome, until, WITHOUT_OPENSSL, type DoorWorld, type Issued } from './door-world.js'

const LOCAL = 'IP:127.0.0.1'
const OPENSSL = { skip: WITHOUT_OPENSSL }

function tls (type: 'mqtts' | 'wss', files: Issued, client?: ClientCertificateSettings): ListenerSettings {
  return { type, ...ADDRESS, ...files, ...(client !== undefined && { client }) }
}

function trusting ({ caFile }: Authority, shown?: Issued): IClientOptions {
  return {
    ca: readFileSync(caFile),
    ...(shown !== undefined && { cert: readFileSync(shown.certFile), key: readFileSync(shown.keyFile) })
  }
}

async function gotReport (world: DoorWorld, user: string | undefined, options: IClientOptions = {}): Promise<boolean> {
  const client = world.connect(user, options)
  if (await outcome(client) !== 'connected') return false
  await client.publishAsync('kasa/A/D/motion', 'x', { qos: 1 })
  return world.taken.includes('kasa/A/D/motion')
}

/** Serial number of the certificate that a new connection is shown. */
async function serialShown (port: number): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

async function ended (socket: Socket): Promise<void> {
  socket.on('error', () => {}).resume()
  if (!socket.closed) await new Promise<void>(resolve => socket.once('close', () => resolve()))
}

t.test('listeners: mqtt and ws -> a client gets through', async t => {
  for (const type of ['mqtt', 'ws'] as const) {
    const world = await doorWorld(t, { listener: { type, ...ADDRESS } })
    t.match(world.listener.url, new RegExp(`^${type}://127\\.0\\.0\\.1:\\d+$`))
    t.ok(await gotReport(world, 'D'), type)
    t.equal(world.room.size, 0, 'who is in waits no more')
  }
})

t.test('listeners: mqtts and wss -> a client gets through, TLS 1.1 does not', OPENSSL, async t => {
  const authority = new Authority(t.testdir(), 'one')
  for (const type of ['mqtts', 'wss'] as const) {
    const world = await doorWorld(t, { listener: tls(type, authority.issue('server', '/CN=server', LOCAL)) })
    t.ok(await gotReport(world, 'D', trusting(authority)), type)
    t.equal(world.room.size, 0)
    const old = connectTls({ host: '127.0.0.1', port: world.port, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', rejectUnauthorized: false, ciphers: 'DEFAULT@SECLEVEL=0' })
    old.once('secureConnect', () => t.fail(`${type} below TLS 1.2`))
    await ended(old)
    await until(() => world.refused.includes('handshake'))
  }
})

t.test('listeners: an address in use, a certificate that is none -> a clear error', async t => {
  const { port } = await doorWorld(t)
  for (const type of ['mqtt', 'ws'] as const) await t.rejects(doorWorld(t, { listener: { ...ADDRESS, type, port } }), { code: 'listener-failed', message: /EADDRINUSE/ })
  const folder = t.testdir({ 'cert.pem': 'no certificate', 'key.pem': 'no key' })
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
  await t.rejects(doorWorld(t, { listener: tls('mqtts', files) }), { code: 'listener-failed', message: /malformed/ })
  await t.rejects(doorWorld(t, { listener: tls('mqtts', { ...files, certFile: join(folder, 'none.pem') }) }), { code: 'listener-failed', message: /ENOENT/ })
  await t.rejects(doorWorld(t, { listener: tls('mqtts', { ...files, certFile: folder }) }), { code: 'listener-failed' })
})

t.test('listeners: without encryption on more than this machine -> refused unless the configuration says so', async t => {
  for (const type of ['mqtt', 'ws'] as const) {
    for (const host of ['0.0.0.0', '::', '::ffff:0.0.0.0']) {
      await t.rejects(doorWorld(t, { listener: { type, ...ADDRESS, host } }), { code: 'listener-failed', message: /not loopback/ }, `${type} ${host}`)
    }
    const world = await doorWorld(t, { listener: { type, ...ADDRESS, host: '0.0.0.0', plaintext: true } })
    t.ok(world.port > 0)
  }
})

t.test('certificates: files replaced, in each way that tools do it -> new connections get the new one, those there are stay', OPENSSL, async t => {
  const folder = t.testdir()
  const authority = new Authority(folder, 'one')
  const live = { certFile: join(folder, 'live.pem'), keyFile: join(folder, 'live.key') }
  const replace = (issued: Issued, put: (from: string, to: string) => void): void => {
    put(issued.certFile, live.certFile)
    put(issued.keyFile, live.keyFile)
  }
  replace(authority.issue('first', '/CN=first', LOCAL), copyFileSync)
  const world = await doorWorld(t, { listener: tls('mqtts', live) })
  const stays = world.connect('D', trusting(authority))
  t.equal(await outcome(stays), 'connected')
  let before = await serialShown(world.port)
  const ways: Record<string, (from: string, to: string) => void> = {
    'written over': copyFileSync,
    'renamed onto': renameSync,
    'a link moved': (from, to) => {
      symlinkSync(from, `${to}.next`)
      renameSync(`${to}.next`, to)
    },
    'a link moved again': (from, to) => {
      rmSync(to)
      symlinkSync(from, to)
    }
  }
  for (const [way, put] of Object.entries(ways)) {
    const taken = world.events.length
    replace(authority.issue(`next-${taken}`, '/CN=next', LOCAL), put)
    await until(() => world.events.slice(taken).some(({ type }) => type === 'certificate'))
    const after = await serialShown(world.port)
    t.not(after, before, way)
    before = after
  }
  t.notOk(world.events.some(({ type }) => type === 'certificate-refused'), 'half a replacement is waited out, or told by its mismatch only')
  await stays.publishAsync('kasa/A/D/motion', 'x', { qos: 1 })
  t.ok(stays.connected, 'through all of it')
})

t.test('certificates: files that are no good -> the ones before stay in use, told once each; good ones again -> taken', OPENSSL, async t => {
  const folder = t.testdir()
  const authority = new Authority(folder, 'one')
  const [live, other, old] = [authority.issue('live', '/CN=live', LOCAL), authority.issue('other', '/CN=other', LOCAL), authority.issue('old', '/CN=old', LOCAL, -1)]
  const [cert, key] = [readFileSync(live.certFile), readFileSync(live.keyFile)]
  const world = await doorWorld(t, { listener: tls('mqtts', live) })
  t.match(world.events, [{ type: 'certificate', listener: 'mqtts', expiresMs: Number }])
  const serial = await serialShown(world.port)
  const spoiled: [string, () => void][] = [
    ['mismatch', () => copyFileSync(other.certFile, live.certFile)],
    ['malformed', () => writeFileSync(live.certFile, cert.subarray(0, cert.length / 2))],
    ['malformed', () => writeFileSync(live.certFile, Buffer.concat([cert, cert.subarray(0, cert.length / 2)]))],
    ['malformed', () => writeFileSync(live.certFile, '')],
    ['malformed', () => writeFileSync(live.keyFile, 'secret words')],
    ['unreadable', () => rmSync(live.certFile)],
    ['expired', () => {
      copyFileSync(old.certFile, live.certFile)
      copyFileSync(old.keyFile, live.keyFile)
    }]
  ]
  for (const [trouble, spoil] of spoiled) {
    const told = world.events.length
    spoil()
    await until(() => world.events.length > told)
    t.match(world.events.slice(told), [{ type: 'certificate-refused', listener: 'mqtts', trouble }])
    t.equal(await serialShown(world.port), serial, trouble)
    writeFileSync(live.certFile, cert)
    writeFileSync(live.keyFile, key)
    await until(() => world.events.at(-1)?.type === 'certificate')
  }
  t.notMatch(JSON.stringify(world.events), /BEGIN|secret|live/)
})

t.test('certificates: reload -> taken at once, without waiting for quiet', OPENSSL, async t => {
  const authority = new Authority(t.testdir(), 'one')
  const [live, next] = [authority.issue('live', '/CN=live', LOCAL), authority.issue('next', '/CN=next', LOCAL)]
  const world = await doorWorld(t, { listener: tls('mqtts', live) })
  copyFileSync(next.certFile, live.certFile)
  await world.listener.reload()
  copyFileSync(next.keyFile, live.keyFile)
  await world.listener.reload()
  t.match(world.events.slice(1).map(({ type }) => type), ['certificate-refused', 'certificate'])
  t.equal(await serialShown(world.port), (await import('node:crypto').then(({ X509Certificate }) => new X509Certificate(readFileSync(next.certFile)))).serialNumber)
})

t.test('client certificates: names -> one device or none', async t => {
  const rows: [object, string | undefined][] = [
    [{ subject: { CN: 'D' } }, 'D'],
    [{ subject: { CN: 'D' }, subjectaltname: 'DNS:D' }, 'D'],
    [{ subject: { CN: 'D' }, subjectaltname: 'URI:spiffe://fleet/device/D, DNS:gateway.example.com' }, 'D'],
    [{ subject: { CN: 'Plug of the kitchen' }, subjectaltname: 'URI:https://x/D' }, 'D'],
    [{ subject: {}, subjectaltname: 'DNS:D' }, 'D'],
    [{ subjectaltname: 'DNS:D' }, 'D'],
    [{ subject: { CN: 'D' }, subjectaltname: 'DNS:E' }, undefined],
    [{ subject: { CN: ['D', 'E'] } }, undefined],
    [{ subject: { CN: 'D' }, subjectaltname: 'URI:spiffe://fleet/E' }, undefined],
    [{ subject: { CN: 'Plug of the kitchen' } }, undefined],
    [{ subject: {} }, undefined],
    [{ subject: { CN: '' } }, undefined],
    [{ subject: { CN: 'D ' } }, undefined],
    [{ subject: { CN: 'account:A' } }, undefined],
    [{ subject: { CN: 'x'.repeat(65) } }, undefined],
    [{ subject: {}, subjectaltname: 'URI:spiffe://D' }, undefined],
    [{ subject: {}, subjectaltname: 'URI:spiffe://fleet/D/' }, undefined],
    [{ subject: {}, subjectaltname: 'URI:spiffe://fleet/D?x' }, undefined],
    [{ subject: {}, subjectaltname: 'URI:urn:D' }, undefined],
    [{ subject: {}, subjectaltname: 'email:D, IP Address:127.0.0.1' }, undefined],
    [{ subject: { CN: 'D' }, subjectaltname: 'URI:"http://x/\\u002c DNS:E"' }, undefined]
  ]
  for (const [certificate, device] of rows) t.equal(deviceNamedBy(certificate), device, JSON.stringify(certificate))
})

t.test('client certificates: who shows what, where -> in as that device, or refused', OPENSSL, async t => {
  const folder = t.testdir()
  const [server, fleet, strangers] = [new Authority(folder, 'server'), new Authority(folder, 'fleet'), new Authority(folder, 'strangers')]
  const serverFiles = server.issue('server', '/CN=server', LOCAL)
  const shown = {
    D: fleet.issue('d', '/CN=D'),
    uri: fleet.issue('uri', '/O=fleet', 'URI:spiffe://fleet/device/D'),
    unknown: fleet.issue('unknown', '/CN=F'),
    two: fleet.issue('two', '/CN=D', 'DNS:E'),
    app: fleet.issue('app', '/CN=account:A'),
    old: fleet.issue('old', '/CN=D', undefined, -1),
    servers: fleet.issue('servers', '/CN=D', undefined, 2, 'serverAuth'),
    foreign: strangers.issue('foreign', '/CN=D'),
    revoked: fleet.issue('revoked', '/CN=D')
  }
  fleet.revoke(shown.revoked)
  const client = { caFile: fleet.caFile, crlFile: fleet.crlFile }
  const attempts: [keyof typeof shown | undefined, string | undefined, boolean, boolean][] = [
    // shown, user name, in where required, in where accepted
    ['D', undefined, true, true],
    ['D', 'D', true, true],
    ['uri', undefined, true, true],
    ['D', 'E', false, false],
    ['D', 'account:A', false, false],
    ['unknown', undefined, false, false],
    ['unknown', 'D', false, false],
    ['two', undefined, false, false],
    ['app', undefined, false, false],
    ['app', 'account:A', false, false],
    ['old', undefined, false, false],
    ['servers', undefined, false, false],
    ['foreign', undefined, false, false],
    ['foreign', 'D', false, false],
    ['revoked', 'D', false, false],
    [undefined, 'D', false, true],
    [undefined, undefined, false, false]
  ]
  for (const type of ['mqtts', 'wss'] as const) {
    for (const required of [true, false]) {
      const world = await doorWorld(t, { listener: tls(type, serverFiles, { ...client, required }) })
      for (const [name, user, whereRequired, whereAccepted] of attempts) {
        const got = await outcome(world.connect(user, { ...trusting(server, name && shown[name]), clientId: `${name} ${user}` }))
        t.equal(got === 'connected', required ? whereRequired : whereAccepted, `${type} ${required ? 'required' : 'accepted'}: ${name} as ${user}: ${got}`)
      }
      for (const client of world.installed.connected) t.notOk(client.closed)
      t.ok([...world.installed.connected.of({ kind: 'device', account: 'A', device: 'D' })].length >= 2)
      t.equal(world.asked, required ? 0 : 2, 'a password is looked at only where no certificate was shown')
    }
    const without = await doorWorld(t, { listener: tls(type, serverFiles) })
    t.not(await outcome(without.connect(undefined, trusting(server, shown.D))), 'connected', 'no authority on this listener: a certificate is nothing')
  }
})

t.test('client certificates: revoked, and the list replaced -> refused from the next connection on, no session resumed', OPENSSL, async t => {
  const authority = new Authority(t.testdir(), 'one')
  const device = authority.issue('device', '/CN=D')
  const world = await doorWorld(t, { listener: tls('mqtts', authority.issue('server', '/CN=server', LOCAL), { caFile: authority.caFile, crlFile: authority.crlFile, required: true }) })
  const options = { host: '127.0.0.1', port: world.port, rejectUnauthorized: false, cert: readFileSync(device.certFile), key: readFileSync(device.keyFile) }
  const first = connectTls(options)
  const sessions: Buffer[] = []
  first.on('session', session => sessions.push(session))
  await once(first, 'secureConnect')
  const second = world.connect(undefined, trusting(authority, device))
  t.equal(await outcome(second), 'connected')
  authority.revoke(device)
  await world.listener.reload()
  t.ok(second.connected, 'those there are stay')
  t.not(await outcome(world.connect(undefined, trusting(authority, device))), 'connected')
  for (const session of sessions) {
    const again: TLSSocket = connectTls({ ...options, session })
    await ended(again)
    t.notOk(again.isSessionReused())
  }
  first.destroy()
})

async function upgrade (t: Test, world: DoorWorld, path: string, protocols: string[], headers: Record<string, string> = {}): Promise<number | 'open'> {
  const socket = new WebSocket(`ws://127.0.0.1:${world.port}${path}`, protocols, { headers })
  t.teardown(() => socket.terminate())
  return await new Promise(resolve => {
    socket.on('error', () => {})
    socket.once('open', () => resolve('open'))
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
  })
}

t.test('WebSocket: subprotocol, path, origin -> only as MQTT and the listener say', async t => {
  const world = await doorWorld(t, { listener: { type: 'ws', ...ADDRESS, path: '/mqtt', origins: ['https://app.example.com'] } })
  const rows: [string, string[], Record<string, string>, number | 'open'][] = [
    ['/mqtt', ['mqtt'], {}, 'open'],
    ['/mqtt?x=1', ['mqtt'], {}, 'open'],
    ['/mqtt', ['mqttv3.1'], {}, 'open'],
    ['/mqtt', ['other', 'mqtt'], {}, 'open'],
    ['/mqtt', [], {}, 400],
    ['/mqtt', ['other'], {}, 400],
    ['/', ['mqtt'], {}, 404],
    ['/mqtt/', ['mqtt'], {}, 404],
    ['/MQTT', ['mqtt'], {}, 404],
    ['/mqtt', ['mqtt'], { origin: 'https://app.example.com' }, 'open'],
    ['/mqtt', ['mqtt'], { origin: 'https://app.example.com.evil.example' }, 403],
    ['/mqtt', ['mqtt'], { origin: 'http://app.example.com' }, 403],
    ['/mqtt', ['mqtt'], { origin: 'null' }, 403],
    ['/mqtt', ['mqtt'], { 'sec-websocket-origin': 'https://evil.example' }, 403]
  ]
  for (const [path, protocols, headers, expected] of rows) t.equal(await upgrade(t, world, path, protocols, headers), expected, `${path} ${protocols.join()} ${JSON.stringify(headers)}`)
  t.equal(world.refused.filter(reason => reason === 'origin').length, 4)
  const page = await fetch(`http://127.0.0.1:${world.port}/mqtt`)
  t.equal(page.status, 426)
  t.equal(page.headers.get('access-control-allow-origin'), null)
})

t.test('WebSocket: text frames, frames beyond the largest packet, pings without end -> closed, or not answered', async t => {
  const world = await doorWorld(t, { listener: { type: 'ws', ...ADDRESS }, limits: { maxPacketBytes: 1000 } })
  for (const data of ['text', Buffer.alloc(1006)]) {
    const socket = new WebSocket(`ws://127.0.0.1:${world.port}/`, ['mqtt'])
    socket.on('error', () => {})
    await once(socket, 'open')
    socket.send(data)
    const [code] = await once(socket, 'close') as [number]
    t.not(code, 1000)
  }
  const pinging = new WebSocket(`ws://127.0.0.1:${world.port}/`, ['mqtt'])
  await once(pinging, 'open')
  pinging.ping()
  await once(pinging, 'pong')
  pinging.terminate()
  await until(() => world.room.size === 0)
})

t.test('WebSocket: frames that do not end -> a stranger holds a CONNECT at most, in few pieces, all of them no more than connections may; who is in may send a large packet', async t => {
  const frame = (first: number, length: number, sent: number): Buffer => {
    const head = Buffer.alloc(14)
    head.set([first, 0xff])
    head.writeBigUInt64BE(BigInt(length), 2)
    return Buffer.concat([head, Buffer.alloc(sent, 0x10)])
  }
  const world = await doorWorld(t, { listener: { type: 'ws', ...ADDRESS }, limits: { maxConnectBytes: 10_000, maxBufferedBytes: 400_000 } })
  const device = world.connect('D')
  t.equal(await outcome(device), 'connected')
  const stranger = async (...frames: Buffer[]): Promise<Socket> => {
    const socket = connectTcp(world.port, '127.0.0.1').on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n')
    await once(socket, 'data')
    for (const bytes of frames) socket.write(bytes)
    return socket
  }
  await ended(await stranger(frame(0x82, 1_000_000, 90_000)))
  t.strictSame(world.refused, ['packet-too-large'])
  await ended(await stranger(frame(0x02, 1, 1), ...Array.from({ length: 300 }, () => frame(0, 1, 1))))
  t.strictSame(world.refused.slice(1), [], 'closed as WebSocket says')
  const held = await Promise.all(Array.from({ length: 8 }, async () => await stranger(frame(0x82, 1_000_000, 60_000))))
  await until(() => world.refused.length === 3)
  t.strictSame(world.refused.slice(1), ['buffers-full', 'buffers-full'], 'as many as have to go')
  await device.publishAsync('kasa/A/D/motion', Buffer.alloc(200_000), { qos: 1 })
  t.strictSame(world.taken, ['kasa/A/D/motion'])
  for (const socket of held) socket.destroy()
})

t.test('handshakes: begun and not ended, on each kind of listener -> closed at the deadline, counted', OPENSSL, async t => {
  const files = new Authority(t.testdir(), 'one').issue('server', '/CN=server', LOCAL)
  const begun: [ListenerSettings, string][] = [
    [{ type: 'ws', ...ADDRESS }, ''],
    [{ type: 'ws', ...ADDRESS }, 'GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nX-Slow: '],
    [{ type: 'ws', ...ADDRESS }, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx'],
    [tls('mqtts', files), ''],
    [tls('mqtts', files), '\x16\x03\x01\x02\x00\x01'],
    [tls('wss', files), '\x16\x03\x01\x02\x00\x01']
  ]
  for (const [listener, bytes] of begun) {
    const world = await doorWorld(t, { listener, handshakeTimeoutMs: 100 })
    const socket = connectTcp(world.port, '127.0.0.1')
    socket.write(Buffer.from(bytes, 'latin1'))
    await ended(socket)
    await until(() => world.room.size === 0)
    t.strictSame(world.refused, ['handshake'], `${listener.type} ${bytes.slice(0, 4)}`)
  }
})
