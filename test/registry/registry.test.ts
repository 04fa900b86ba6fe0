import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { ConsentLedger } from '../../src/consent/ledger.js'
import type { Identity } from '../../src/model/registry.js'
import { importDevices } from '../../src/registry/import-devices.js'
import { parseMac } from '../../src/parse-mac.js'
import { Registry } from '../../src/registry/registry.js'
import { Keyring } from '../../src/store/keyring.js'
import { openStore } from '../../src/store/store.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const MAC = '50C7BF0D918C'
const PASSWORD = 'correct-horse-battery-staple'
const refused = (code: string) => ({ name: 'CurtilageError', code })

function openRegistry (folder: string, keyring = Keyring.of(Buffer.alloc(32, 7))) {
  const store = openStore(folder)
  const all = () => true
  let ms = 1_000
  const shared = { store, now: () => ++ms, randomBytes }
  const ledger = new ConsentLedger({ ...shared, noticeVersion: () => '1.3', vocabulary: { purpose: all, recipient: all, category: all } })
  const containsAddress = (text: string) => /(^|[^0-9a-f])[0-9a-f]{12}([^0-9a-f]|$)/i.test(text)
  const registry = new Registry({ ...shared, keyring, ledger, containsAddress, defaultRegion: () => 'us', cached: 4 })
  return { store, ledger, registry }
}

t.test('accounts: added, shown, set, listed -> facts in the ledger, one key each', async t => {
  const folder = t.testdir()
  const { registry: { accounts }, ledger, store } = openRegistry(folder)
  await accounts.add({ account: 'home-1', regime: 'opt-in' }, { actor: 'ops' })
  await accounts.add({ account: 'home-2', regime: 'opt-out', region: 'eu', minor: true, optOutSignal: true })
  t.strictSame(accounts.show('home-1'), { account: 'home-1', addedMs: 1_001, regime: 'opt-in', region: 'us', minor: false, optOutSignal: false, hasAppToken: false })
  t.match(accounts.show('home-2'), { region: 'eu', minor: true, optOutSignal: true })
  t.equal(accounts.show('nobody'), undefined)
  t.match(ledger.history('home-1'), [{ actor: 'ops', facts: { regime: 'opt-in' } }])
  await accounts.set('home-1', { regime: 'opt-in', minor: true })
  t.same(ledger.history('home-1').at(-1), { ...ledger.history('home-1').at(-1), facts: { minor: true } }, 'only what changed')
  await accounts.set('home-1', { minor: true })
  t.equal(ledger.history('home-1').length, 2)
  t.equal(accounts.key('home-1')?.length, 32)
  t.notSame(accounts.key('home-1'), accounts.key('home-2'))
  for (let i = 3; i < 9; i++) await accounts.add({ account: `home-${i}`, regime: 'notice' })
  t.same(accounts.list(undefined, 3), ['home-1', 'home-2', 'home-3'])
  t.same(accounts.list('home-3', 3), ['home-4', 'home-5', 'home-6'])
  t.same(accounts.list('home-8', 3), [])
  const key = Buffer.from(accounts.key('home-1') ?? [])
  await store.close()
  const again = openRegistry(folder)
  t.same(Buffer.from(again.registry.accounts.key('home-1') ?? []), key)
  t.match(again.registry.accounts.show('home-1'), { minor: true })
  await again.store.close()
})

t.test('accounts: twice, malformed, unknown -> refused', async t => {
  const { registry: { accounts, appToken = undefined }, registry, store } = openRegistry(t.testdir())
  t.ok(appToken)
  const twice = await Promise.allSettled([accounts.add({ account: 'home', regime: 'opt-in' }), accounts.add({ account: 'home', regime: 'opt-out' })])
  t.match(twice, [{ status: 'fulfilled' }, { status: 'rejected', reason: refused('account-exists') }])
  t.equal(accounts.show('home')?.regime, 'opt-in')
  for (const account of ['', 'a b', 'a/b', 'x'.repeat(65), 'ä', `home-${MAC}`, '__proto__\0']) await t.rejects(accounts.add({ account, regime: 'opt-in' }), refused('account-invalid'))
  await t.rejects(accounts.add({ account: 'other', regime: 'Not A Regime' }), refused('account-invalid'))
  t.equal(accounts.has('other'), false)
  await t.rejects(accounts.set('nobody', { minor: true }), refused('account-unknown'))
  await t.rejects(registry.appToken('nobody'), refused('account-unknown'))
  await accounts.add({ account: '__proto__', regime: 'opt-in' })
  t.equal(accounts.show('__proto__')?.account, '__proto__')
  await store.close()
})

