/** The built gateway with the shipped configuration, real MQTT clients, and what goes wrong. */

import t from 'tap'
import { createHash, randomInt } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { curtilage, disclosed, GatewayProcess, until } from './process.js'

const CANARY = 'canary50C7BF0D918C'
const PASSWORD = 'a password of more than twenty characters'

async function home (data: string, account = 'A', device = 'D', regime = 'opt-out'): Promise<void> {
  await curtilage(data, 'account', 'add', account, '--regime', regime)
  await curtilage(data, 'device', 'add', '--account', account, '--device', device, '--password', PASSWORD)
}

async function connect (gateway: GatewayProcess, device = 'D'): Promise<MqttClient> {
  const client = await mqtt.connectAsync(gateway.mqtt, { username: device, password: PASSWORD, clientId: CANARY, reconnectPeriod: 0 })
  client.on('error', () => {})
  return client
}

function closed (client: MqttClient): Promise<void> {
  return new Promise(resolve => client.once('close', () => resolve()))
}

/** Every byte on disk below a folder. */
function filesBelow (folder: string): string[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}

t.test('wrong reports: each row of the design\'s table -> its outcome, and nothing of it on disk, in a log or a metric', async t => {
  const data = join(t.testdir(), 'data')
  await home(data)
  const gateway = await GatewayProcess.start(data)
  t.teardown(() => gateway.end())
  const client = await connect(gateway)
  const acknowledged: [string, string | Buffer, string][] = [
    ['motion', `not JSON ${CANARY}`, 'not-json'],
    ['motion', `{"event":"${CANARY}`, 'not-json'],
    ['motion', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'invalid-utf8'],
    ['motion', `{"event":"${CANARY}","event":"x"}`, 'duplicate-key'],
    ['motion', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000), 'too-deep'],
    ['motion', JSON.stringify({ event: CANARY.repeat(20_000) }), 'too-large'],
    [`unheard-of-${CANARY}`, '{}', 'unknown-report']
  ]
  for (const [report, payload, reason] of acknowledged) {
    const before = await gateway.metric('curtilage_quarantined_total', { reason })
    await client.publishAsync(`kasa/A/D/${report}`, payload, { qos: 1 })
    t.equal(await gateway.metric('curtilage_quarantined_total', { reason }), before + 1, reason)
  }
  await client.endAsync()
  const closing: [string, (c: MqttClient) => void, string][] = [
    ['another account\'s topic', c => c.publish('kasa/B/E/motion', CANARY, { qos: 1 }), 'foreign-topic'],
    ['another device\'s topic', c => c.publish('kasa/A/E/motion', CANARY, { qos: 1 }), 'foreign-topic'],
    ['$SYS', c => c.publish('$SYS/x', CANARY, { qos: 1 }), 'reserved-topic'],
    ['a wildcard beyond its own', c => c.subscribe('kasa/+/D/motion'), 'wildcard'],
    ['a packet of 10 MB', c => c.publish('kasa/A/D/motion', Buffer.alloc(10_000_000, CANARY), { qos: 1 }), 'packet-too-large']
  ]
  for (const [name, act, reason] of closing) {
    const one = await connect(gateway)
    let answered = false
    one.on('packetreceive', packet => { answered ||= packet.cmd === 'puback' })
    const before = await gateway.metric('curtilage_refused_total', { reason })
    act(one)
    await closed(one)
    t.notOk(answered, `${name}: not acknowledged`)
    t.equal(await gateway.metric('curtilage_refused_total', { reason }), before + 1, `${name}: counted`)
  }
  await t.rejects(mqtt.connectAsync(gateway.mqtt, { username: 'D', password: 'wrong', reconnectPeriod: 0 }))
  await t.rejects(mqtt.connectAsync(gateway.mqtt, { username: CANARY, password: PASSWORD, reconnectPeriod: 0 }))
  const told = [await gateway.get('/metrics'), await gateway.get('/v1/quarantine'), gateway.output.join('')].join('')
  t.notMatch(told, /canary/i)
  t.equal(await gateway.end(), 0, 'SIGTERM drains and exits 0')
  for (const file of filesBelow(data)) t.notOk(readFileSync(file).includes('canary'), file.slice(data.length))
})

