import t, { type Test } from 'tap'
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import mqtt, { type MqttClient } from 'mqtt'
import { meets } from '../../src/cli/meets.js'
import { parseAddress } from '../../src/cli/options.js'
import { table, wrap } from '../../src/cli/table.js'
import type { Json } from '../../src/model/json.js'
import { startGateway, type RunningGateway } from '../../src/start-gateway.js'
import { cli, startCli, type Ran } from './run-cli.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const CONFIG = resolve('config')
const PASSWORD = 'a-password-of-the-test-home'
const MAC = '50:C7:BF:0D:91:8C'
const REPORT = { emeter: { get_realtime: { power: 63.7, voltage: 229, total: 12.9 } }, mac: MAC }

/** A folder with a copy of the shipped configuration, to be changed. */
function copyOfConfig (t: Test): string {
  const folder = join(t.testdir(), 'config')
  cpSync(CONFIG, folder, { recursive: true })
  return folder
}

function dataFolder (t: Test): string[] {
  return ['--config', CONFIG, '--data', join(t.testdir(), 'data')]
}

function edit (file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, 'utf8')
  if (text.replace(from, to) === text) throw new Error('nothing was changed')
  writeFileSync(file, text.replace(from, to))
}

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

/** A gateway in this process: commands that ask it start in a fraction of the time. */
async function serve (t: Test, [, config = '', , data = '']: readonly string[]): Promise<RunningGateway> {
  const address = { host: '127.0.0.1', port: 0 }
  const running = await startGateway({ config, data, mqtt: address, http: address })
  t.teardown(async () => { await running.close() })
  return running
}

async function connect (t: Test, url: string, password: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { username: 'plug-1', password, reconnectPeriod: 0 })
  t.teardown(() => { client.end(true) })
  return client
}

/** Every value of a line printed for scripts. */
function json<T = Record<string, unknown>> ({ out }: Ran): T {
  return JSON.parse(out) as T
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
  t.match(listed.out, /wider/)
  const { waiting } = json<{ waiting: { digest: string } }>(await cli(['policy', 'list', '--json', ...K]))
  t.equal(running.gateway.core.inForce.waiting?.digest, waiting.digest)
  t.equal((await cli(['policy', 'approve', 'gggggggg', '--reason', 'x', ...K])).code, 1)
  t.equal((await cli(['policy', 'approve', waiting.digest, ...K])).code, 2, 'a reason is asked for')
  const approved = await cli(['policy', 'approve', waiting.digest.slice(0, 10), '--reason', 'the notice says so', '--by', 'ann', ...K])
  t.match(approved, { code: 0, out: /approved by ann.*started again/ })
  await running.close()
  await (await serve(t, K)).close()
  const after = json<{ active: string, waiting?: object, policies: object[] }>(await cli(['policy', 'list', '--json', ...K]))
  t.equal(after.active, waiting.digest)
  t.equal(after.waiting, undefined)
  t.match(after.policies, [{ active: false }, { active: true, approval: { by: 'ann', reason: 'the notice says so' } }])
})

t.test('accounts: added, changed, shown -> the ledger has it; typos are offered the nearest name', async t => {
  const K = dataFolder(t)
  const nothing = await cli(['account', 'list', '--json', ...K])
  t.equal(nothing.code, 1)
  t.match(JSON.parse(nothing.err), { error: { code: 'store-missing' } })
  t.notOk(existsSync(K[3] ?? ''), 'a command that reads makes no data folder')
  t.equal((await cli(['account', 'add', 'home-0', '--regime', 'opt-in', ...K])).code, 0, 'one that adds makes it')
  await serve(t, K)
  t.match(await cli(['account', 'add', 'home-1', '--regime', 'opt-inn', ...K]), { code: 1, err: "curtilage: unknown regime, did you mean 'opt-in'?\n" })
  t.match(json(await cli(['account', 'add', 'home-1', '--regime', 'notice', '--region', 'eu', '--minor', '--json', ...K])), { account: 'home-1', regime: 'notice', region: 'eu', minor: true })
  t.match(await cli(['account', 'add', 'home-1', '--regime', 'notice', ...K]), { code: 1, err: /registered already/ })
  t.match(json(await cli(['account', 'set', 'home-1', '--no-minor', '--opt-out-signal', 'on', '--json', ...K])), { minor: false, optOutSignal: true, region: 'eu' })
  t.match(await cli(['account', 'set', 'home-1', '--opt-out-signal', 'maybe', ...K]), { code: 2, err: /write on or off/ })
  t.match(await cli(['account', 'set', 'home-1', ...K]), { code: 2, err: /say what to change/ })
  t.match(await cli(['account', 'show', 'home-1', ...K]), { code: 0, out: /^account home-1, regime notice, region eu, opt-out signal on, since / })
  t.match(await cli(['account', 'show', 'home-9', ...K]), { code: 1, err: /no account of this id/ })
  t.match((await cli(['account', 'app-token', 'home-1', ...K])).out, /^[g-z]{40,}\n$/)
  t.match((await cli(['recipient', 'token', 'home-integration', ...K])).out, /^[g-z]{40,}\n$/)
  t.match(await cli(['device', 'add', '--account', 'home-1', '--device', 'plug-1', '--password', 'short', ...K]), { code: 1, err: /at least 20 characters/ })
  const mac = await cli(['device', 'add', '--account', 'home-1', '--device', '50C7BF0D918C', ...K])
  t.equal(mac.code, 1)
  t.notMatch(mac.err, '50C7BF')
  const created = json<{ id: string }>(await cli(['token', 'create', '--role', 'auditor', '--json', ...K]))
  t.match((await cli(['token', 'list', ...K])).out, new RegExp(`${created.id} +auditor`))
  t.equal((await cli(['token', 'revoke', created.id, ...K])).code, 0)
  t.equal((await cli(['token', 'revoke', created.id, ...K])).code, 1)
})