t.test('devices: added, rotated, removed -> the password of the moment opens, no other', async t => {
  const folder = t.testdir()
  const { registry, store } = openRegistry(folder)
  const { devices, accounts } = registry
  const revoked: Identity[] = []
  const end = registry.onRevoked(identity => revoked.push(identity))
  await accounts.add({ account: 'home', regime: 'opt-in' })
  await accounts.add({ account: 'home-2', regime: 'opt-in' })
  const given = await devices.add({ account: 'home', device: 'plug-1', password: PASSWORD })
  const made = await devices.add({ account: 'home', device: '801CAABBCCDDEEFF00112233445566778899AABB' })
  await devices.add({ account: 'home-2', device: 'other' })
  t.equal(given.password, PASSWORD)
  t.match(made.password, /^[g-z]{32,}$/)
  t.strictSame(registry.authenticate('plug-1', PASSWORD), { kind: 'device', account: 'home', device: 'plug-1' })
  t.strictSame(registry.authenticate('plug-1', Buffer.from(PASSWORD)), { kind: 'device', account: 'home', device: 'plug-1' })
  t.match(registry.authenticate(made.device, made.password), { device: made.device })
  for (const [name, password] of [['plug-1', made.password], ['plug-1', ''], ['plug-1', undefined], [made.device, PASSWORD], ['nobody', PASSWORD], ['', ''], ['__proto__', PASSWORD], ['plug-1', 'x'.repeat(100_000)], ['account:home', PASSWORD], ['recipient:plug-1', PASSWORD], ['x'.repeat(60_000), PASSWORD]] as const) {
    t.equal(registry.authenticate(name, password), undefined)
  }
  t.same(devices.list('home'), ['801CAABBCCDDEEFF00112233445566778899AABB', 'plug-1'])
  t.same(devices.list(), ['801CAABBCCDDEEFF00112233445566778899AABB', 'other', 'plug-1'])
  t.same(devices.list('nobody'), [])
  t.match(devices.get('plug-1'), { account: 'home', device: 'plug-1', addresses: [] })
  const rotated = await devices.rotate('plug-1')
  t.equal(registry.authenticate('plug-1', PASSWORD), undefined)
  t.match(registry.authenticate('plug-1', rotated.password), { device: 'plug-1' })
  await devices.rotate('plug-1', `${PASSWORD}-2`)
  t.ok(registry.authenticate('plug-1', `${PASSWORD}-2`))
  await devices.remove('plug-1')
  t.equal(registry.authenticate('plug-1', `${PASSWORD}-2`), undefined)
  t.equal(devices.get('plug-1'), undefined)
  t.same(devices.list('home'), [made.device])
  const plug = { kind: 'device', account: 'home', device: 'plug-1' }
  t.same(revoked, [plug, plug, plug])
  end()
  await t.rejects(devices.remove('plug-1'), refused('device-unknown'))
  await t.rejects(devices.rotate('plug-1'), refused('device-unknown'))
  await store.close()
  const otherSecret = openRegistry(folder, Keyring.of(Buffer.alloc(32, 8)))
  t.equal(otherSecret.registry.authenticate(made.device, made.password), undefined, 'hashes are of no use without the secret')
  await otherSecret.store.close()
  const bytes = readFileSync(join(folder, 'store', 'data.mdb'), 'latin1')
  for (const secret of [PASSWORD, made.password, rotated.password]) t.notOk(bytes.includes(secret), 'no password on disk')
})

