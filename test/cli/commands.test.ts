import t from 'tap'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { meets } from '../../src/try/meets.js'
import { parseAddress } from '../../src/cli/options.js'
import { table, wrap } from '../../src/cli/table.js'
import type { Json } from '../../src/model/json.js'
import { cli, CONFIG, copyOfConfig, dataFolder, edit, json, serve } from './run-cli.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const PASSWORD = 'a-password-of-the-test-home'
const MAC = '50:C7:BF:0D:91:8C'
const REPORT = { emeter: { get_realtime: { power: 63.7, voltage: 229, total: 12.9 } }, mac: MAC }

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
  t.match(failing.out, /\* +disclosed\.time +"2026-01-05T10:15:00\.000Z" +"2026-01-05T10:20:00\.000Z"/)
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