t.test('kill -9 at random moments under load -> what was acknowledged is delivered, under one id each', async t => {
  const data = join(t.testdir(), 'data')
  await home(data)
  const acknowledged = new Set<number>()
  let sent = 0
  for (let round = 0; round < 4; round++) {
    const gateway = await GatewayProcess.start(data)
    const client = await connect(gateway)
    const down = closed(client)
    const stopAt = acknowledged.size + 100 + randomInt(200)
    const load = { inFlight: 0 }
    const sending = (async () => {
      while (client.connected) {
        const number = ++sent
        load.inFlight++
        client.publish('kasa/A/D/energy-realtime', JSON.stringify({ emeter: { get_realtime: { power: number * 10 } } }), { qos: 1 }, error => {
          load.inFlight--
          if (error == null) acknowledged.add(number)
        })
        while (load.inFlight >= 64 && client.connected) await new Promise(resolve => setImmediate(resolve))
      }
    })()
    await until(() => acknowledged.size >= stopAt)
    await gateway.end('SIGKILL')
    await Promise.all([down, sending])
    client.end(true)
  }
  const gateway = await GatewayProcess.start(data)
  t.teardown(() => gateway.end())
  await until(async () => await gateway.metric('curtilage_outbox_depth', { recipient: 'product-analytics' }) === 0)
  const arrived = disclosed(data, 'product-analytics')
  const numbers = new Set(arrived.map(({ data: { emeter } }) => ((emeter as { get_realtime: { power: number } }).get_realtime.power) / 10))
  t.same([...acknowledged].filter(number => !numbers.has(number)), [], `none of ${acknowledged.size} is lost`)
  const lines = arrived.map(line => JSON.stringify(line))
  t.equal(new Set(arrived.map(({ id }) => id)).size, new Set(lines).size, 'a second copy is equal to the first, id and all')
})

t.test('withdrawal under load -> nothing of that account and purpose after the answer', async t => {
  const data = join(t.testdir(), 'data')
  await home(data, 'A', 'D', 'opt-in')
  await home(data, 'B', 'E')
  const gateway = await GatewayProcess.start(data)
  t.teardown(() => gateway.end())
  const clients = [await connect(gateway, 'D'), await mqtt.connectAsync(gateway.mqtt, { username: 'E', password: PASSWORD, reconnectPeriod: 0 })]
  const load = { running: true }
  const loads = clients.map(async (client, i) => {
    const topic = i === 0 ? 'kasa/A/D/energy-realtime' : 'kasa/B/E/energy-realtime'
    for (let number = 1; load.running; number++) await client.publishAsync(topic, JSON.stringify({ emeter: { get_realtime: { power: (i + 1) * 1_000_000 + number * 10 } } }), { qos: 1 })
  })
  const ofA = (): number => disclosed(data, 'product-analytics').filter(({ data: { emeter } }) => ((emeter as { get_realtime: { power: number } }).get_realtime.power) < 2_000_000).length
  for (let round = 0; round < 5; round++) {
    await curtilage(data, 'consent', 'grant', '--account', 'A', '--purpose', 'improve-products')
    const before = ofA()
    await until(() => ofA() > before)
    await curtilage(data, 'consent', 'withdraw', '--account', 'A', '--purpose', 'improve-products')
    const atAnswer = ofA()
    const othersThen = disclosed(data, 'product-analytics').length
    await until(() => disclosed(data, 'product-analytics').length > othersThen + 50)
    t.equal(ofA(), atAnswer, `round ${round}`)
  }
  load.running = false
  await Promise.all(loads)
  for (const client of clients) await client.endAsync()
})

