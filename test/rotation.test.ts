/** Rotation of the secret: what stays, what changes and when, and what a crash leaves. */

import t, { type Test } from 'tap'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import mqttPacket from 'mqtt-packet'
import { buildApi } from '../src/console/api.js'
import { openCore, pseudonymKeyAt, type Core } from '../src/core.js'
import { pseudonymOf } from '../src/minimize/pseudonym.js'
import { compileSources, type Configuration } from '../src/policy/compile.js'
import { retireGenerations, retireUnneeded, rotateSecret, secretStatus } from '../src/rotation.js'
import { startGateway } from '../src/start-gateway.js'
import { Keyring } from '../src/store/keyring.js'
import { addGeneration, dropGenerations, loadKeyring } from '../src/store/secret.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const DAY_MS = 86_400_000
const PASSWORD = 'a-password-of-the-test-home'
const code = (wanted: string) => ({ name: 'CurtilageError', code: wanted })

interface World {
  core: Core
  data: string
  at (ms: number): void
  reopen (): Promise<Core>
}

async function world (t: Test): Promise<World> {
  const data = join(t.testdir(), 'data')
  let now = Date.UTC(2026, 0, 5, 12)
  const open = async () => await openCore({ config: 'config', data, now: () => now }, 'command')
  const state: World = {
    core: await open(),
    data,
    at: ms => { now = ms },
    reopen: async () => {
      await state.core.close().catch(() => {})
      state.core = await open()
      return state.core
    }
  }
  t.teardown(async () => { await state.core.close() })
  const { registry } = state.core
  await registry.accounts.add({ account: 'home-1', regime: 'opt-in' })
  for (const device of ['plug-1', 'cam-1']) await registry.devices.add({ account: 'home-1', device, password: PASSWORD, mac: '50:C7:BF:0D:91:8C' })
  return state
}

t.test('INVARIANT: a pseudonym does not change within an epoch because the secret was rotated', async t => {
  const folder = t.testdir()
  const steps = fc.array(fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 40_000 }) }, { weight: 1, arbitrary: fc.constant('rotate' as const) }), { minLength: 1, maxLength: 20 })
  let run = 0
  fc.assert(fc.property(steps, fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 0, max: 4e12 }), (steps, epochMs, startMs) => {
    const data = join(folder, String(run++))
    let keyring = loadKeyring(data)
    let nowMs = startMs
    const seen = new Map<number, { is: string, rotations: number }>()
    let rotations = 0
    const under = (ring: Keyring) => pseudonymOf('plug-1', { recipient: 'r', category: 'device.id', epochMs, nowMs }, { gatewayKeyAt: pseudonymKeyAt(ring), accountKey: new Uint8Array(32) })
    for (const step of steps) {
      const before = new Keyring(keyring.generations)
      if (step === 'rotate') {
        addGeneration(data, keyring, nowMs)
        keyring = loadKeyring(data)
        rotations += 1
      } else nowMs += step
      const epoch = Math.floor(nowMs / epochMs)
      const is = under(keyring)
      const earlier = seen.get(epoch)
      if (earlier !== undefined && earlier.is !== is) throw new Error('changed within its epoch')
      if (step === 'rotate' && under(before) !== is) throw new Error('changed by the rotation')
      seen.set(epoch, earlier ?? { is, rotations })
      if (earlier === undefined && rotations > 0 && epoch * epochMs > keyring.newest.sinceMs) {
        const first = new Keyring({ all: keyring.generations.all.slice(0, -1), lasting: {} })
        if (under(first) === is) throw new Error('an epoch that began after the rotation is made under the old secret')
      }
    }
  }), { numRuns: Math.min(RUNS, 200) })
  t.ok(run > 0)
})

