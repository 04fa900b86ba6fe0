/** Nothing private in a log, a metric, an error, an answer or a file, whatever fails: one word stands for all of it. */

import t, { type Test } from 'tap'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import type { Packet } from 'mqtt-packet'
import { logEvents, logRequests } from '../../src/cli/event-log.js'
import { exposing } from '../../src/cli/memory-dumps.js'
import { codeOf, placesOf } from '../../src/cli/unforeseen.js'
import { buildApi } from '../../src/console/api.js'
import { CurtilageError } from '../../src/model/errors.js'
import { dataFolder, serve } from '../cli/run-cli.js'
import { RawClient } from '../paho/raw-client.js'
import { CANARY, filesWith, SPELLINGS, spellingsIn } from './canary.js'
import { startFaulty, type Fault, type FaultyGateway } from './faulty-process.js'

const PASSWORD = Buffer.from('a password of more than twenty characters')
const ACCOUNT = 'qUietHome'
const DEVICE = 'qUietPlug'
const NO_ID = `${CANARY} is no id`

const STAGES: readonly Fault[] = [
  ...(['consent', 'classify', 'decide', 'minimize', 'guard', 'reconsider'] as const).map(stage => ({ stage })),
  ...(['authenticate', 'append', 'learn', 'deliver'] as const).flatMap(stage => (['before', 'after'] as const).map(moment => ({ stage, moment })))
]

/** The word in every field that may not leave, in keys too, beside fields that may. */
const REPORT = JSON.stringify({
  event: 'motion',
  timestamp: 1735996775,
  [CANARY]: { [`${CANARY}.x`]: [CANARY, { '': CANARY }], n: 1 },
  mac: `50:C7:BF:0D:91:8C ${CANARY}`,
  ip: CANARY,
  ap_list: [{ bssid: CANARY, ssid: Buffer.from(CANARY).toString('base64') }],
  ssid: Buffer.from(CANARY).toString('base64'),
  latitude_i: CANARY,
  longitude_i: CANARY,
  battery_percentage: CANARY
})

t.test('canary: every spelling amid other bytes -> found; other bytes -> not', async t => {
  for (const [name, spell] of Object.entries(SPELLINGS)) {
    for (const word of [CANARY, CANARY.toUpperCase(), CANARY.toLowerCase()]) {
      for (const spelled of spell(word)) t.ok(spellingsIn(Buffer.concat([randomBytes(50), Buffer.from(`x${spelled}y`, 'latin1'), randomBytes(50)])).includes(name), name)
    }
  }
  for (const offset of [0, 1, 2]) t.ok(spellingsIn(Buffer.from('{"a":"'.slice(offset) + CANARY + '"}').toString('base64')).includes('base64'), `${offset} bytes before it`)
  t.strictSame(spellingsIn(randomBytes(100_000).toString('hex') + 'the log of a gateway that tells nothing'), [])
})

t.test('canary: a wrapper that logs what it should not -> found in the log', async t => {
  let text = ''
  const log = pino({ level: 'trace' }, { write: line => { text += line } })
  const observe = logEvents(log)
  observe({ type: 'report', report: 'unknown', outcome: 'transient', categories: [], seconds: 0 })
  t.strictSame(spellingsIn(text), [])
  observe({ type: 'report', report: Buffer.from(REPORT).toString('base64'), outcome: 'transient', categories: [], seconds: 0 })
  t.ok(spellingsIn(text).includes('base64'))
  log.error(new Error(CANARY))
  t.ok(spellingsIn(text).includes('raw'))
})

