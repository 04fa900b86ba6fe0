/** A gateway with every kind of sink, each before its real server. */

import { cpSync, readdirSync, readFileSync, rmSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import t, { type Test } from 'tap'
import { startGateway, type RunningGateway } from '../../src/start-gateway.js'
import { Receiver } from '../contract/receiver.js'
import { addStream, MqttRecipient, natsLines, redisLines } from '../contract/recipients.js'
import { credentialFile, folderOf, startMosquitto, startNats, startRedis, without } from '../contract/servers.js'
import { until } from './process.js'

const PASSWORD = 'a password of more than twenty characters'
const ADDRESS = { host: '127.0.0.1', port: 0 }
const REPORTS = 20

/** The shipped one, its recipients replaced by copies of `product-analytics` with these sinks. */
function configuration (t: Test, sinks: Readonly<Record<string, string>>): string {
  const folder = folderOf(t)
  cpSync('config', folder, { recursive: true })
  const text = readFileSync(join(folder, 'recipients', 'product-analytics.yaml'), 'utf8')
  for (const part of ['recipients', 'tests']) rmSync(join(folder, part), { recursive: true })
  mkdirSync(join(folder, 'recipients'))
  for (const [name, sink] of Object.entries(sinks)) {
    writeFileSync(join(folder, 'recipients', `${name}.yaml`), text.replace(/^recipient: .*$/m, `recipient: ${name}`).replace(/^sink: .*$/m, `sink: ${sink}`))
  }
  return folder
}

async function home ({ gateway: { core } }: RunningGateway): Promise<void> {
  await core.registry.accounts.add({ account: 'A', regime: 'opt-in', region: 'us' })
  await core.registry.devices.add({ account: 'A', device: 'D', password: PASSWORD })
  await core.ledger.append([{ account: 'A', purpose: 'improve-products', state: 'granted' }])
}

/** Resolves when all are acknowledged. */
async function report (t: Test, { mqttUrl }: RunningGateway): Promise<void> {
  const device = await mqtt.connectAsync(mqttUrl, { username: 'D', password: PASSWORD, reconnectPeriod: 0 })
  t.teardown(() => { device.end(true) })
  await Promise.all(Array.from({ length: REPORTS }, async () => await device.publishAsync('kasa/A/D/motion', '{"event":"motion"}', { qos: 1 })))
}

function fileLines (folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('.ndjson'))
  return files.flatMap(path => readFileSync(join(folder, path), 'utf8').split('\n').slice(0, -1))
}

t.test('sinks: every server down at the start, then up -> the gateway starts and acknowledges, then everything arrives once', { skip: without('mosquitto', 'redis-server', 'nats-server') }, async t => {
  const [http, broker, redis, nats] = [await Receiver.open(t), await startMosquitto(t), await startRedis(t), await startNats(t)]
  await addStream(nats.port)
  const subscriber = await MqttRecipient.connect(t, broker.port)
  for (const server of [http, broker, redis, nats]) await server.kill()
  const secretFile = credentialFile(t, 'key', Buffer.alloc(32, 7).toString('base64'))
  const remote = {
    http: `{ type: http, url: "http://127.0.0.1:${http.port}/in", secretFile: "${secretFile}" }`,
    mqtt: `{ type: mqtt, url: "mqtt://127.0.0.1:${broker.port}" }`,
    redis: `{ type: redis, url: "redis://127.0.0.1:${redis.port}", stream: disclosures }`,
    nats: `{ type: nats, url: "nats://127.0.0.1:${nats.port}", stream: DISCLOSURES }`
  }
  const data = folderOf(t)
  const running = await startGateway({ config: configuration(t, { ...remote, file: '{ type: file, folder: file }' }), data, mqtt: ADDRESS, http: ADDRESS })
  t.teardown(async () => { await running.close() })
  await home(running)
  await report(t, running)
  const { outbox, delivery } = running.gateway
  const depths = (): number[] => Object.keys(remote).map(name => outbox.depth(name))
  t.same(depths(), [REPORTS, REPORTS, REPORTS, REPORTS], 'they wait')
  await Promise.all([http.start(), redis.start(), nats.start(), broker.start().then(async () => { await subscriber.subscribe() })])
  for (const name of Object.keys(remote)) delivery.wake(name)
  await until(() => depths().every(depth => depth === 0) && outbox.depth('file') === 0)
  const arrived = { http: http.taken, mqtt: await subscriber.lines(), redis: await redisLines(redis.port), nats: await natsLines(nats.port), file: fileLines(join(data, 'recipients')) }
  for (const [name, lines] of Object.entries(arrived)) {
    const envelopes = lines.map(line => JSON.parse(line) as { id: string, recipient: string })
    t.equal(new Set(envelopes.map(({ id }) => id)).size, REPORTS, name)
    t.ok(envelopes.every(({ recipient }) => recipient === name), name)
  }
  t.ok(http.requests.every(({ headers }) => String(headers['webhook-signature']).startsWith('v1,')))
})