t.test('secret: rotated -> a private file of generations, read back the same; malformed -> refused', t => {
  const data = join(t.testdir(), 'data')
  const keyring = loadKeyring(data)
  const first = Buffer.from(keyring.newest.secret)
  const replay = Buffer.from(keyring.lasting('replay'))
  t.equal(addGeneration(data, keyring, 1_000).generation, 2)
  addGeneration(data, keyring, 1_000)
  t.equal(statSync(join(data, 'secret')).mode & 0o777, 0o600)
  t.same(readdirSync(data), ['secret'])
  const again = loadKeyring(data)
  t.same(again.generations, keyring.generations)
  t.same(again.numbers, [3, 2, 1])
  t.same(again.generations.all.map(({ sinceMs }) => sinceMs), [0, 1_000, 1_001], 'never two at one moment')
  t.same(Buffer.from(again.generations.all[0]?.secret ?? []), first)
  dropGenerations(data, keyring, [1, 3])
  t.same(keyring.numbers, [3, 2], 'the newest stays, whoever asks')
  t.equal(keyring.key('credentials', 1), undefined)
  t.equal(keyring.at(500).generation, 2, 'what began under one that is gone: the oldest that is left')
  t.same(Buffer.from(loadKeyring(data).lasting('replay')), replay, 'what has to be found again for ever keeps its key')
  t.notOk(readFileSync(join(data, 'secret'), 'utf8').includes(first.toString('base64')))
  const written = JSON.parse(readFileSync(join(data, 'secret'), 'utf8'))
  const bad = ['{}', '{"generations":[],"lasting":{}}', 'x'.repeat(100), JSON.stringify({ ...written, generations: [...written.generations].reverse() }), JSON.stringify({ ...written, lasting: { replay: 'short' } })]
  for (const text of bad) {
    writeFileSync(join(data, 'secret'), text)
    t.throws(() => loadKeyring(data), code('secret-unsafe'), text.slice(0, 30))
  }
  t.end()
})

t.test('secret: its old bytes -> overwritten, unless somebody holds a copy by another name', t => {
  const data = join(t.testdir(), 'data')
  const keyring = loadKeyring(data)
  const held = join(data, 'held')
  linkSync(join(data, 'secret'), held)
  const first = readFileSync(held)
  addGeneration(data, keyring, 1)
  t.same(readFileSync(held), first, 'a backup by a hard link is not touched')
  t.end()
})

t.test('rotation: logins go on -> kept under the new generation from the next login on, the old one destroyed when nothing needs it', async t => {
  const w = await world(t)
  const { registry } = w.core
  const app = await registry.appToken('home-1')
  const recipient = await registry.recipientToken('home-integration')
  const { token } = await registry.tokens.create('auditor')
  const ops = readFileSync(join(w.data, 'ops.token'), 'utf8').trim()
  t.equal(await rotateSecret(w.core), 2)
  t.match(await secretStatus(w.core), [
    { generation: 1, newest: false, needed: true, devices: 2, apps: 1, recipients: 1, tokens: 1, addresses: 2 },
    { generation: 2, newest: true, needed: true, devices: 0, tokens: 1 }
  ], 'the token of the file is found anew at once')
  t.same(await retireGenerations(w.core, false), [])
  const login = (core: Core) => {
    for (const device of ['plug-1', 'cam-1']) t.match(core.registry.authenticate(device, PASSWORD), { device })
    t.match(core.registry.authenticate('account:home-1', app), { kind: 'app' })
    t.match(core.registry.authenticate('recipient:home-integration', recipient), { kind: 'recipient' })
    t.same([token, ops].map(one => core.registry.tokens.check(one)), ['auditor', 'ops'])
    t.equal(core.registry.authenticate('plug-1', 'x'.repeat(20)), undefined)
    t.equal(core.registry.authenticate('nobody', PASSWORD), undefined)
  }
  login(w.core)
  await registry.renewed()
  t.match(await secretStatus(w.core), [{ devices: 0, apps: 0, recipients: 0, tokens: 0, addresses: 2 }, { devices: 2, apps: 1, recipients: 1, tokens: 2 }])
  for (const device of ['plug-1', 'cam-1']) {
    t.ok(registry.devices.fingerprintLookup(device).hasMac('50c7bf0d918c'), 'known under the old generation')
    t.equal(await registry.devices.learn(device, [{ kind: 'mac', canonical: '50c7bf0d918c' }]), true, 'made anew when it is seen again')
    t.equal(await registry.devices.learn(device, [{ kind: 'mac', canonical: '50c7bf0d918c' }]), false)
    t.equal(registry.devices.get(device)?.addresses.length, 1)
  }
  t.match(await secretStatus(w.core), [{ addresses: 0, needed: true, pseudonymsUntilMs: Number, noticesUntilMs: Number }, { addresses: 2 }])
  w.at(w.core.now() + 800 * DAY_MS)
  t.match(await secretStatus(w.core), [{ generation: 1, needed: false }, { generation: 2, needed: true }])
  await retireUnneeded(w.core)
  t.match(await w.core.ledger.audit({ action: 'secret.retire', limit: 9 }), [{ actor: 'gateway', outcome: 'done', subject: 'generation 1' }])
  login(await w.reopen())
  t.same(w.core.keyring.numbers, [2])
  for (const device of ['plug-1', 'cam-1']) t.ok(w.core.registry.devices.fingerprintLookup(device).hasTail('918c'))
})