t.test('errors unforeseen: whatever stands in them -> codes, names and places of a known form', async t => {
  const forged = new Error(`x\n    at f (file:///${CANARY}.js:1:1)\n    at node:${CANARY}:1:1`)
  const own = Object.assign(new Error('x'), { stack: `Error: x\n    at f (${new URL(`../../src/${CANARY}/a b.js`, import.meta.url).href}:1:1)\n    at g (node:${CANARY}:2:2)\n    at node:internal/main/x:1:2` })
  const named = Object.assign(new Error('x'), { name: CANARY, code: CANARY })
  t.strictSame([forged, own, named, CANARY, undefined, { code: CANARY }].flatMap(error => spellingsIn([codeOf(error), ...placesOf(error)].join(' '))), [])
  t.strictSame(placesOf(own), ['node:internal/main/x:1:2'])
  for (const [error, code] of [[new CurtilageError('outbox-full'), 'outbox-full'], [Object.assign(new Error('x'), { code: 'EADDRINUSE' }), 'EADDRINUSE'], [Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }), 'ERR_INVALID_ARG_TYPE'], [new RangeError('x'), 'RangeError'], ['text', 'unknown']] as const) t.equal(codeOf(error), code)
})

async function register (gateway: FaultyGateway): Promise<void> {
  const post = async (path: string, body: object): Promise<void> => {
    const { status, text } = await gateway.get(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })
    if (status !== 201) throw new Error(`${path}: ${status} ${text}`)
  }
  for (const [suffix, regime] of [['Open', 'opt-out'], ['Shut', 'opt-in']] as const) {
    await post('/v1/accounts', { account: ACCOUNT + suffix, regime })
    await post('/v1/devices', { account: ACCOUNT + suffix, device: DEVICE + suffix, password: PASSWORD.toString() })
  }
}

interface Home {
  readonly account: string
  readonly device: string
}

const HOMES: readonly Home[] = ['Open', 'Shut'].map(suffix => ({ account: ACCOUNT + suffix, device: DEVICE + suffix }))

/** Everything a connection can say, the word in each part of it. */
async function trouble (gateway: FaultyGateway, { account, device }: Home): Promise<void> {
  const topic = `kasa/${account}/${device}/motion`
  const common = { cmd: 'publish', dup: false, retain: true, payload: REPORT } as const
  const conversations: Packet[][] = [
    [{ ...common, topic, qos: 0 }],
    [{ ...common, topic, qos: 1, messageId: 1 }],
    [{ ...common, topic, qos: 2, messageId: 2 }, { cmd: 'pubrel', messageId: 2 }],
    [{ ...common, topic: `kasa/${account}/${device}/${CANARY}`, qos: 1, messageId: 3 }],
    [{ ...common, topic, payload: `{"${CANARY}":`, qos: 1, messageId: 4 }],
    [{ ...common, topic, payload: `{"${CANARY}":1,"${CANARY}":"${CANARY}"}`, qos: 1, messageId: 5 }],
    [{ ...common, topic: `kasa/${CANARY}/${CANARY}`, qos: 1, messageId: 6 }],
    [{ ...common, topic: `$SYS/${CANARY}`, qos: 1, messageId: 7 }],
    [{ cmd: 'subscribe', messageId: 8, subscriptions: [{ topic: `kasa/${account}/${device}/cmd/${CANARY}`, qos: 1 }] }],
    [{ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: `${CANARY}/#`, qos: 1 }] }],
    [{ cmd: 'unsubscribe', messageId: 10, unsubscriptions: [CANARY] }]
  ]
  for (const packets of conversations) {
    const client = new RawClient(gateway.mqtt)
    const answer = await client.connect({ clientId: CANARY, username: device, password: PASSWORD, will: { topic, payload: Buffer.from(REPORT), qos: 1, retain: true } })
    for (const packet of answer?.returnCode === 0 ? packets : []) client.send(packet)
    await client.settle()
    // without DISCONNECT: the will goes
    client.drop()
    await client.closed()
  }
  const stranger = new RawClient(gateway.mqtt)
  await stranger.connect({ clientId: CANARY, username: CANARY, password: Buffer.from(CANARY) })
  stranger.drop()
  const noMqtt = new RawClient(gateway.mqtt)
  noMqtt.sendBytes(Buffer.from(`GET /${CANARY} HTTP/1.1\r\n\r\n`))
  await noMqtt.closed()
}

