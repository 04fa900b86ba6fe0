import t, { type Test } from 'tap'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import mqtt, { type MqttClient } from 'mqtt'
import { startGateway } from '../../src/start-gateway.js'
import { cli, CONFIG, copyOfConfig, dataFolder, edit, json, serve, startCli } from './run-cli.js'

const PASSWORD = 'a-password-of-the-test-home'
const MAC = '50:C7:BF:0D:91:8C'
const REPORT = { emeter: { get_realtime: { power: 63.7, voltage: 229, total: 12.9 } }, mac: MAC }

async function until (condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 400) throw new Error('it did not come')
    await wait(25)
  }
}

function sinkLines (data: string, recipient: string): string[] {
  const folder = join(data, 'recipients', recipient)
  if (!existsSync(folder)) return []
  const files = readdirSync(folder, { recursive: true }).map(String).filter(name => name.endsWith('.ndjson'))
  return files.flatMap(name => readFileSync(join(folder, name), 'utf8').split('\n').filter(line => line !== ''))
}

async function connect (t: Test, url: string, password: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { username: 'plug-1', password, reconnectPeriod: 0 })
  t.teardown(() => { client.end(true) })
  return client
}

t.test('end to end: a home registers, grants, reports, withdraws -> its sink gets a line, and no more after that', async t => {
  const K = dataFolder(t)
  const data = K[3] ?? ''
  const gateway = await startCli(t, K)
  t.match(gateway.first, /^\{"ready":true,"mqtt":"mqtt:\/\/127\.0\.0\.1:\d+","http":"http:\/\/127\.0\.0\.1:\d+"\}$/)
  t.equal(statSync(join(data, 'ops.token')).mode & 0o777, 0o600)

  t.equal((await cli(['account', 'add', 'home-1', '--regime', 'opt-in', ...K])).code, 0)
  const added = await cli(['device', 'add', '--account', 'home-1', '--device', 'plug-1', ...K])
  t.match(added.out, /^[g-z]{40,}\n$/, 'the password alone on standard output')
  t.match(added.err, /shown once/)
  const device = await connect(t, gateway.ready.mqtt, added.out.trim())
  const report = async () => await device.publishAsync('kasa/home-1/plug-1/energy-realtime', JSON.stringify(REPORT), { qos: 1 })

  await report()
  t.strictSame(sinkLines(data, 'product-analytics'), [], 'nothing before it is granted')
  const granted = await cli(['consent', 'grant', '--account', 'home-1', '--purpose', 'improve-products', '--json', ...K])
  t.match(json(granted), { state: 'granted', purpose: 'improve-products', actor: 'ops', source: 'cli' })
  await report()
  await until(() => sinkLines(data, 'product-analytics').length === 1)
  t.match(JSON.parse(sinkLines(data, 'product-analytics')[0] ?? ''), { recipient: 'product-analytics', data: { emeter: { get_realtime: { power: 60, total: 12 } } } })

  const explained = await cli(['explain', '--account', 'home-1', '--topic', 'kasa/home-1/plug-1/energy-realtime', '--json', '-', ...K], { input: JSON.stringify(REPORT) })
  const one = json<{ recipients: { recipient: string, outcome: string, consent: string }[] }>(explained).recipients.find(({ recipient }) => recipient === 'product-analytics')
  t.match(one, { outcome: 'disclosed', consent: json(granted).id as string }, 'the gateway that runs is asked')
  t.notMatch(explained.out, MAC)

  t.equal((await cli(['consent', 'withdraw', '--account', 'home-1', '--purpose', 'improve-products', ...K])).code, 0)
  await report()
  await cli(['consent', 'grant', '--account', 'home-1', '--purpose', 'analyze-use', ...K])
  t.equal(sinkLines(data, 'product-analytics').length, 1, 'after a withdrawal is acknowledged, nothing more of it leaves')

  const second = await cli(['start', '--mqtt', '127.0.0.1:0', '--http', '127.0.0.1:0', ...K])
  t.equal(second.code, 1)
  t.match(second.err, /^curtilage: a gateway \(process \d+\) uses the data folder/)
  t.equal(second.out, '')

  const [shown, recipients, devices] = await Promise.all([
    cli(['consent', 'show', '--account', 'home-1', ...K]),
    cli(['recipient', 'list', '--json', ...K]),
    cli(['device', 'list', '--account', 'home-1', '--json', ...K])
  ])
  t.match(shown.out, /consent-withdrawn \([g-z]+\)/)
  t.match(json<{ recipients: object[] }>(recipients).recipients.find(one => 'waiting' in one), { waiting: 0 })
  t.match(json(devices), { devices: [{ device: 'plug-1', account: 'home-1' }] })

  const rotated = await cli(['device', 'rotate', 'plug-1', '--password', PASSWORD, ...K])
  t.equal(rotated.code, 0)
  await until(() => !device.connected)
  const removed = await cli(['device', 'remove', 'plug-1', ...K])
  t.equal(removed.code, 0)

  t.equal(await gateway.stop(), 0, 'SIGTERM drains and exits 0')
  for (const line of gateway.err().trim().split('\n')) t.type(JSON.parse(line).msg, 'string')
  t.notMatch(gateway.err(), new RegExp(`${MAC}|home-1|plug-1|${PASSWORD}`), 'the log holds no identifier of a home')
  t.strictSame(readdirSync(data).filter(name => /lock|claim/.test(name)), [], 'the folder is free again')
  const after = await cli(['account', 'list', ...K])
  t.match(after, { code: 0, out: 'home-1\n' }, 'without a gateway the command opens the folder itself')
})

