/** Erasure, minors' marks and the replay list, through the real gateway over its shipped configuration. */

import t, { type Test } from 'tap'
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import mqtt, { type MqttClient } from 'mqtt'
import { openCore } from '../../src/core.js'
import { CurtilageError } from '../../src/model/errors.js'
import { pseudonymOf } from '../../src/minimize/pseudonym.js'
import { rightsAlone } from '../../src/rights/open-rights.js'
import { startGateway, type RunningGateway } from '../../src/start-gateway.js'

const RUNS = Math.min(20, Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 20 : 8)))
const PASSWORD = 'a-password-of-the-test-home'
const CANARY = 'canary'
const DAY_MS = 86_400_000

interface World {
  readonly data: string
  readonly running: RunningGateway
  ask (method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<{ status: number, json: any, text: string }>
  home (account: string, device: string, facts?: object): Promise<MqttClient>
  /** Ends it as SIGTERM does. */
  close (): Promise<void>
}

async function world (t: Test, data = join(t.testdir(), 'data'), config = 'config'): Promise<World> {
  const address = { host: '127.0.0.1', port: 0 }
  const running = await startGateway({ config, data, mqtt: address, http: address })
  const clients: MqttClient[] = []
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => await (closing ??= (async () => {
    for (const client of clients) client.end(true)
    await running.close()
  })())
  t.teardown(close)
  const token = readFileSync(join(data, 'ops.token'), 'utf8').trim()
  const ask: World['ask'] = async (method, path, body) => {
    const response = await fetch(running.httpUrl + path, { method, headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }, ...(body && { body: JSON.stringify(body) }) })
    const text = await response.text()
    return { status: response.status, text, json: /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined }
  }
  const home: World['home'] = async (account, device, facts = {}) => {
    const { accounts, devices } = running.gateway.core.registry
    if (!accounts.has(account)) await accounts.add({ account, regime: 'opt-out', region: 'us', ...facts })
    if (devices.get(device) === undefined) await devices.add({ account, device, password: PASSWORD })
    const client = await mqtt.connectAsync(running.mqttUrl, { username: device, password: PASSWORD, reconnectPeriod: 0 })
    client.on('error', () => {})
    clients.push(client)
    return client
  }
  return { data, running, ask, home, close }
}

async function report (client: MqttClient, account: string, device: string, power = 100): Promise<void> {
  await client.publishAsync(`kasa/${account}/${device}/energy-realtime`, JSON.stringify({ emeter: { get_realtime: { power, total: 1 } }, alias: `${CANARY}-nickname` }), { qos: 1 })
}

function lines (data: string, folder = 'product-analytics'): { id: string, report: string, device?: string, data: any }[] {
  const root = join(data, 'recipients', folder)
  return filesBelow(root).filter(file => file.endsWith('.ndjson')).flatMap(file => readFileSync(file, 'utf8').split('\n').filter(line => line !== '').map(line => JSON.parse(line)))
}

function filesBelow (folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap(name => statSync(join(folder, name)).isDirectory() ? filesBelow(join(folder, name)) : [join(folder, name)])
}

async function until (condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 1000) throw new Error('it did not come')
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

function settled ({ running: { gateway } }: World, recipient = 'product-analytics'): () => boolean {
  return () => gateway.outbox.depth(recipient) === 0
}