/** The word in paths, queries, headers and bodies of every route; nothing of it may come back. */
async function askBadly (t: Test, gateway: FaultyGateway): Promise<void> {
  const { paths } = JSON.parse((await (await fetch(`${gateway.http}/openapi.json`)).text())) as { paths: Record<string, Record<string, unknown>> }
  const word = encodeURIComponent(NO_ID)
  for (const [pattern, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods).map(name => name.toUpperCase())) {
      const body = method === 'GET' || method === 'DELETE' ? {} : { body: JSON.stringify({ [NO_ID]: NO_ID, account: NO_ID, device: NO_ID, topic: NO_ID, report: { [CANARY]: CANARY }, lines: [{ account: NO_ID, device: CANARY }, NO_ID] }), headers: { 'content-type': 'application/json' } }
      for (const path of [pattern.replace(/\{\w+\}/g, word), `${pattern.replace(/\{\w+\}/g, ACCOUNT)}?${word}=${word}&at=${word}&after=${word}&limit=${word}`]) {
        const { text } = await gateway.get(path, { method, ...body })
        t.strictSame(spellingsIn(text), [], `${method} ${pattern}`)
      }
    }
  }
  const others: [string, RequestInit][] = [
    [`/${CANARY}`, {}], [`/%ff${CANARY}`, {}], ['/v1/accounts', { headers: { authorization: `Bearer ${CANARY}` } }], ['/v1/accounts', { headers: { 'content-type': CANARY, 'x-y': CANARY }, method: 'POST', body: CANARY }],
    ['/v1/accounts', { headers: { 'content-type': 'application/json' }, method: 'POST', body: `{"${CANARY}` }], ['/v1/accounts', { method: CANARY }]
  ]
  for (const [path, init] of others) {
    const { status, text } = await gateway.get(path, init)
    t.ok(status >= 400, path.replace(CANARY, '…'))
    t.strictSame(spellingsIn(text), [], 'answer')
  }
}

/** What it tells to those who may ask. */
async function told (gateway: FaultyGateway): Promise<string> {
  const answers = await Promise.all(['/metrics', '/v1/quarantine', '/v1/recipients', '/v1/audit', '/health/live', '/health/ready', '/openapi.json', '/v1/policies'].map(async path => await gateway.get(path)))
  return answers.map(({ text }) => text).join('\n')
}

t.test('stages: each fails while the word is in everything that comes in -> it is in nothing that is written, told or kept', async t => {
  const gateway = await startFaulty(t, { environment: { DEBUG: '*' } })
  await register(gateway)
  const live = await gateway.listen('/v1/live')
  for (const fault of [...STAGES, {}]) {
    await gateway.tell(fault)
    for (const home of HOMES) await trouble(gateway, home)
    t.strictSame(spellingsIn(await told(gateway)), [], `answers while ${fault.stage ?? 'nothing'} fails`)
    t.strictSame(spellingsIn(gateway.output()), [], `log while ${fault.stage ?? 'nothing'} fails ${fault.moment ?? ''}`)
  }
  await askBadly(t, gateway)
  const metrics = (await gateway.get('/metrics')).text
  t.match(gateway.log(), /report not taken.*\n/, 'the faults were there')
  t.match(metrics, /curtilage_reports_total\{report="motion",outcome="disclosed"\} [1-9]/, 'and reports that went through')
  for (const id of [ACCOUNT, DEVICE]) t.strictSame([...spellingsIn(gateway.log(), id), ...spellingsIn(metrics, id)], [], 'ids of homes')
  t.notMatch(gateway.log(), /127\.0\.0\.1|::1/, 'addresses of connections')
  t.strictSame(await gateway.ended('SIGTERM'), { code: 0, signal: null })
  for (const outcome of ['"disclosed"', '"transient"', '"reason":']) t.ok(live().includes(outcome), `the live view told of ${outcome}`)
  for (const word of [CANARY, ACCOUNT, DEVICE, '127.0.0.1']) t.strictSame(spellingsIn(live(), word), [], 'the live view')
  t.strictSame(spellingsIn(gateway.output()), [])
  t.strictSame(filesWith(gateway.data), [])
  t.strictSame(readdirSync(gateway.folder), [])
})