t.test('devices: what registration refuses -> refused by code, never repeating what was given', async t => {
  const { registry: { devices, accounts }, store } = openRegistry(t.testdir())
  await accounts.add({ account: 'home', regime: 'opt-in' })
  await accounts.add({ account: 'home-2', regime: 'opt-in' })
  await devices.add({ account: 'home', device: 'plug' })
  const rows: [string, Parameters<typeof devices.add>[0]][] = [
    ['device-exists', { account: 'home', device: 'plug' }],
    ['device-exists', { account: 'home-2', device: 'plug' }],
    ['account-unknown', { account: 'nobody', device: 'd' }],
    ['device-invalid', { account: 'home', device: '' }],
    ['device-invalid', { account: 'home', device: 'a:b' }],
    ['device-invalid', { account: 'home', device: 'x'.repeat(65) }],
    ['device-invalid', { account: 'home', device: MAC }],
    ['device-invalid', { account: 'home', device: `plug-${MAC}` }],
    ['device-invalid', { account: 'home', device: 'd', password: 'secret-of-19-chars-' }],
    ['device-invalid', { account: 'home', device: 'd', password: 's'.repeat(257) }],
    ['device-invalid', { account: 'home', device: 'd', mac: `${MAC}1` }],
    ['device-invalid', { account: 'home', device: 'd', mac: 'secret' }]
  ]
  for (const [code, device] of rows) {
    const error = await devices.add(device).then(() => undefined, (error: Error) => error)
    t.match(error, refused(code), `${code}: ${Object.keys(device).join(' ')}`)
    t.notMatch(error?.message, /secret|50C7/i)
  }
  t.match(await Promise.allSettled([devices.add({ account: 'home', device: 'd' }), devices.add({ account: 'home-2', device: 'd' })]), [{ status: 'fulfilled' }, { status: 'rejected' }])
  await t.rejects(devices.addAll([{ account: 'home', device: 'twin' }, { account: 'home', device: 'twin' }]), refused('device-exists'))
  await t.rejects(devices.rotate('plug', 'short'), refused('device-invalid'))
  t.same(devices.list(), ['d', 'plug'])
  await store.close()
})

t.test('tokens of apps and recipients: made, made again -> the last one opens', async t => {
  const { registry, store } = openRegistry(t.testdir())
  await registry.accounts.add({ account: 'home', regime: 'opt-in' })
  const [first, second] = [await registry.appToken('home'), await registry.appToken('home')]
  t.equal(registry.authenticate('account:home', first), undefined)
  t.strictSame(registry.authenticate('account:home', second), { kind: 'app', account: 'home' })
  t.equal(registry.accounts.show('home')?.hasAppToken, true)
  t.equal(registry.authenticate('account:nobody', second), undefined)
  const [old, token] = [await registry.recipientToken('home-integration'), await registry.recipientToken('home-integration')]
  t.equal(registry.authenticate('recipient:home-integration', old), undefined)
  t.strictSame(registry.authenticate('recipient:home-integration', token), { kind: 'recipient', recipient: 'home-integration' })
  t.equal(registry.authenticate('recipient:other', token), undefined)
  t.equal(registry.authenticate('recipient:', token), undefined)
  for (const name of ['', 'A', 'x y', '../x', 'x'.repeat(65)]) await t.rejects(registry.recipientToken(name), refused('token-invalid'))
  await store.close()
})

t.test('API tokens: created, checked, listed, revoked -> kept as keyed hashes', async t => {
  const folder = t.testdir()
  const { registry, store } = openRegistry(folder)
  const { tokens } = registry
  await registry.accounts.add({ account: 'home', regime: 'opt-in' })
  const made = [await tokens.create('ops'), await tokens.create('auditor'), await tokens.create('account:home')]
  t.same(made.map(({ token }) => tokens.check(token)), ['ops', 'auditor', 'account:home'])
  t.same(tokens.list().map(({ id, role }) => [id, role]), made.map(({ id, role }) => [id, role]))
  for (const token of ['', 'x', made[0]?.id ?? '', 'x'.repeat(10_000)]) t.equal(tokens.check(token), undefined)
  await tokens.revoke(made[0]?.id ?? '')
  t.equal(tokens.check(made[0]?.token ?? ''), undefined)
  await t.rejects(tokens.revoke('nope'), refused('token-invalid'))
  for (const role of ['root', '', 'account:', 'account:a b', 'OPS']) await t.rejects(tokens.create(role), refused('token-invalid'))
  await t.rejects(tokens.create('account:nobody'), refused('account-unknown'))
  await store.close()
  const bytes = readFileSync(join(folder, 'store', 'data.mdb'), 'latin1')
  for (const { token } of made) t.notOk(bytes.includes(token))
})