t.test('erase: an account with everything -> no file names it, its recipients are told, others keep theirs', async t => {
  const one = await world(t)
  const { data, ask, running: { gateway } } = one
  const [account, device] = [`${CANARY}-home`, `${CANARY}-plug`]
  const mine = await one.home(account, device)
  const other = await one.home('other', 'other-plug')
  for (let i = 0; i < 5; i++) {
    await report(mine, account, device)
    await report(other, 'other', 'other-plug')
  }
  await ask('POST', `/v1/accounts/${account}/consents`, { purpose: 'analyze-use', state: 'denied', device })
  await ask('POST', `/v1/accounts/${account}/app-token`)
  await ask('POST', '/v1/tokens', { role: `account:${account}` })
  await until(settled(one))
  t.equal(lines(data).length, 10)
  t.ok(gateway.outbox.depth('energy-research') > 0, 'held until the end of the hour')
  const pseudonym = lines(data).find(line => line.device !== lines(data).at(-1)?.device)?.device
  t.ok(filesBelow(join(data, 'outbox')).some(file => readFileSync(file).includes(CANARY)), 'in the journal, too')
  const isGone = new Promise<void>(resolve => mine.once('close', () => resolve()))

  const erased = await ask('POST', `/v1/accounts/${account}/erasure`, { confirm: account })
  t.match(erased, { status: 200, json: { account, existed: true, devices: 1, lines: 5, waiting: 5, notices: { 'product-analytics': 1 } } })
  await isGone
  await t.rejects(mqtt.connectAsync(one.running.mqttUrl, { username: device, password: PASSWORD, reconnectPeriod: 0 }))
  await until(settled(one))
  const left = lines(data)
  t.equal(left.filter(line => line.report !== 'erasure').length, 5)
  const [notice] = left.filter(line => line.report === 'erasure')
  t.same(notice?.data, { devices: [pseudonym] })
  t.match(notice?.id, /^[g-z]{38}$/)
  t.equal(new Set(left.filter(line => line.report !== 'erasure').map(line => line.device)).size, 1)
  t.match(await ask('GET', `/v1/accounts/${account}`), { status: 404 })
  t.match(await ask('POST', `/v1/accounts/${account}/erasure`, { confirm: account }), { status: 200, json: { existed: false } })
  t.match(await ask('POST', '/v1/accounts/other/erasure', { confirm: account }), { status: 400 })
  t.match(await gateway.core.ledger.verify(), { ok: true })
  t.match((await ask('GET', '/metrics')).text, /curtilage_taken_back_total\{kind="erasure"\} 1/)
  for (const file of filesBelow(data)) t.notOk(readFileSync(file).includes(CANARY), `${file.slice(data.length)}, while it runs`)
  await report(other, 'other', 'other-plug')
  await until(() => lines(data).filter(line => line.report !== 'erasure').length === 6)
  await one.close()
  for (const file of filesBelow(data)) t.notOk(readFileSync(file).includes(CANARY), file.slice(data.length))
})

t.test('erase: names of every epoch and rule -> in the notice; a recipient without names, or gone from the policy -> none', async t => {
  const one = await world(t)
  const { data, ask, running: { gateway: { core } } } = one
  await one.home('home', 'plug')
  const now = core.now()
  const header = (decidedMs: number, transform: string) => ({ account: 'home', device: 'plug', policy: 'ggg', decidedMs, notBeforeMs: 0, fields: [{ path: '@device', category: 'device.id', transform }] })
  await core.store.transaction(() => {
    core.counts.add([
      { recipient: 'product-analytics', report: 'motion', atMs: now, header: header(now - 70 * DAY_MS, 'pseudonymize:30d') },
      { recipient: 'product-analytics', report: 'motion', atMs: now, header: header(now, 'pseudonymize:30d') },
      { recipient: 'product-analytics', report: 'motion', atMs: now, header: header(now, 'keep') },
      { recipient: 'nobody', report: 'motion', atMs: now, header: header(now, 'keep') },
      { recipient: 'device-health', report: 'sysinfo', atMs: now, header: { ...header(now, 'keep'), fields: [] } }
    ], () => true)
  })
  const keys = { gatewayKeyAt: (beginsMs: number) => core.keyring.keyAt('pseudonym', beginsMs), accountKey: core.registry.accounts.keyWith('product-analytics', 'home')! }
  const epochMs = 30 * DAY_MS
  const names = ['plug']
  for (let epoch = Math.floor((now - 70 * DAY_MS) / epochMs); epoch <= Math.floor(now / epochMs); epoch++) {
    names.push(pseudonymOf('plug', { recipient: 'product-analytics', category: 'device.id', epochMs, nowMs: epoch * epochMs }, keys))
  }
  t.match(await ask('POST', '/v1/accounts/home/erasure', { confirm: 'home' }), { json: { notices: { 'product-analytics': 1 } } })
  await until(settled(one))
  t.same(lines(data).map(line => line.data), [{ devices: names.sort() }])
  t.equal(lines(data, 'device-health').length, 0)
  t.match((await ask('GET', '/metrics')).text, /curtilage_withheld_total\{recipient="nobody",reason="recipient-off"\} 1/)
})