t.test('rotation: a policy with shorter epochs takes the place of one with longer ones -> its generation stays as long as the longer ones said', async t => {
  const startMs = Date.UTC(2026, 0, 5, 12)
  const RETENTION_DAYS = 400
  const cases: { name: string, noted?: false, unreadable?: true, rotatedDay: number, shorterDay: number, longerAgainDay?: number, untilMs: number }[] = [
    { name: 'rotated under the longer one', rotatedDay: 1, shorterDay: 2, untilMs: startMs + 366 * DAY_MS },
    { name: 'rotated later: nothing was made under the longer one meanwhile', rotatedDay: 30, shorterDay: 2, untilMs: startMs + 367 * DAY_MS + 3_600_000 },
    { name: 'rotated long after', rotatedDay: 500, shorterDay: 2, untilMs: startMs + 530 * DAY_MS },
    { name: 'the longer one came back', rotatedDay: 30, shorterDay: 2, longerAgainDay: 40, untilMs: startMs + 395 * DAY_MS },
    { name: 'kept by an earlier version, which did not note how long', noted: false, rotatedDay: 1, shorterDay: 2, untilMs: startMs + 366 * DAY_MS },
    { name: 'kept so, and cannot be compiled any more', noted: false, unreadable: true, rotatedDay: 1, shorterDay: 2, untilMs: startMs + 36_501 * DAY_MS }
  ]
  for (const { name, noted, unreadable, rotatedDay, shorterDay, longerAgainDay, untilMs } of cases) {
    let nowMs = startMs
    const core = await openCore({ config: 'config', data: join(t.testdir(), name.replaceAll(/\W/g, '-')), now: () => nowMs }, 'command')
    t.teardown(async () => { await core.close() })
    const longer = core.configuration
    const shorter = compileSources(new Map([...longer.sources].map(([file, text]) => [file, text.replace(/epoch: \d+d/, 'epoch: 30d')]))) as Configuration
    const take = async (next: Configuration) => {
      await core.store.transaction(() => core.archive.activate(next, { why: 'folder', by: 'a test', changes: [] }))
      core.inForce.put(next)
    }
    await take(longer)
    const steps: [number, () => Promise<unknown>][] = [[rotatedDay, async () => await rotateSecret(core)], [shorterDay, async () => await take(shorter)]]
    if (longerAgainDay !== undefined) steps.push([longerAgainDay, async () => await take(longer)], [longerAgainDay + 1, async () => await take(shorter)])
    for (const [day, step] of steps.sort(([a], [b]) => a - b)) {
      nowMs = startMs + day * DAY_MS
      await step()
    }
    if (noted === false) {
      await core.store.transaction(() => {
        const entries = core.store.database<{ longestEpochMs?: number }, number>('policies.activations')
        for (const { key, value: { longestEpochMs, ...rest } } of [...entries.getRange()]) entries.putSync(key, rest)
        if (unreadable) core.store.database('policies').putSync(longer.policy.digest, { files: { 'consent.yaml': 'from: an earlier version' }, storedMs: 0 })
      })
    }
    const noticesUntilMs = untilMs + RETENTION_DAYS * DAY_MS
    t.match(await secretStatus(core), [{ generation: 1, pseudonymsUntilMs: untilMs, noticesUntilMs, needed: true }, { generation: 2 }], name)
    nowMs = noticesUntilMs - 1
    await retireUnneeded(core)
    t.same(core.keyring.numbers, [2, 1], `${name}: needed up to then`)
    nowMs = noticesUntilMs
    await retireUnneeded(core)
    t.same(core.keyring.numbers, [2], `${name}: and not beyond`)
  }
})