function fullError (): Error {
  return Object.assign(new TypeError(`${CANARY} ${REPORT}`, { cause: new Error(CANARY) }), { code: CANARY, statusCode: 500 })
}

/** Puts an object in place of another whose every method throws, at any depth. */
function throwing<T extends object> (): T {
  const answer: object = new Proxy(() => {}, { get: (_, key) => key === 'then' ? undefined : answer, apply: () => { throw fullError() } })
  return answer as T
}

t.test('API: every part behind a handler fails with an error full of the word -> the answer says that something failed, and not what', async t => {
  const running = await serve(t, dataFolder(t))
  const { core, quarantine } = running.gateway
  let lines = ''
  const log = pino({ level: 'trace' }, { write: line => { lines += line } })
  const api = buildApi({ core: { ...core, ledger: throwing(), registry: throwing(), archive: throwing(), store: throwing() }, gateway: { ...running.gateway, observe: throwing(), quarantine: throwing(), metrics: throwing(), alarms: throwing(), outbox: throwing() }, operator: 'operator', onAnswered: logRequests(log) })
  t.teardown(async () => { await api.close() })
  const { paths } = (await api.inject('/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>()
  let failed = 0
  for (const [pattern, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      const answer = await api.inject({ method: method.toUpperCase() as 'GET', url: pattern.replace(/\{\w+\}/g, 'A'), headers: { authorization: 'Bearer operator', host: '127.0.0.1' }, ...(method !== 'get' && method !== 'delete' && { payload: { account: 'A', device: 'D', regime: 'opt-in', role: 'auditor', purpose: 'marketing', state: 'granted', reason: 'x', lines: [{ account: 'A' }] } }) })
      t.strictSame(spellingsIn(JSON.stringify(answer.headers) + answer.body), [], `${method} ${pattern}`)
      if (answer.statusCode === 500) failed++
    }
  }
  t.ok(failed > 10, 'handlers that failed')
  t.strictSame(spellingsIn(lines), [])
  t.strictSame(quarantine.list(), [])
})

t.test('hooks: those of the host fail with an error full of the word, at once or later -> closed, and nobody is told of it', async t => {
  const running = await serve(t, dataFolder(t))
  const { core: { registry } } = running.gateway
  await registry.accounts.add({ account: 'A', regime: 'opt-out' })
  await registry.devices.add({ account: 'A', device: 'D', password: PASSWORD.toString() })
  let lines = ''
  running.gateway.observe(logEvents(pino({ level: 'trace' }, { write: line => { lines += line } })))
  const told: unknown[] = []
  for (const event of ['clientError', 'connectionError', 'error'] as const) (running.broker as unknown as NodeJS.EventEmitter).on(event, (_client: unknown, error?: Error) => { told.push(error) })
  for (const name of ['preConnect', 'authenticate', 'authorizePublish', 'authorizeSubscribe', 'authorizeForward'] as const) {
    for (const fail of [() => { throw fullError() }, async () => { throw fullError() }]) {
      const before = running.broker[name]
      Object.assign(running.broker, { [name]: fail })
      const client = new RawClient(running.mqttUrl)
      const answer = await client.connect({ clientId: CANARY, username: 'D', password: PASSWORD })
      if (answer?.returnCode === 0) {
        client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'kasa/A/D/cmd/#', qos: 1 }] }).send({ cmd: 'publish', topic: `kasa/A/D/${CANARY}`, qos: 1, messageId: 2, dup: false, retain: false, payload: REPORT })
      }
      if (name === 'authorizeForward') client.drop()
      // returns at the latest when the gateway has closed it
      await client.closed()
      Object.assign(running.broker, { [name]: before })
    }
  }
  t.strictSame(spellingsIn(lines), [])
  t.strictSame(told.flatMap(error => spellingsIn(String((error as Error | undefined)?.stack))), [])
})