t.test('erase: a crash after any step -> finished at the next start, the notice under one id', async t => {
  for (const stopAt of ['endConnections', 'settle', 'purge', 'removeLines', 'append', 'destroy']) {
    const data = join(t.testdir(), stopAt)
    const one = await world(t, data)
    const client = await one.home('home', 'plug')
    for (let i = 0; i < 3; i++) await report(client, 'home', 'plug')
    await until(settled(one))
    const { gateway } = one.running
    const fail = async (): Promise<never> => { throw new CurtilageError('store-write') }
    if (stopAt === 'endConnections') gateway.core.registry.endConnections = () => { throw new CurtilageError('store-write') }
    if (stopAt === 'settle') gateway.delivery.settle = fail
    if (stopAt === 'purge') gateway.outbox.purge = fail
    const obstacle = join(data, 'recipients', 'product-analytics', new Date().toISOString().slice(0, 10), '9999.ndjson.rewriting')
    if (stopAt === 'removeLines') mkdirSync(obstacle)
    if (stopAt === 'append') gateway.outbox.append = fail
    if (stopAt === 'destroy') gateway.core.registry.eraseAccount = fail
    t.match(await one.ask('POST', '/v1/accounts/home/erasure', { confirm: 'home' }), { status: 503 }, stopAt)
    t.match(await one.ask('GET', '/v1/accounts/home'), { status: 404 }, 'known to nobody from the beginning')
    rmSync(obstacle, { recursive: true, force: true })
    await one.close()
    const again = await world(t, data)
    t.match(again.running.gateway.recovered, { unfinished: 0, erasures: 0 })
    await until(settled(again))
    t.equal(lines(data).filter(line => line.report !== 'erasure').length, 0, stopAt)
    t.equal(new Set(lines(data).map(line => line.id)).size, 1, stopAt)
    t.equal(again.running.gateway.core.registry.devices.get('plug'), undefined)
    await again.close()
  }
})

t.test('minor: marked -> what recipients had that the service does not need is taken back, the account stays', async t => {
  const one = await world(t)
  const { data, ask, running: { gateway: { core } } } = one
  const client = await one.home('home', 'plug')
  await ask('POST', '/v1/accounts/home/consents', { purpose: 'provide-service', state: 'granted', recipient: 'home-integration' })
  for (let i = 0; i < 3; i++) await report(client, 'home', 'plug')
  await until(settled(one))
  const [needed, other] = [core.registry.accounts.keyWith('home-integration', 'home'), core.registry.accounts.keyWith('product-analytics', 'home')]
  const waiting = one.running.gateway.outbox.depth('home-integration')
  const pseudonym = lines(data)[0]?.device
  t.match(await ask('PATCH', '/v1/accounts/home', { minor: true }), { status: 200, json: { minor: true } })
  await until(settled(one))
  t.same(lines(data).map(line => [line.report, line.data]), [['erasure', { devices: [pseudonym] }]])
  t.equal(one.running.gateway.outbox.depth('home-integration'), waiting, 'what the service needs waits on')
  t.same(core.registry.accounts.keyWith('home-integration', 'home'), needed)
  t.notSame(core.registry.accounts.keyWith('product-analytics', 'home'), other)
  t.ok(core.registry.devices.get('plug'))
  t.match(await ask('PATCH', '/v1/accounts/home', { minor: false }), { status: 200, json: { minor: false } })
  await report(client, 'home', 'plug')
  await until(() => lines(data).length === 2)
  t.not(lines(data).at(-1)?.device, pseudonym, 'the past stays unlinked')
  t.match(await ask('POST', '/v1/accounts/home/erasure', { confirm: 'home' }), { json: { lines: 1, notices: { 'product-analytics': 1 } } })
})