t.test('ops token: first start -> a file of mode 600, once in the life of the folder', async t => {
  const folder = t.testdir({ 'ops.token': 'left by a start that was killed' })
  const { registry: { tokens }, store } = openRegistry(folder)
  const path = join(folder, 'ops.token')
  t.equal(await tokens.ensureOpsToken(folder), true)
  const token = readFileSync(path, 'utf8')
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(tokens.check(token.trim()), 'ops')
  writeFileSync(path, 'changed by someone')
  t.equal(await tokens.ensureOpsToken(folder), false)
  t.equal(readFileSync(path, 'utf8'), 'changed by someone')
  await store.close()
})

t.test('fingerprints: given and learned addresses -> known by full form and tails, to this device alone', async t => {
  const folder = t.testdir()
  const { registry: { devices, accounts }, store } = openRegistry(folder)
  await accounts.add({ account: 'home', regime: 'opt-in' })
  await devices.add({ account: 'home', device: 'plug', mac: '50-C7:BF.0d 91_8C' })
  await devices.add({ account: 'home', device: 'bulb' })
  const known = () => devices.fingerprintLookup('plug')
  t.ok(known().hasMac('50c7bf0d918c'))
  t.ok(known().hasMac('50C7BF0D918C'))
  for (const tail of ['918c', 'd918c', '0d918c', '918C']) t.ok(known().hasTail(tail))
  for (const tail of ['918d', '18c', 'f0d918c', '']) t.notOk(known().hasTail(tail))
  t.notOk(known().hasMac('50c7bf0d918d'))
  t.notOk(known().hasIp('192.168.1.23'))
  t.notOk(devices.fingerprintLookup('bulb').hasMac('50c7bf0d918c'))
  t.notOk(devices.fingerprintLookup('nobody').hasTail('918c'))
  t.equal(await devices.learn('plug', [{ kind: 'mac', canonical: '50c7bf0d918c' }]), false)
  t.equal(await devices.learn('plug', [{ kind: 'ip', canonical: '192.168.1.23' }, { kind: 'mac', canonical: '00158d0003aabbcc' }]), true)
  t.equal(await devices.learn('plug', [{ kind: 'ip', canonical: '192.168.1.23' }]), false)
  t.equal(await devices.learn('nobody', [{ kind: 'ip', canonical: '192.168.1.23' }]), false)
  t.ok(known().hasIp('192.168.1.23'))
  t.ok(known().hasMac('00158d0003aabbcc'))
  t.ok(known().hasTail('aabbcc'))
  await store.close()
  const again = openRegistry(folder)
  t.ok(again.registry.devices.fingerprintLookup('plug').hasTail('0d918c'))
  await again.store.close()
  const bytes = readFileSync(join(folder, 'store', 'data.mdb'), 'latin1').toLowerCase()
  for (const address of ['50c7bf0d918c', '0d918c', '192.168.1.23', '00158d0003aabbcc']) t.notOk(bytes.includes(address), 'no address on disk')
})

t.test('fingerprints: more than a device may hold -> 64 at most, its first MACs and newest IP addresses stay', async t => {
  const { registry: { devices, accounts }, store } = openRegistry(t.testdir())
  await accounts.add({ account: 'home', regime: 'opt-in' })
  await devices.add({ account: 'home', device: 'plug', mac: MAC })
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ kind: fc.constantFrom('mac' as const, 'ip' as const), n: fc.nat(400) }), { maxLength: 60 }), async found => {
    const addresses = found.map(({ kind, n }) => ({ kind, canonical: kind === 'mac' ? n.toString(16).padStart(12, 'a') : `10.0.${n >> 8}.${n & 255}` }))
    const before = devices.get('plug')?.addresses
    const learned = await devices.learn('plug', addresses)
    const after = devices.get('plug')?.addresses ?? []
    const newestIp = addresses.findLast(({ kind }) => kind === 'ip')
    if (after.length > 64 || learned !== (after !== before)) throw new Error('bound or answer')
    const known = devices.fingerprintLookup('plug')
    if (!known.hasMac(MAC)) throw new Error('its own MAC was driven out')
    if (newestIp !== undefined && learned && !known.hasIp(newestIp.canonical) && before?.every(print => after.includes(print)) === true) throw new Error('newest IP')
  }), { numRuns: Math.min(RUNS, 100) })
  await store.close()
})