for (const crash of ['exception', 'text', 'rejection']) {
  t.test(`end: ${crash} unforeseen, full of the word -> one line that says where, then at once, nothing of the word anywhere`, async t => {
    const gateway = await startFaulty(t, { options: ['--report-uncaught-exception', '--report-on-fatalerror'] })
    await register(gateway)
    await trouble(gateway, HOMES[0]!)
    await gateway.tell({ crash })
    t.strictSame(await gateway.ended(), { code: null, signal: 'SIGKILL' })
    t.match(gateway.log(), /ended by something unforeseen/)
    if (crash !== 'text') t.match(gateway.log(), /"code":"TypeError","at":\["test\/faults\/faulty-gateway\.js:\d+:\d+"/)
    t.strictSame(spellingsIn(gateway.output()), [])
    t.strictSame(filesWith(gateway.data), [])
    t.strictSame(readdirSync(gateway.folder), [], 'no report of Node')
  })
}

t.test('end: in the middle of a transaction of the store -> at once as well', async t => {
  const { NODE_OPTIONS, NODE_V8_COVERAGE, ...env } = process.env
  const child = spawn(process.execPath, ['test/faults/exit-in-transaction.js', t.testdir()], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  t.teardown(() => { child.kill('SIGKILL') })
  const [log] = await Promise.all([text(child.stderr), once(child, 'close')])
  t.equal(child.signalCode, 'SIGKILL')
  t.match(log, /ended by something unforeseen/)
})

for (const crash of ['memory', 'abort']) {
  t.test(`end: ${crash}, with reports of Node switched on -> none is written, and nothing of the word anywhere`, async t => {
    const gateway = await startFaulty(t, { options: ['--max-old-space-size=90', '--report-on-fatalerror', '--report-on-signal', '--report-uncaught-exception'] })
    await register(gateway)
    await trouble(gateway, HOMES[0]!)
    gateway.kill('SIGUSR2')
    await gateway.tell({ crash })
    t.equal((await gateway.ended()).signal, 'SIGABRT')
    t.strictSame(spellingsIn(gateway.output()), [])
    t.strictSame(filesWith(gateway.data), [])
    t.strictSame(readdirSync(gateway.folder).filter(name => !name.startsWith('core')), [])
  })
}

t.test('debugger: the signal that opens it by default -> does not', async t => {
  const gateway = await startFaulty(t)
  gateway.kill('SIGUSR1')
  await gateway.tell({ crash: 'warning' })
  t.equal((await gateway.get('/health/live')).status, 200)
  t.notMatch(gateway.output(), /Debugger listening/)
})

t.test('options of Node that write memory or traffic -> refused at start, each by name', async t => {
  await t.rejects(startFaulty(t, { options: ['--heapsnapshot-near-heap-limit=1'] }), { message: /--heapsnapshot-near-heap-limit.*start it without/ })
  await t.rejects(startFaulty(t, { environment: { NODE_DEBUG: 'net' } }), { message: /NODE_DEBUG/ })
  const rows: [string[], NodeJS.ProcessEnv, string[]][] = [
    [[], {}, []],
    [['--max-old-space-size=100', '--enable-source-maps'], { NODE_OPTIONS: '--no-warnings', DEBUG: '*', NODE_DEBUG: '' }, []],
    [['--heapsnapshot-signal=SIGUSR2'], {}, ['--heapsnapshot-signal']],
    [['--heapsnapshot_signal', 'SIGUSR2'], {}, ['--heapsnapshot-signal']],
    [[], { NODE_OPTIONS: '--no-warnings  --tls-keylog=x' }, ['--tls-keylog']],
    [['--trace-tls', '--trace-event-categories', 'node'], {}, ['--trace-tls', '--trace-event-categories']]
  ]
  for (const [options, environment, refused] of rows) t.strictSame([...exposing(options, environment)], refused)
})