t.test('minor: set and lifted while no gateway runs -> nothing of what waited before leaves', async t => {
  const data = join(t.testdir(), 'data')
  const one = await world(t, data)
  const client = await one.home('home', 'plug')
  await report(client, 'home', 'plug')
  await until(settled(one))
  t.equal(one.running.gateway.outbox.depth('energy-research'), 1)
  await one.close()
  const { buildApi } = await import('../../src/console/api.js')
  const core = await openCore({ config: 'config', data }, 'command')
  const api = buildApi({ core, operator: 'o'.repeat(30) })
  for (const minor of [true, false]) {
    const { statusCode } = await api.inject({ method: 'PATCH', url: '/v1/accounts/home', headers: { authorization: `Bearer ${'o'.repeat(30)}` }, payload: { minor } })
    t.equal(statusCode, 200)
  }
  await api.close()
  await core.close()
  const again = await world(t, data)
  t.equal(again.running.gateway.outbox.depth('energy-research'), 0)
  await until(settled(again))
  t.same(lines(data).map(line => line.report), ['erasure'])
})

t.test('restored store: older than an erasure, a withdrawal and a minor\'s mark -> all hold again before anything leaves', async t => {
  const data = join(t.testdir(), 'data')
  const one = await world(t, data)
  const homes = await Promise.all(['erased', 'withdrawn', 'minor', 'signal', 'free'].map(async name => [name, await one.home(name, `${name}-plug`)] as const))
  for (const [name, client] of homes) await report(client, name, `${name}-plug`)
  await until(settled(one))
  await one.close()
  cpSync(join(data, 'store'), join(data, '..', 'copy'), { recursive: true })

  const two = await world(t, data)
  t.equal((await two.ask('POST', '/v1/accounts/erased/erasure', { confirm: 'erased' })).status, 200)
  t.equal((await two.ask('POST', '/v1/accounts/withdrawn/consents', { purpose: 'improve-products', state: 'withdrawn' })).status, 201)
  t.equal((await two.ask('PATCH', '/v1/accounts/minor', { minor: true })).status, 200)
  t.equal((await two.ask('PATCH', '/v1/accounts/signal', { optOutSignal: true })).status, 200)
  await until(settled(two))
  await two.close()
  t.equal(statSync(join(data, 'replay.ndjson')).mode & 0o777, 0o600)
  t.notMatch(readFileSync(join(data, 'replay.ndjson'), 'utf8'), /erased-|"account":"(erased|withdrawn|minor|signal)"/)

  rmSync(join(data, 'store'), { recursive: true })
  cpSync(join(data, '..', 'copy'), join(data, 'store'), { recursive: true })
  const before = lines(data).map(line => line.id)
  const three = await world(t, data)
  t.match(three.running.gateway.recovered, { erasures: 1, consents: 1, facts: 2, skipped: 0, unfinished: 0 })
  await until(settled(three))
  t.match(await three.ask('GET', '/v1/accounts/erased'), { status: 404 })
  t.match(await three.ask('GET', '/v1/accounts/minor'), { json: { minor: true } })
  t.match((await three.ask('GET', '/v1/accounts/withdrawn/consents')).json.records.at(-1), { state: 'withdrawn', actor: 'replay' })
  for (const [name] of homes.slice(1)) await report(await three.home(name, `${name}-plug`), name, `${name}-plug`)
  await until(settled(three))
  const fresh = lines(data).filter(line => !before.includes(line.id) && line.report !== 'erasure')
  t.equal(fresh.length, 1, 'of the free one alone')
  t.match((await three.ask('GET', '/metrics')).text, /curtilage_replayed_total\{what="erasures"\} 1/)
  await three.close()
  const four = await world(t, data)
  t.match(four.running.gateway.recovered, { erasures: 0, consents: 0, facts: 0, later: 0, skipped: 0 })
})