t.test('rotation: several of them before anybody logs in -> every generation opens what was made under it', async t => {
  const w = await world(t)
  for (let i = 0; i < 3; i++) {
    await rotateSecret(w.core)
    await w.core.registry.devices.add({ account: 'home-1', device: `late-${i}`, password: PASSWORD })
  }
  const devices = ['plug-1', 'late-0', 'late-1', 'late-2']
  await w.reopen()
  for (const device of devices) t.match(w.core.registry.authenticate(device, PASSWORD), { device })
  const rotated = w.core.registry.devices.rotate('plug-1', `${PASSWORD}-2`)
  await rotated
  await w.core.registry.renewed()
  t.equal(w.core.registry.authenticate('plug-1', PASSWORD), undefined, 'a hash made anew does not bring an older password back')
  t.ok(w.core.registry.authenticate('plug-1', `${PASSWORD}-2`))
  t.match((await secretStatus(w.core)).map(({ devices }) => devices), [1, 0, 0, 4], 'cam-1 has not come yet')
})

t.test('rotation: a storm of logins -> a few transactions; the disk does not take them -> logins go on', async t => {
  const w = await world(t)
  const { registry, store } = w.core
  await registry.devices.addAll(Array.from({ length: 500 }, (_, i) => ({ account: 'home-1', device: `d${i}`, password: PASSWORD })))
  await rotateSecret(w.core)
  const { transaction } = store
  let transactions = 0
  Object.assign(store, { transaction: async () => { transactions++; throw new Error('disk full') } })
  const all = () => Array.from({ length: 500 }, (_, i) => registry.authenticate(`d${i}`, PASSWORD)).every(identity => identity !== undefined)
  t.ok(all())
  await registry.renewed()
  t.equal(transactions, 1)
  Object.assign(store, { transaction })
  t.ok(all())
  await registry.renewed()
  t.match((await secretStatus(w.core)).map(({ devices }) => devices), [2, 500])
})

t.test('retire by force: after a leak -> what was under the old generations is void, and the answer says what', async t => {
  const w = await world(t)
  const { token } = await w.core.registry.tokens.create('ops')
  const api = buildApi({ core: w.core })
  t.teardown(async () => { await api.close() })
  const ask = async (url: string, body?: object) => {
    const { statusCode, payload } = await api.inject({ method: body === undefined ? 'GET' : 'POST', url, headers: { authorization: `Bearer ${token}` }, ...(body !== undefined && { payload: body }) })
    return { status: statusCode, json: JSON.parse(payload) }
  }
  t.match(await ask('/v1/secret'), { status: 200, json: { generations: [{ generation: 1, sinceMs: 0, newest: true, devices: 2 }] } })
  t.match((await ask('/v1/secret/rotate', {})).json.generations, [{ generation: 1 }, { generation: 2, newest: true }])
  t.match((await ask('/v1/secret/retire', {})).json, { retired: [], generations: [{}, {}] })
  const forced = (await ask('/v1/secret/retire', { force: true })).json
  t.match(forced, { retired: [{ generation: 1, devices: 2, addresses: 2, tokens: 0 }], generations: [{ generation: 2, newest: true }] })
  t.equal(w.core.registry.authenticate('plug-1', PASSWORD), undefined)
  t.equal(w.core.registry.devices.fingerprintLookup('plug-1').hasMac('50c7bf0d918c'), false)
  t.equal((await ask('/v1/secret')).status, 200, 'the token that asked was made anew before')
  t.equal(w.core.registry.tokens.check(readFileSync(join(w.data, 'ops.token'), 'utf8').trim()), 'ops')
  const { password } = await w.core.registry.devices.rotate('plug-1')
  t.ok(w.core.registry.authenticate('plug-1', password))
  t.equal(await w.core.registry.devices.learn('plug-1', [{ kind: 'ip', canonical: '10.0.0.1' }]), true)
  t.equal(w.core.registry.devices.get('plug-1')?.addresses.length, 1, 'what cannot be found any more takes no room')
  t.match((await w.core.ledger.audit({ limit: 99 })).filter(({ action }) => action.startsWith('secret')).map(({ action, outcome, subject }) => [action, outcome, subject]), [['secret.rotate', 'done', 'generation 2'], ['secret.retire', 'done', ''], ['secret.retire', 'done', 'generation 1']])
})