t.test('import: files with bad lines -> the good ones in, every bad one told by its number, exit 1', async t => {
  const K = dataFolder(t)
  const folder = t.testdirName
  const running = await serve(t, K)
  await cli(['account', 'add', 'home-1', '--regime', 'opt-in', ...K])
  const lines = Array.from({ length: 2500 }, (_, i) => JSON.stringify({ account: 'home-1', device: `d-${i}`, ...(i > 2 && { password: PASSWORD }) }))
  lines[1200] = 'not json'
  lines[2300] = JSON.stringify({ account: 'home-1', device: 'x'.repeat(200_000) })
  lines[2499] = lines[0] ?? ''
  writeFileSync(join(folder, 'devices.ndjson'), lines.join('\r\n'))
  const devices = await cli(['device', 'import', join(folder, 'devices.ndjson'), ...K])
  t.equal(devices.code, 1)
  t.strictSame(devices.err.split('\n').filter(line => line.startsWith('line ')).map(line => line.split(':')[0]), ['line 1201', 'line 2301', 'line 2500'])
  t.match(devices.err, /2497 imported, 3 bad, of 2500 lines/)
  const passwords = devices.out.trim().split('\n').map(line => JSON.parse(line))
  t.strictSame(passwords.map(one => [one.account, one.device, typeof one.password]), [0, 1, 2].map(i => ['home-1', `d-${i}`, 'string']))
  t.equal(json<{ devices: object[] }>(await cli(['device', 'list', '--json', ...K])).devices.length, 2497)
  t.equal((await cli(['device', 'import', join(folder, 'none.ndjson'), ...K])).code, 2)
  await running.close()
  const consents = [{ account: 'home-1', purpose: 'improve-products', state: 'granted' }, { account: 'home-2', purpose: 'improve-products', state: 'granted' }].map(line => JSON.stringify(line)).join('\n')
  const imported = await cli(['consent', 'import', '-', '--json', ...K], { input: consents })
  t.equal(imported.code, 1)
  t.match(json(imported), { lines: 2, imported: 1, bad: 1, problems: [{ line: 2 }] })
  t.equal((await cli(['consent', 'import', '-', ...K], { input: consents.split('\n')[0] ?? '' })).code, 0)
})