t.test('restored store: a command comes before the gateway -> it replays too, and what it records counts on', async t => {
  const data = join(t.testdir(), 'data')
  const open = async () => await openCore({ config: 'config', data }, 'command')
  const first = await open()
  for (const account of ['a', 'b']) await first.registry.accounts.add({ account, regime: 'opt-out' })
  await first.close()
  cpSync(join(data, 'store'), join(data, '..', 'copy'), { recursive: true })
  const second = await open()
  await second.ledger.append([{ account: 'a', purpose: 'improve-products', state: 'withdrawn' }])
  await second.ledger.append([{ account: 'a', purpose: 'improve-products', state: 'granted' }])
  await second.close()
  rmSync(join(data, 'store'), { recursive: true })
  cpSync(join(data, '..', 'copy'), join(data, 'store'), { recursive: true })
  const third = await open()
  t.match(third.ledger.current('a')?.records, [{ state: 'withdrawn', actor: 'replay' }])
  await third.ledger.append([{ account: 'b', purpose: 'improve-products', state: 'denied' }])
  await third.close()
  const list = readFileSync(join(data, 'replay.ndjson'), 'utf8').trim().split('\n').map(line => JSON.parse(line))
  t.match(list, [{ number: 1, state: 'withdrawn' }, { number: 2, state: 'denied' }])
})

t.test('restored store: older than an account that denied and was marked -> both hold from the moment it is added again', async t => {
  const data = join(t.testdir(), 'data')
  const open = async () => await openCore({ config: 'config', data }, 'command')
  const first = await open()
  await first.registry.accounts.add({ account: 'before', regime: 'opt-out' })
  await first.close()
  cpSync(join(data, 'store'), join(data, '..', 'copy'), { recursive: true })
  const second = await open()
  const by = { source: 'test' }
  for (const account of ['a', 'gone']) await second.registry.accounts.add({ account, regime: 'opt-out' })
  await second.ledger.append([{ account: 'gone', purpose: 'analyze-use', state: 'denied' }])
  await (await rightsAlone(second)).erase('gone')
  await second.registry.accounts.add({ account: 'gone', regime: 'opt-out' })
  await second.ledger.append([{ account: 'gone', purpose: 'personalize', state: 'denied' }])
  await second.registry.accounts.add({ account: 'child', regime: 'opt-out', minor: true })
  await second.registry.devices.add({ account: 'a', device: 'plug' })
  await second.ledger.append([{ account: 'a', purpose: 'improve-products', state: 'withdrawn', device: 'plug', ...by }])
  await second.registry.accounts.set('a', { minor: true, optOutSignal: true }, by)
  await second.registry.accounts.set('a', { optOutSignal: false }, by)
  await second.close()
  for (const round of ['store put back', 'put back once more']) {
    rmSync(join(data, 'store'), { recursive: true })
    cpSync(join(data, '..', 'copy'), join(data, 'store'), { recursive: true })
    const third = await open()
    await third.close()
    const fourth = await open()
    for (const account of ['a', 'gone', 'child', 'new']) await fourth.registry.accounts.add({ account, regime: 'opt-out' })
    t.match(fourth.ledger.current('a'), { facts: { minor: true, optOutSignal: false }, records: [{ purpose: 'improve-products', state: 'withdrawn', device: undefined, actor: 'replay' }] }, round)
    t.match(fourth.ledger.current('gone')?.records.map(({ purpose }) => purpose), ['personalize'])
    t.match(fourth.ledger.current('child'), { facts: { minor: true, optOutSignal: false } })
    t.match(fourth.ledger.current('new'), { facts: { minor: false }, records: [] })
    t.ok(fourth.replay.later.isEmpty)
    t.match(await fourth.ledger.verify(), { ok: true })
    await fourth.close()
  }
})