t.test('a second gateway on the data folder -> a clear error; after kill -9 -> starts by itself', async t => {
  const data = join(t.testdir(), 'data')
  await home(data)
  const first = await GatewayProcess.start(data)
  await t.rejects(GatewayProcess.start(data), /uses the data folder/)
  await first.end('SIGKILL')
  const second = await GatewayProcess.start(data)
  t.equal(await second.end(), 0)
})

t.test('mqtt sink: a recipient with its token -> gets its disclosures at QoS 1, and cannot read another\'s', async t => {
  const data = join(t.testdir(), 'data')
  await home(data)
  await curtilage(data, 'consent', 'grant', '--account', 'A', '--purpose', 'provide-service', '--recipient', 'home-integration')
  await curtilage(data, 'account', 'set', 'A', '--region', 'us')
  const token = (await curtilage(data, 'recipient', 'token', 'home-integration')).trim().split('\n').at(-1) ?? ''
  const gateway = await GatewayProcess.start(data)
  t.teardown(() => gateway.end())
  const device = await connect(gateway)
  // sent before the recipient is there: it waits
  await device.publishAsync('kasa/A/D/motion', JSON.stringify({ event: 'motion', nickname: Buffer.from('Lamp').toString('base64') }), { qos: 1 })
  const reader = await mqtt.connectAsync(gateway.mqtt, { username: 'recipient:home-integration', password: token, reconnectPeriod: 0 })
  const got: { topic: string, qos: number, text: string }[] = []
  reader.on('message', (topic, payload, { qos }) => got.push({ topic, qos, text: payload.toString() }))
  await reader.subscribeAsync('disclosures/home-integration/#')
  await until(() => got.length === 1)
  t.match(got[0], { topic: 'disclosures/home-integration/motion', qos: 1 })
  t.match(JSON.parse(got[0]?.text ?? '{}'), { recipient: 'home-integration', report: 'motion', data: { event: 'motion' } })
  await until(async () => await gateway.metric('curtilage_outbox_depth', { recipient: 'home-integration' }) === 0)
  const down = closed(reader)
  reader.subscribe('disclosures/other/#')
  await down
  await device.endAsync()
})

t.test('strangers without end, and few files that may be open -> a device gets in, and its report is taken', async t => {
  const data = join(t.testdir(), 'data')
  await home(data)
  const gateway = await GatewayProcess.start(data, { files: 300 })
  const { hostname, port } = new URL(gateway.mqtt)
  const strangers = new Set<Socket>()
  const come = (): void => {
    const socket = connectTcp(Number(port), hostname).on('error', () => {}).resume()
    strangers.add(socket)
    // who is closed comes again
    socket.once('close', () => { if (strangers.delete(socket)) come() })
  }
  t.teardown(async () => {
    const last = [...strangers]
    strangers.clear()
    for (const socket of last) socket.destroy()
    await gateway.end()
  })
  for (let i = 0; i < 600; i++) come()
  await until(async () => await gateway.metric('curtilage_refused_total', { reason: 'too-many-strangers' }) > 600)
  const device = await connect(gateway)
  await device.publishAsync('kasa/A/D/motion', JSON.stringify({ event: 'motion' }), { qos: 1 })
  t.equal(await gateway.metric('curtilage_connections'), 1)
  await device.endAsync()
})

t.test('data folder: everything in it -> for its owner alone', async t => {
  const data = join(t.testdir(), 'data')
  await home(data)
  const gateway = await GatewayProcess.start(data)
  const client = await connect(gateway)
  await client.publishAsync('kasa/A/D/motion', '{"event":"motion"}', { qos: 1 })
  await until(() => disclosed(data, 'product-analytics').length === 1)
  await client.endAsync()
  await gateway.end()
  t.ok(existsSync(join(data, 'ops.token')))
  for (const file of filesBelow(data).filter(path => !path.includes('/store/'))) t.equal(statSync(file).mode & 0o077, 0, file.slice(data.length))
  t.equal(statSync(join(data, 'store')).mode & 0o077, 0)
  t.not(createHash('sha256').update(readFileSync(join(data, 'secret'))).digest('hex'), createHash('sha256').update(Buffer.alloc(32)).digest('hex'))
})