t.test('start: for people -> says where it listens, which policy is in force, what waits and how to approve it', async t => {
  const config = copyOfConfig(t)
  const K = ['--config', config, '--data', join(t.testdirName, 'data')]
  await (await serve(t, K)).close()
  edit(join(config, 'recipients', 'product-analytics.yaml'), 'round: 15m', 'round: 5m')
  const { out, code } = await startCli(t, K, { human: true }).then(async gateway => ({ code: await gateway.stop(), out: gateway.out() }))
  t.equal(code, 0)
  t.match(out, /^curtilage is ready\n/)
  t.match(out, /devices connect to +mqtt:\/\/127\.0\.0\.1:\d+\n/)
  t.match(out, /ops token +\S+ops\.token\n/)
  t.match(out, /policy in force +[g-z]{60} \(notice 1\.3\)/)
  t.match(out, /wider and waits/)
  t.match(out, /curtilage policy approve [g-z]{60} --reason TEXT/)
})

t.test('start: SIGINT -> exits 0; a report under way is not lost', async t => {
  const K = dataFolder(t)
  const gateway = await startCli(t, K)
  await cli(['account', 'add', 'home-1', '--regime', 'notice', ...K])
  await cli(['device', 'add', '--account', 'home-1', '--device', 'plug-1', '--password', PASSWORD, ...K])
  const device = await connect(t, gateway.ready.mqtt, PASSWORD)
  await Promise.all(Array.from({ length: 20 }, async () => await device.publishAsync('kasa/home-1/plug-1/energy-realtime', JSON.stringify(REPORT), { qos: 1 })))
  t.equal(await gateway.stop('SIGINT'), 0)
  const again = await startCli(t, K)
  await until(() => sinkLines(K[3] ?? '', 'product-analytics').length >= 20)
  t.equal(await again.stop(), 0)
  t.equal(new Set(sinkLines(K[3] ?? '', 'product-analytics').map(line => JSON.parse(line).id)).size, 20)
})

t.test('start: what keeps it from starting -> one clear line, exit 1; a wrong command line -> exit 2', async t => {
  const K = dataFolder(t)
  const broken = copyOfConfig(t)
  edit(join(broken, 'recipients', 'product-analytics.yaml'), 'device.model:', 'devce.model:')
  const [bad, taken, offLoopback, port, host] = await Promise.all([
    cli(['start', '--config', broken, '--data', join(t.testdirName, 'data-2')]),
    cli(['start', '--config', CONFIG, '--data', join(t.testdirName, 'data-3'), '--mqtt', '192.0.2.1:1']),
    cli(['start', '--config', CONFIG, '--data', join(t.testdirName, 'data-4'), '--mqtt', '0.0.0.0:0']),
    cli(['start', ...K, '--mqtt', '127.0.0.1:65536']),
    cli(['start', ...K, '--http', 'a b:1', '--json'])
  ])
  t.equal(bad.code, 1)
  t.match(bad.err, /product-analytics\.yaml:\d+:\d+ unknown category 'devce\.model', did you mean 'device\.model'\?/)
  t.notOk(existsSync(join(t.testdirName, 'data-2')), 'nothing is made')
  t.match(taken, { code: 1, err: /^curtilage: an unencrypted mqtt listener off loopback/ })
  t.match(offLoopback, { code: 1, err: /gateway\.yaml\n$/ })
  t.match(port, { code: 2, err: /^curtilage: .*write HOST:PORT/ })
  t.equal(host.code, 2)
  t.match(JSON.parse(host.err), { error: { code: 'usage' } })
})