t.test('restored store: a name that the policy of then does not know is denied -> denied when a policy knows it', async t => {
  const data = join(t.testdir(), 'data')
  const small = join(data, '..', 'small')
  cpSync('config', small, { recursive: true })
  for (const file of ['recipients/product-analytics.yaml', 'tests']) rmSync(join(small, file), { recursive: true })
  const open = async (config: string) => await openCore({ config, data }, 'command')
  const first = await open('config')
  await first.registry.accounts.add({ account: 'a', regime: 'opt-out' })
  await first.close()
  cpSync(join(data, 'store'), join(data, '..', 'copy'), { recursive: true })
  const second = await open('config')
  await second.ledger.append([{ account: 'a', purpose: 'improve-products', recipient: 'product-analytics', state: 'denied' }])
  await second.close()
  rmSync(join(data, 'store'), { recursive: true })
  cpSync(join(data, '..', 'copy'), join(data, 'store'), { recursive: true })
  await (await open(small)).close()
  const third = await open('config')
  t.match(third.ledger.current('a')?.records, [{ recipient: 'product-analytics', state: 'denied', actor: 'replay' }])
  await third.close()
})

t.test('restored store: older than a removed device, void passwords, a revoked token and a pause -> none comes back', async t => {
  const one = await world(t)
  const { data } = one
  const { registry } = one.running.gateway.core
  for (const device of ['plug', 'sold', 'stolen']) await one.home('home', device)
  const app = await registry.appToken('home')
  const theirs = await registry.recipientToken('home-integration')
  const [spare, kept] = [await registry.tokens.create('ops'), await registry.tokens.create('ops')]
  await one.close()
  cpSync(join(data, 'store'), join(data, '..', 'copy'), { recursive: true })

  const two = await world(t, data)
  const after = two.running.gateway.core.registry
  await after.devices.remove('sold')
  await after.devices.rotate('stolen')
  await after.appToken('home')
  await after.recipientToken('home-integration')
  await after.tokens.revoke(spare.id)
  for (const what of ['product-analytics/pause', 'device-health/pause', 'device-health/resume']) t.match(await two.ask('POST', `/v1/recipients/${what}`, what.endsWith('pause') ? { reason: 'private words' } : undefined), { status: 200 })
  await two.close()
  t.notMatch(readFileSync(join(data, 'replay.ndjson'), 'utf8'), /sold|stolen|"home"|private/)
  rmSync(join(data, 'store'), { recursive: true })
  cpSync(join(data, '..', 'copy'), join(data, 'store'), { recursive: true })

  const three = await world(t, data)
  const { gateway } = three.running
  const { registry: restored } = gateway.core
  t.match(gateway.recovered, { access: 5, pauses: 3, later: 0, skipped: 0 })
  t.equal(restored.devices.get('sold'), undefined)
  for (const [user, password] of [['sold', PASSWORD], ['stolen', PASSWORD], ['account:home', app], ['recipient:home-integration', theirs]] as const) t.equal(restored.authenticate(user, password), undefined, user)
  t.match(restored.authenticate('plug', PASSWORD), { device: 'plug' })
  t.equal(restored.tokens.check(spare.token), undefined)
  t.equal(restored.tokens.check(kept.token), 'ops')
  t.ok(gateway.outbox.pauseOf('product-analytics'))
  t.notOk(gateway.outbox.pauseOf('device-health'))
  const before = lines(data).length
  await report(await three.home('home', 'plug'), 'home', 'plug')
  t.equal(gateway.outbox.depth('product-analytics'), 1)
  t.equal(lines(data).length, before)
  await three.close()
  const four = await world(t, data)
  t.match(four.running.gateway.recovered, { access: 0, pauses: 0 })
})