t.test('learn: many devices at once -> a few transactions, in order, each with its own answer', async t => {
  const folder = t.testdir()
  const { registry: { devices, accounts }, store } = openRegistry(folder)
  await accounts.add({ account: 'home', regime: 'opt-in' })
  await devices.addAll(Array.from({ length: 300 }, (_, i) => ({ account: 'home', device: `d${i}`, password: PASSWORD })))
  const { transaction } = store
  let transactions = 0
  Object.assign(store, { transaction: async (writes: () => unknown) => { transactions++; return await transaction(writes) } })
  const ip = (n: number) => ({ kind: 'ip' as const, canonical: `10.0.0.${n}` })
  const learning = Array.from({ length: 300 }, (_, i) => devices.learn(`d${i}`, [ip(1)]))
  const order: string[] = []
  const again = [devices.learn('d0', [ip(1), ip(2)]), devices.learn('d0', [ip(3)]), devices.learn('d0', [ip(2), ip(3)]), devices.learn('nobody', [ip(1)])]
  const removed = devices.remove('d299').then(() => order.push('removed'))
  const late = devices.learn('d299', [ip(9)]).then(learned => order.push(`late ${learned}`))
  t.ok((await Promise.all(learning)).every(Boolean))
  t.same(await Promise.all(again), [true, true, false, false])
  await Promise.all([removed, late])
  t.ok(transactions <= 4, `${transactions} transactions`)
  t.same(order, ['late true', 'removed'], 'it shared the turn of those before it')
  t.equal(devices.get('d299'), undefined)
  t.equal(devices.get('d0')?.addresses.length, 3)
  await store.close()
  const { registry, store: reopened } = openRegistry(folder)
  for (const device of ['d0', 'd150', 'd298']) t.ok(registry.devices.fingerprintLookup(device).hasIp('10.0.0.1'), device)
  await reopened.close()
})

t.test('learn: the disk does not take it -> every one that shared the transaction is told, nothing is known; later it is learned', async t => {
  const { registry: { devices, accounts }, store } = openRegistry(t.testdir())
  await accounts.add({ account: 'home', regime: 'opt-in' })
  for (const device of ['a', 'b']) await devices.add({ account: 'home', device })
  const { transaction } = store
  Object.assign(store, { transaction: async () => { throw new Error('disk full') } })
  const found = [{ kind: 'ip' as const, canonical: '10.0.0.1' }]
  t.match(await Promise.allSettled([devices.learn('a', found), devices.learn('b', found)]), [{ status: 'rejected' }, { status: 'rejected' }])
  t.notOk(devices.fingerprintLookup('a').hasIp('10.0.0.1'))
  Object.assign(store, { transaction })
  t.same(await Promise.all([devices.learn('a', found), devices.learn('b', found)]), [true, true])
  await store.close()
})

t.test('MAC as typed: spellings -> digits, or refused', t => {
  const rows: [string, string | undefined][] = [
    ['50:C7:BF:0D:91:8C', '50c7bf0d918c'], ['50-c7-bf-0d-91-8c', '50c7bf0d918c'], ['50c7.bf0d.918c', '50c7bf0d918c'], ['50C7BF0D918C', '50c7bf0d918c'],
    ['00:15:8D:00:03:AA:BB:CC', '00158d0003aabbcc'], ['', undefined], ['50C7BF0D918', undefined], ['50C7BF0D918CC', undefined], ['5GC7BF0D918C', undefined], [':'.repeat(1000), undefined]
  ]
  for (const [typed, hex] of rows) t.equal(parseMac(typed), hex)
  t.end()
})