t.test('policy: a wider folder -> waits, is told, and takes force once approved', async t => {
  const config = copyOfConfig(t)
  const K = ['--config', config, '--data', join(t.testdirName, 'data')]
  await (await serve(t, K)).close()
  edit(join(config, 'recipients', 'product-analytics.yaml'), 'round: 15m', 'round: 5m')
  const running = await serve(t, K)
  const listed = await cli(['policy', 'list', ...K])
  t.match(listed.out, /in force +[g-z]{12}/)
  t.match(listed.out, /waits +[g-z]{12}/)
  t.match(listed.out, /WIDER [^]*product-analytics\n[^]*time.event: round 15m -> round 5m[^]*\napprove it: curtilage policy approve [g-z]{12} --reason TEXT/)
  const { waiting } = json<{ waiting: { digest: string } }>(await cli(['policy', 'list', '--json', ...K]))
  t.equal(running.gateway.core.inForce.waiting?.digest, waiting.digest)
  t.equal((await cli(['policy', 'approve', 'gggggggg', '--reason', 'x', ...K])).code, 1)
  t.equal((await cli(['policy', 'approve', waiting.digest, ...K])).code, 2, 'a reason is asked for')
  const approved = await cli(['policy', 'approve', waiting.digest.slice(0, 10), '--reason', 'the notice says so', '--by', 'ann', ...K])
  t.match(approved, { code: 0, out: /^in force now: [g-z]{60} \(wider\)\n$/ })
  t.equal(running.gateway.core.configuration.policy.digest, waiting.digest)
  t.match((await cli(['policy', 'show', waiting.digest.slice(0, 10), ...K])).out, /the folder changed, approved by ann: the notice says so\n[^]*time.event: round 15m[^]*files:\n {2}consent\.yaml/)
  t.match((await cli(['policy', 'show', waiting.digest, '--file', 'recipients/product-analytics.yaml', ...K])).out, 'round: 5m')
  t.equal((await cli(['policy', 'show', waiting.digest, '--file', 'nothing.yaml', ...K])).code, 2)
  t.match(await cli(['policy', 'rollback', '--reason', 'too fine', '--by', 'ben', ...K]), { code: 0, out: /^in force now: [g-z]{60} \(narrower\)\n$/ })
  t.match(await cli(['policy', 'reload', ...K]), { code: 0, out: /was set aside/ })
  t.match((await cli(['policy', 'list', ...K])).out, /in force +[g-z]{12}.*rolled back to by ben: too fine[^]*set aside until the folder changes/)
  t.match(await cli(['policy', 'activate', waiting.digest, '--reason', 'fine after all', ...K]), { code: 0, out: /is wider than the one in force, and waits for approval:[^]*curtilage policy approve/ })
  await running.close()
  t.match(await cli(['policy', 'approve', waiting.digest, '--reason', 'yes', '--by', 'ann', ...K]), { code: 0, out: /^takes force at the next start/ })
  await (await serve(t, K)).close()
  edit(join(config, 'recipients', 'product-analytics.yaml'), 'round: 5m', 'rond: 5m')
  t.match(await cli(['policy', 'reload', ...K]), { code: 1 }, 'no gateway runs')
  edit(join(config, 'recipients', 'product-analytics.yaml'), 'rond: 5m', 'round: 5m')
  const after = json<{ active: string, waiting?: object, policies: object[] }>(await cli(['policy', 'list', '--json', ...K]))
  t.equal(after.active, waiting.digest)
  t.equal(after.waiting, undefined)
  t.match(after.policies, [{ state: 'active', activations: [{ approvals: [{ by: 'ann', reason: 'the notice says so' }] }, { why: 'activate', approvals: [{ reason: 'yes' }] }] }, { state: 'past' }])
})

t.test('startGateway: embedded -> answers at its addresses, and closes twice without harm', async t => {
  const running = await startGateway({ config: CONFIG, data: join(t.testdir(), 'data'), mqtt: { host: '127.0.0.1', port: 0 }, http: { host: '127.0.0.1', port: 0 } })
  t.strictSame(running.urls, [running.mqttUrl])
  t.match(await (await fetch(`${running.httpUrl}/health/ready`)).json(), { ready: true })
  await Promise.all([running.close(), running.close()])
  await t.rejects(fetch(`${running.httpUrl}/health/live`))
})