t.test('replay list: a torn end -> cut; a line that is no entry -> refused; not to be written -> told, though recorded', async t => {
  const data = join(t.testdir(), 'data')
  const open = async () => await openCore({ config: 'config', data }, 'command')
  const first = await open()
  await first.registry.accounts.add({ account: 'a', regime: 'opt-out' })
  await first.ledger.append([{ account: 'a', purpose: 'improve-products', state: 'withdrawn' }])
  await first.close()
  const path = join(data, 'replay.ndjson')
  appendFileSync(path, '{"number":2,"at"')
  const second = await open()
  await second.ledger.append([{ account: 'a', purpose: 'analyze-use', state: 'denied' }])
  await second.close()
  t.match(readFileSync(path, 'utf8').trim().split('\n').map(line => JSON.parse(line)), [{ number: 1 }, { number: 2, purpose: 'analyze-use' }])
  appendFileSync(path, 'no entry\n')
  await t.rejects(open(), { code: 'replay-unreadable' })
  rmSync(path)
  mkdirSync(path)
  await t.rejects(open(), { code: 'replay-unreadable' })
  rmSync(path, { recursive: true })
  const third = await open()
  mkdirSync(path)
  await t.rejects(third.ledger.append([{ account: 'a', purpose: 'personalize', state: 'denied' }]), { code: 'replay-write' })
  t.match(third.ledger.current('a')?.records.at(-1), { purpose: 'personalize' })
  rmSync(path, { recursive: true })
  await third.close()
})

t.test('export: everything that is held of an account -> one document; another account\'s is not in it', async t => {
  const one = await world(t)
  const { ask, running: { gateway: { core } } } = one
  const client = await one.home('home', 'plug')
  const other = await one.home('other', 'other-plug')
  await core.registry.devices.add({ account: 'home', device: 'cam', mac: '50C7BF0D918C' })
  await ask('POST', '/v1/accounts/home/consents', { purpose: 'analyze-use', state: 'denied' })
  await ask('POST', '/v1/accounts/home/app-token')
  await report(client, 'home', 'plug')
  await report(client, 'home', 'plug')
  await report(other, 'other', 'other-plug')
  await until(settled(one))
  const { status, json, text } = await ask('GET', '/v1/accounts/home/export')
  t.equal(status, 200)
  t.match(json, {
    account: 'home',
    facts: { regime: 'opt-out', minor: false },
    devices: [{ device: 'cam', hasKnownAddress: true }, { device: 'plug', hasKnownAddress: false }],
    hasAppToken: true,
    names: [{ recipient: 'product-analytics', device: 'plug', knownAs: 'pseudonym' }],
    waiting: [{ recipient: 'energy-research', count: 2 }],
    delivered: [{ recipient: 'product-analytics', day: new Date(core.now()).toISOString().slice(0, 10), reports: { 'energy-realtime': 2 }, categories: { 'energy.power': 2 } }]
  })
  t.match(json.records.map((record: object) => 'facts' in record), [true, false])
  t.equal(json.purposes.find(({ purpose }: { purpose: string }) => purpose === 'analyze-use').answer, 'no')
  t.notMatch(text, /other-plug|50c7bf|secret/i)
  t.match(await ask('GET', '/v1/accounts/nobody/export'), { status: 404 })
})

t.test('counts: older than limits.countRetention -> forgotten, the names by which recipients know devices are not', async t => {
  const one = await world(t)
  const { core } = one.running.gateway
  await core.registry.accounts.add({ account: 'home', regime: 'opt-in' })
  const header = { account: 'home', device: 'plug', policy: 'ggg', decidedMs: 5, notBeforeMs: 0, fields: [{ path: '@device', category: 'device.id', transform: 'keep' }] }
  await core.store.transaction(() => { for (const day of [0, 1, 2, 3]) core.counts.add([{ recipient: 'r', report: 'motion', header, atMs: day * DAY_MS }], () => true) })
  t.equal(await core.counts.prune(2 * DAY_MS + 5), 2)
  t.same([...core.counts.of('home')].map(({ day }) => day), ['1970-01-03', '1970-01-04'])
  t.equal(core.counts.names('home').length, 1)
})