t.test('check and test: a configuration that is wrong -> every place of it, exit 1; a right one -> exit 0', async t => {
  const config = copyOfConfig(t)
  const [fine, fineJson, cases] = await Promise.all([cli(['check', '--config', config]), cli(['check', '--config', config, '--json']), cli(['test', '--config', config])])
  t.match(fine, { code: 0, out: /\d+ reports, \d+ recipients, \d+ categories, \d+ cases; policy [g-z]+\n$/ })
  t.match(json(fineJson), { ok: true, problems: [] })
  t.match(cases, { code: 0, out: /^\d+ cases, all as expected\n$/ })
  edit(join(config, 'recipients', 'product-analytics.yaml'), 'round: 15m', 'round: 5m')
  const [failing, failingJson] = await Promise.all([cli(['test', '--config', config]), cli(['test', '--config', config, '--json'])])
  t.equal(failing.code, 1)
  t.match(failing.out, /EXPECTED +ACTUAL/)
  t.match(failing.out, /"time": "2026-01-05T10:15:00.000Z" +"time": "2026-01-05T10:20:00.000Z"/)
  const outcome = json<{ ok: boolean, failed: number, cases: { ok: boolean, results: { ok: boolean, expected: Json, actual: Json }[] }[] }>(failingJson)
  t.equal(failingJson.code, 1)
  t.equal(outcome.failed, outcome.cases.filter(({ ok }) => !ok).length)
  edit(join(config, 'recipients', 'product-analytics.yaml'), 'device.model:', 'devce.model:')
  edit(join(config, 'recipients', 'device-health.yaml'), 'purpose: analyze-use', 'purpose: analyse-use')
  const [broken, brokenJson, brokenTest, none] = await Promise.all([cli(['check', '--config', config]), cli(['check', '--config', config, '--json']), cli(['test', '--config', config]), cli(['check', '--config', join(config, 'none')])])
  t.equal(broken.code, 1)
  t.match(broken.out.split('\n')[0], /device-health\.yaml:\d+:\d+ /)
  t.match(broken.out, new RegExp(`^${config}/recipients/product-analytics\\.yaml:\\d+:\\d+ unknown category 'devce\\.model', did you mean 'device\\.model'\\?$`, 'm'))
  t.match(broken.err, /^\d+ problems?\n$/)
  t.equal(brokenJson.code, 1)
  t.match(json(brokenJson), { ok: false, problems: [{ file: 'recipients/device-health.yaml', code: 'unknown-name' }] })
  t.equal(brokenTest.code, 1)
  t.equal(none.code, 1)
})

t.test('explain and matrix: without any data -> by the folder\'s policy, and nothing is made', async t => {
  const folder = t.testdir({ 'report.json': JSON.stringify(REPORT) })
  const topic = ['--account', 'home-1', '--topic', 'kasa/home-1/plug-1/energy-realtime']
  const run = async (args: string[], input = '') => await cli([...args, '--config', CONFIG], { cwd: folder, input, env: { COLUMNS: '100' } })
  const [unknown, human, unreadable, foreign, missing, matrix, matrixJson] = await Promise.all([
    run(['explain', ...topic, 'report.json', '--json']),
    run(['explain', ...topic, 'report.json']),
    run(['explain', ...topic, '-', '--json'], '{'),
    run(['explain', '--account', 'home-2', '--topic', 'kasa/home-1/plug-1/energy', 'report.json']),
    run(['explain', ...topic, 'none.json']),
    run(['matrix']),
    run(['matrix', '--json'])
  ])
  t.strictSame(readdirSync(folder), ['report.json'])
  const { recipients } = json<{ recipients: { recipient: string, outcome: string, reason: string, fields: object[] }[] }>(unknown)
  t.ok(recipients.every(({ outcome }) => outcome === 'withheld'))
  t.match(recipients.find(({ recipient }) => recipient === 'product-analytics'), { reason: 'account-unknown', fields: [{ path: 'emeter.get_realtime.power', category: 'energy.power', reason: 'account-unknown' }] })
  t.match(human, { code: 0, out: /product-analytics: withheld, account-unknown/ })
  t.strictSame(json(unreadable), { recipients: [], quarantined: 'not-json' })
  t.equal(foreign.code, 2)
  t.equal(missing.code, 2)
  t.match(matrix.out, /device\.id .*pseudonymize/)
  t.ok(matrix.out.split('\n').every(line => line.length <= 100))
  t.match(json(matrixJson), { recipients: [{ recipient: 'device-health', cells: [{ category: String }] }] })

  mkdirSync(join(folder, 'home'))
  const K = ['--config', CONFIG, '--data', join(folder, 'home')]
  await cli(['account', 'add', 'home-1', '--regime', 'notice', ...K])
  const known = await cli(['explain', ...topic, join(folder, 'report.json'), ...K])
  t.match(known.out, /product-analytics: disclosed\n {2}recipients\/product-analytics\.yaml:2, consent regime:notice/)
  t.match(known.out, /emeter\.get_realtime\.power +energy\.power +round 10 +line \d+ +regime:notice/)
  t.match(known.out, /"power": 60/)
  t.notMatch(known.out, /63\.7|50:C7/)
  t.ok(known.out.split('\n').every(line => line.length <= 100), 'fits 100 columns')
})