t.test('crash: killed with -9 at every step of a rotation -> the old secret or the new one, and every login works', async t => {
  const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
  const w = await world(t)
  const before = w.core.keyring.numbers.length
  await w.core.close()
  const script = (data: string, call: number) => `
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    let calls = 0
    const { loadKeyring, addGeneration } = await import(${url('../src/store/secret.ts')})
    const keyring = loadKeyring(${JSON.stringify(data)})
    for (const name of ['openSync', 'writeSync', 'fsyncSync', 'renameSync']) {
      const real = fs[name]
      fs[name] = (...given) => { if (++calls === ${call}) process.kill(process.pid, 'SIGKILL'); return real(...given) }
    }
    syncBuiltinESMExports()
    addGeneration(${JSON.stringify(data)}, keyring, Date.now())
    process.exit(0)`
  const outcomes = await Promise.all(Array.from({ length: 10 }, async (_, i) => {
    const data = `${w.data}-${i}`
    cpSync(w.data, data, { recursive: true })
    const child = spawn(process.execPath, [...process.execArgv, '--input-type=module', '-e', script(data, i + 1)], { stdio: ['ignore', 'ignore', 'inherit'] })
    const [, signal] = await once(child, 'exit')
    const core = await openCore({ config: 'config', data }, 'command')
    t.ok(core.registry.authenticate('plug-1', PASSWORD), `after a kill before call ${i + 1}`)
    t.same(readdirSync(data).filter(name => name.startsWith('secret')), ['secret'], 'no draft is left')
    await core.close()
    return { killed: signal === 'SIGKILL', rotated: core.keyring.numbers.length > before }
  }))
  await w.reopen()
  t.same(outcomes.at(-1), { killed: false, rotated: true }, 'there are no more steps than those')
  const killed = outcomes.filter(one => one.killed)
  t.ok(killed.length >= 7, `${killed.length} steps`)
  t.ok(killed.some(({ rotated }) => rotated) && killed.some(({ rotated }) => !rotated), 'some kept the old one, some had the new one')
})

t.test('redelivery: sent again after a rotation -> recognized, delivered once', async t => {
  const data = join(t.testdir(), 'data')
  const address = { host: '127.0.0.1', port: 0 }
  const { gateway, mqttUrl, close } = await startGateway({ config: 'config', data, mqtt: address, http: address })
  t.teardown(async () => { await close() })
  const { core } = gateway
  await core.registry.accounts.add({ account: 'home-1', regime: 'opt-in' })
  await core.registry.devices.add({ account: 'home-1', device: 'plug-1', password: PASSWORD })
  await core.ledger.append([{ account: 'home-1', purpose: 'improve-products', state: 'granted' }])
  const outcomes: string[] = []
  gateway.observe(event => { if (event.type === 'report') outcomes.push(event.outcome) })
  const send = async (messageId: number, dup: boolean) => {
    const socket = connect(Number(new URL(mqttUrl).port), '127.0.0.1')
    const parser = mqttPacket.parser()
    socket.on('data', chunk => parser.parse(chunk))
    const next = async (cmd: string) => { for (;;) { const [packet] = await once(parser, 'packet'); if (packet.cmd === cmd) return } }
    socket.write(mqttPacket.generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'c', clean: true, keepalive: 0, username: 'plug-1', password: Buffer.from(PASSWORD) }))
    await next('connack')
    socket.write(mqttPacket.generate({ cmd: 'publish', topic: 'kasa/home-1/plug-1/energy-realtime', payload: '{"emeter":{"get_realtime":{"power":63.7}}}', qos: 1, messageId, dup, retain: false }))
    await next('puback')
    socket.destroy()
  }
  for (let id = 1; id <= 8; id++) await send(id, false)
  await rotateSecret(core)
  await send(7, true)
  await rotateSecret(core)
  await send(7, true)
  await send(9, true)
  t.same(outcomes, [...Array(8).fill('disclosed'), 'redelivered', 'redelivered', 'disclosed'])
})

t.test('secret: drafts of a rotation that was killed -> removed when the folder is opened, other files stay', async t => {
  const data = join(t.testdir(), 'data')
  mkdirSync(data, { mode: 0o700 })
  for (const name of ['secret.ghijklmnopqrstuv', 'secret.backup', 'secrets']) writeFileSync(join(data, name), 'x', { mode: 0o600 })
  const core = await openCore({ config: 'config', data }, 'command')
  await core.close()
  t.notOk(existsSync(join(data, 'secret.ghijklmnopqrstuv')))
  for (const name of ['secret.backup', 'secrets']) t.ok(existsSync(join(data, name)), name)
  chmodSync(join(data, 'secret'), 0o644)
  await t.rejects(openCore({ config: 'config', data }, 'command'), code('secret-unsafe'))
})