t.test('INVARIANT 5: after a withdrawal or an erasure is acknowledged, nothing more of it leaves', async t => {
  const one = await world(t)
  const { data, ask } = one
  const still = await one.home('still', 'still-plug')
  let round = 0
  await fc.assert(fc.asyncProperty(fc.constantFrom('erasure', 'minor', 'withdrawal'), fc.integer({ min: 1, max: 40 }), async (what, after) => {
    const account = `home-${round++}`
    const device = `${account}-plug`
    const power = 1_000_000 + round * 1000
    const client = await one.home(account, device)
    const load = { isRunning: true }
    const ended = new Promise<void>(resolve => client.once('close', () => resolve()))
    const reporting = [
      (async () => { while (load.isRunning && client.connected) await Promise.race([ended, report(client, account, device, power)]) })(),
      (async () => { while (load.isRunning) await report(still, 'still', 'still-plug', 10) })()
    ]
    const mine = () => lines(data).filter(line => line.data.emeter?.get_realtime.power === power).length
    await until(() => mine() >= after)
    if (what === 'erasure') t.equal((await ask('POST', `/v1/accounts/${account}/erasure`, { confirm: account })).status, 200)
    if (what === 'minor') t.equal((await ask('PATCH', `/v1/accounts/${account}`, { minor: true })).status, 200)
    if (what === 'withdrawal') t.equal((await ask('POST', `/v1/accounts/${account}/consents`, { purpose: 'improve-products', state: 'withdrawn' })).status, 201)
    const atAnswer = mine()
    const others = lines(data).length
    await until(() => lines(data).length > others + 20)
    load.isRunning = false
    await Promise.all(reporting)
    await until(settled(one))
    client.end(true)
    return mine() === atAnswer && (what === 'withdrawal' || atAnswer === 0)
  }), { numRuns: RUNS, endOnFailure: true })
})

t.test('withdrawal: one of several sinks hangs -> an error, recorded all the same, the others settled', async t => {
  const one = await world(t)
  const { ask, data, running: { gateway } } = one
  const client = await one.home('home', 'plug')
  let calls = 0
  let letGo = (): void => {}
  const stuck = new Promise<void>(resolve => { letGo = resolve })
  const hanging = { maxBatch: 1, deliver: async () => { calls++; await stuck }, close: async () => {} }
  await gateway.delivery.end('energy-research')
  gateway.delivery.start('energy-research', hanging)
  const { core } = gateway
  await report(client, 'home', 'plug')
  await until(settled(one))
  // what it holds until the end of the hour is due for the claim alone
  const claim = gateway.outbox.claim.bind(gateway.outbox)
  gateway.outbox.claim = (recipient, max, nowMs) => claim(recipient, max, recipient === 'energy-research' ? nowMs + DAY_MS : nowMs)
  gateway.delivery.wake('energy-research')
  await until(() => calls === 1)
  const answer = await ask('POST', '/v1/accounts/home/consents', { purpose: 'improve-products', state: 'withdrawn' })
  t.match(answer, { status: 503, json: { code: 'delivery-unsettled' } })
  t.match(core.ledger.current('home')?.records.at(-1), { state: 'withdrawn' })
  await report(client, 'home', 'plug')
  t.equal(lines(data).length, 1, 'nothing more to the sinks that go on')
  t.match(await ask('POST', '/v1/accounts/home/erasure', { confirm: 'home' }), { status: 503, json: { code: 'delivery-unsettled' } })
  t.match(await ask('GET', '/v1/accounts/home'), { status: 404 })
  letGo()
})