t.test('erasure: an account goes -> devices, tokens, key and consents in one step; repeated, no error', async t => {
  const folder = t.testdir()
  const { registry, ledger, store } = openRegistry(folder)
  const revoked: Identity[] = []
  registry.onRevoked(identity => revoked.push(identity))
  for (const account of ['home', 'home-2']) {
    await registry.accounts.add({ account, regime: 'opt-in' })
    for (let i = 0; i < 3; i++) await registry.devices.add({ account, device: `${account}-d${i}`, password: PASSWORD })
    await ledger.append([{ account, purpose: 'other', state: 'granted' }])
  }
  const [app, token] = [await registry.appToken('home'), (await registry.tokens.create('account:home')).token]
  revoked.length = 0
  await registry.eraseAccount('home')
  t.equal(registry.accounts.key('home'), undefined)
  t.equal(registry.accounts.has('home'), false)
  t.equal(registry.authenticate('account:home', app), undefined)
  t.equal(registry.authenticate('home-d1', PASSWORD), undefined)
  t.equal(registry.tokens.check(token), undefined)
  t.equal(ledger.current('home'), undefined)
  t.same(registry.devices.list(), ['home-2-d0', 'home-2-d1', 'home-2-d2'])
  t.same(registry.accounts.list(undefined, 10), ['home-2'])
  t.equal(revoked.length, 4)
  await registry.eraseAccount('home')
  t.ok(registry.authenticate('home-2-d1', PASSWORD))
  await registry.accounts.add({ account: 'home', regime: 'opt-in' })
  t.match(await registry.devices.add({ account: 'home', device: 'home-d1' }), { device: 'home-d1' })
  t.match(await ledger.verify(), { ok: true, erased: 2 })
  await store.close()
})

t.test('import: good and bad lines -> the good ones in, every bad one named by its number and nothing of it told', async t => {
  const { registry, store } = openRegistry(t.testdir())
  await registry.accounts.add({ account: 'home', regime: 'opt-in' })
  const rows: [object | string, RegExp | undefined][] = [
    [{ account: 'home', device: 'd1', password: PASSWORD, mac: '50:C7:BF:0D:91:8C' }, undefined],
    [{ account: 'home', device: 'd2' }, undefined],
    [{ account: 'home', device: 'd1' }, /earlier line/],
    [{ account: 'nobody', device: 'd3' }, /not registered/],
    [{ account: 'home', device: 'd4', password: 'secret' }, /20 characters/],
    [{ account: 'home', device: 'd5', mac: 'secret' }, /MAC address/],
    [{ account: 'home', device: `secret-${MAC}` }, /address/],
    [{ account: 'home', device: 'd6', passwort: 'secret' }, /unknown key/],
    [{ account: 'home' }, /device: expected string/],
    ['{"account":"home","device":"secret', /not JSON/],
    [{ account: 'home', device: 'd7', password: PASSWORD }, undefined]
  ]
  const made: string[] = []
  const lines = rows.map(([line]) => typeof line === 'string' ? line : JSON.stringify(line))
  const result = await importDevices(registry.devices, lines, { onPassword: (device, password) => made.push(`${device} ${password}`) })
  t.same(result.problems.map(({ line }) => line), [3, 4, 5, 6, 7, 8, 9, 10])
  for (const { line, problem } of result.problems) t.match(problem, rows[line - 1]?.[1] ?? /^$/)
  t.notMatch(JSON.stringify(result), /secret|50C7/i)
  t.equal(result.imported, 3)
  t.same(registry.devices.list(), ['d1', 'd2', 'd7'])
  t.ok(registry.devices.fingerprintLookup('d1').hasMac('50c7bf0d918c'))
  t.ok(registry.authenticate('d7', PASSWORD))
  t.match(made, [/^d2 [g-z]{32,}$/])
  t.ok(registry.authenticate('d2', made[0]?.slice(3)))
  const again = await importDevices(registry.devices, lines)
  t.equal(again.imported, 0)
  t.equal(again.bad, rows.length)
  await store.close()
})

t.test('import: 10,000 devices -> all in, several transactions', async t => {
  const folder = t.testdir()
  const { registry, store } = openRegistry(folder)
  await registry.accounts.add({ account: 'home', regime: 'opt-in' })
  async function * lines () { for (let i = 0; i < 10_000; i++) yield `{"account":"home","device":"d${i}","password":"${PASSWORD}"}` }
  const steps: number[] = []
  const result = await importDevices(registry.devices, lines(), { onProgress: ({ imported }) => steps.push(imported) })
  t.match(result, { lines: 10_000, imported: 10_000, bad: 0 })
  t.ok(steps.length > 2)
  t.equal(registry.devices.list('home').length, 10_000)
  await store.close()
  t.ok(existsSync(join(folder, 'store', 'data.mdb')))
})