t.test('help: every command -> says what it does, with examples; wrong usage -> one line, exit 2', async t => {
  const top = await cli(['--help'])
  t.equal(top.code, 0)
  t.match(top.out, /Examples:/)
  t.equal((await cli(['--version'])).out.trim(), JSON.parse(readFileSync('package.json', 'utf8')).version)
  const names = commandsOf(top.out)
  t.ok(names.length >= 11)
  await Promise.all(names.map(async name => {
    const { out, code } = await cli([name, '--help'])
    t.equal(code, 0)
    const inner = commandsOf(out)
    if (inner.length === 0) t.match(out, /Examples:\n {2}\S/, `${name} has examples`)
    for (const command of inner) t.match((await cli([name, command, '--help'])).out, /Examples:\n {2}\S/, `${name} ${command} has examples`)
  }))
  const wrong = [[], ['chekc'], ['check', '--jsn'], ['check', 'extra'], ['account', 'add', 'home-1'], ['consent', 'deny', '--account', 'a', '--purpose', 'p', '--expires', '2027-01-01'], ['consent', 'grant', '--account', 'a', '--purpose', 'p', '--expires', 'soon'], ['device']]
  for (const args of wrong) {
    const { code, err } = await cli(args)
    t.equal(code, 2, `curtilage ${args.join(' ')}`)
    if (args.length > 1) t.match(err, /^curtilage: [^\n]+\n$/, 'one line')
    t.notMatch(err, / at .*\.js:\d+/, 'no stack trace')
  }
})

t.test('reader: output that nobody reads to its end -> no complaint', async t => {
  const child = spawn('sh', ['-c', '"$0" dist/src/cli/main.js matrix --all --json --config "$1" | head -c 10', process.execPath, CONFIG], { stdio: 'pipe' })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  t.equal(out, '{"recipien')
  t.equal(err, '')
})

t.test('startGateway: embedded -> answers at its addresses, and closes twice without harm', async t => {
  const running = await startGateway({ config: CONFIG, data: join(t.testdir(), 'data'), mqtt: { host: '127.0.0.1', port: 0 }, http: { host: '127.0.0.1', port: 0 } })
  t.strictSame(running.urls, [running.mqttUrl])
  t.match(await (await fetch(`${running.httpUrl}/health/ready`)).json(), { ready: true })
  await Promise.all([running.close(), running.close()])
  await t.rejects(fetch(`${running.httpUrl}/health/live`))
})

t.test('table: any rows -> every line fits where that can be, and no text is lost', async () => {
  const word = fc.stringMatching(/^[a-z.:/-]{0,40}$/)
  fc.assert(fc.property(fc.array(fc.array(word, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 5 }), fc.integer({ min: 40, max: 120 }), (rows, width) => {
    const lines = table(rows, width).split('\n')
    return lines.every(line => line.length <= width) && [...lines.join('').replaceAll(' ', '')].sort().join('') === [...rows.flat().join('')].sort().join('')
  }), { numRuns: RUNS })
  fc.assert(fc.property(word, fc.integer({ min: 1, max: 20 }), (text, width) => wrap(text, width).every(piece => piece.length <= width) && wrap(text, width).join('') === text), { numRuns: RUNS })
})

t.test('meets: what came out and what was expected -> equal but for the order of keys; a pseudonym only where one is expected', async t => {
  fc.assert(fc.property(fc.jsonValue(), value => meets(value as Json, JSON.parse(JSON.stringify(value)))), { numRuns: RUNS })
  const rows: [Json, Json | undefined, boolean][] = [
    [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, true],
    [[1, 2], [2, 1], false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: 2 }, { a: 1 }, false],
    ['{pseudonym}', 'horyvvtulhotoimlkxskimlsghpxus', true],
    ['{pseudonym}', 'plug-1', false],
    ['{pseudonym}', 7, false],
    [{ '{pseudonym}': 1 }, { horyvvtulhotoimlkxskimlsghpxus: 1 }, true],
    [{}, [], false],
    [null, undefined, false],
    [{ ['__proto__']: 1 }, {}, false]
  ]
  for (const [expected, actual, result] of rows) t.equal(meets(expected, actual), result)
})

t.test('addresses: as people write them -> host and port, or a refusal', async t => {
  t.strictSame(parseAddress('127.0.0.1:1883'), { host: '127.0.0.1', port: 1883 })
  t.strictSame(parseAddress('[::1]:0'), { host: '::1', port: 0 })
  t.strictSame(parseAddress('localhost:8080'), { host: 'localhost', port: 8080 })
  t.strictSame(parseAddress('0'), { host: '127.0.0.1', port: 0 })
  for (const written of ['', ':1', 'a:', 'a:b', 'a:70000', '::1:80', 'http://a:1']) t.throws(() => parseAddress(written))
})

function commandsOf (help: string): string[] {
  const section = /\nCommands:\n([\s\S]*?)\n\n/.exec(`${help}\n\n`)?.[1] ?? ''
  return [...section.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name ?? '').filter(name => name !== 'help')
}
