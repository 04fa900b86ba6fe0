/** The audit log over the API: what leaves an entry there, and what does not. */

import t, { type Test } from 'tap'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { buildApi } from '../../src/console/api.js'
import { demandAudit } from '../../src/console/audit-trail.js'
import { openCore, type Core } from '../../src/core.js'

const DAY_MS = 86_400_000

interface World {
  core: Core
  api: FastifyInstance
  tokens: Record<'ops' | 'auditor' | 'own', { id: string, token: string }>
  later (ms: number): void
  ask (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object, token?: string): Promise<{ status: number, json: any }>
  entries (query?: string): Promise<Record<string, unknown>[]>
}

async function world (t: Test): Promise<World> {
  let now = Date.UTC(2026, 0, 5, 12)
  const core = await openCore({ config: 'config', data: t.testdir(), now: () => now++ }, 'command')
  const api = buildApi({ core, operator: 'o'.repeat(30) })
  t.teardown(async () => {
    await api.close()
    await core.close()
  })
  for (const account of ['home-1', 'home-2']) await core.registry.accounts.add({ account, regime: 'opt-in' })
  await core.registry.devices.add({ account: 'home-1', device: 'plug-1' })
  const { tokens: made } = core.registry
  const tokens = { ops: await made.create('ops'), auditor: await made.create('auditor'), own: await made.create('account:home-1') }
  const ask: World['ask'] = async (method, url, body, token = tokens.ops.token) => {
    const { statusCode, payload } = await api.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...(body !== undefined && { payload: body }) })
    return { status: statusCode, json: payload === '' ? undefined : JSON.parse(payload) }
  }
  return { core, api, tokens, ask, later: ms => { now += ms }, entries: async (query = '') => (await core.ledger.audit({ limit: 1000 })).map(entry => ({ ...entry })).filter(({ action }) => String(action).startsWith(query)) }
}

t.test('routes: one that is no GET and names no action -> the API is not built', t => {
  t.throws(() => demandAudit({ method: 'POST', url: '/v1/x', config: { access: 'write' } } as unknown as Parameters<typeof demandAudit>[0]), { name: 'TypeError', message: /\/v1\/x/ })
  const api = Fastify({ exposeHeadRoutes: false })
  api.addHook('onRoute', demandAudit)
  t.throws(() => api.delete('/v1/y', async () => ''), TypeError)
  t.doesNotThrow(() => api.get('/v1/z', async () => ''))
  t.end()
})

t.test('changes: each of them -> one entry with who, what, about whom and how it ended', async t => {
  const { ask, tokens, entries, core } = await world(t)
  await ask('POST', '/v1/accounts', { account: 'home-3', regime: 'opt-in' })
  await ask('PATCH', '/v1/accounts/home-3', { optOutSignal: true })
  await ask('POST', '/v1/accounts/home-3/app-token')
  await ask('POST', '/v1/accounts/home-3/consents', { purpose: 'improve-products', state: 'granted' })
  await ask('POST', '/v1/devices', { account: 'home-3', device: 'cam-3' })
  await ask('POST', '/v1/devices/cam-3/rotate', {})
  await ask('DELETE', '/v1/devices/cam-3')
  await ask('DELETE', '/v1/devices/cam-3')
  await ask('POST', '/v1/devices/import', { lines: ['{"account":"home-3","device":"d-1"}', '{"account":"home-3","device":"d-2"}', 'x'] })
  await ask('POST', '/v1/recipients/home-integration/token')
  const made = (await ask('POST', '/v1/tokens', { role: 'auditor' })).json
  await ask('DELETE', `/v1/tokens/${made.id}`)
  await ask('POST', '/v1/accounts', { account: 'home-3', regime: 'opt-in' }, 'o'.repeat(30))
  const all = (await entries()).map(({ action, outcome, account, subject, count, actor, source }) => ({ action, outcome, account, subject, count, actor, source }))
  const by = { actor: 'ops', source: tokens.ops.id, count: undefined }
  const done = { ...by, outcome: 'done' }
  t.strictSame(all, [
    { ...done, action: 'account.add', account: 'home-3', subject: undefined },
    { ...done, action: 'account.set', account: 'home-3', subject: undefined },
    { ...done, action: 'account.app-token', account: 'home-3', subject: undefined },
    { ...done, action: 'consent.record', account: 'home-3', subject: undefined },
    { ...done, action: 'device.add', account: 'home-3', subject: 'cam-3' },
    { ...done, action: 'device.rotate', account: 'home-3', subject: 'cam-3' },
    { ...done, action: 'device.remove', account: 'home-3', subject: 'cam-3' },
    { ...by, action: 'device.remove', outcome: 'device-unknown', account: undefined, subject: undefined },
    { ...done, action: 'device.import', account: undefined, subject: undefined, count: 2 },
    { ...done, action: 'recipient.token', account: undefined, subject: 'home-integration' },
    { ...done, action: 'token.create', account: undefined, subject: made.id },
    { ...done, action: 'token.revoke', account: undefined, subject: made.id },
    { ...by, action: 'account.add', outcome: 'account-exists', account: 'home-3', subject: undefined, source: 'local' }
  ])
  t.match(await core.ledger.verify(), { ok: true })
  await core.registry.eraseAccount('home-3')
  t.notMatch(JSON.stringify(await entries()), /home-3|cam-3/)
})

t.test('change: before it begins -> its entry is durable; where the entry cannot be written nothing is done', async t => {
  const { ask, core, entries } = await world(t)
  const seen: unknown[] = []
  const set = core.registry.accounts.set.bind(core.registry.accounts)
  core.registry.accounts.set = async (...given) => {
    seen.push((await entries()).at(-1))
    return await set(...given)
  }
  await ask('PATCH', '/v1/accounts/home-1', { minor: true })
  t.match(seen, [{ action: 'account.set', outcome: 'begun', account: 'home-1', route: 'PATCH /v1/accounts/:account' }])
  t.match((await entries()).at(-1), { action: 'account.set', outcome: 'done' })
  t.equal((await entries()).length, 1, 'the outcome takes its place')
  const { record } = core.ledger
  core.ledger.record = async () => await core.store.transaction(() => { throw new Error('disk full') })
  const answer = await ask('PATCH', '/v1/accounts/home-1', { minor: false })
  core.ledger.record = record
  t.equal(answer.status, 500)
  t.equal(seen.length, 1, 'the handler was never asked')
  t.equal(core.ledger.current('home-1')?.facts.minor, true)
})

t.test('change: the data folder vanishes while it is made -> not acknowledged', async t => {
  const { ask, core, entries } = await world(t)
  const set = core.registry.accounts.set.bind(core.registry.accounts)
  const store = join(core.dataFolder, 'store')
  core.registry.accounts.set = async (...given) => {
    const changed = await set(...given)
    renameSync(store, `${store}.away`)
    for (let turn = 0; turn < 3; turn++) await new Promise(resolve => setImmediate(resolve))
    return changed
  }
  t.match(await ask('PATCH', '/v1/accounts/home-1', { minor: true }), { status: 503, json: { code: 'data-gone' } })
  renameSync(`${store}.away`, store)
  t.match((await entries()).at(-1), { action: 'account.set', outcome: 'begun' }, 'how it ended was not written either')
  core.registry.accounts.set = set
  t.match(await ask('PATCH', '/v1/accounts/home-1', { minor: true }), { status: 200 })
  t.match(await core.ledger.verify(), { ok: true })
})

t.test('reads of personal data: a console that polls -> one entry a day, then a count', async t => {
  const { ask, entries, later, tokens, api } = await world(t)
  for (let i = 0; i < 50; i++) await ask('GET', '/v1/accounts/home-1/consents')
  for (let i = 0; i < 3; i++) await ask('GET', '/v1/accounts/home-2/consents', undefined, tokens.auditor.token)
  await ask('GET', '/v1/devices?account=home-1')
  for (let i = 0; i < 20; i++) await ask('GET', `/v1/accounts/nobody-${i}/consents`)
  await ask('GET', '/v1/recipients')
  await ask('POST', '/v1/explain', { account: 'home-1', topic: 'kasa/home-1/plug-1/energy-realtime', payload: '' })
  t.strictSame((await entries()).map(({ action, account, source, count }) => [action, account, source, count]), [
    ['consent.show', 'home-1', tokens.ops.id, undefined],
    ['consent.show', 'home-2', tokens.auditor.id, undefined],
    ['device.list', 'home-1', tokens.ops.id, undefined],
    ['consent.show', undefined, tokens.ops.id, undefined],
    ['report.explain', 'home-1', tokens.ops.id, undefined]
  ])
  later(DAY_MS)
  await ask('GET', '/v1/accounts/home-1/consents')
  t.strictSame((await entries('consent')).map(({ account, count }) => [account, count]), [['home-1', undefined], ['home-2', undefined], [undefined, undefined], ['home-1', 49], ['home-2', 2], [undefined, 19], ['home-1', undefined]])
  t.ok((await entries('consent')).every(({ count, firstMs }) => (count === undefined) === (firstMs === undefined)))
  await ask('GET', '/v1/accounts/home-1/consents')
  await api.close()
  t.strictSame((await entries('consent')).at(-1)?.count, 1, 'what was counted is written at the end')
})

t.test('accounts: their own reads and consents -> no entry; what they reach for beyond -> counted as theirs', async t => {
  const { ask, entries, tokens, core } = await world(t)
  const own = tokens.own.token
  await ask('GET', '/v1/accounts/home-1/consents', undefined, own)
  await ask('POST', '/v1/accounts/home-1/consents', { purpose: 'improve-products', state: 'granted' }, own)
  t.same(await entries(), [])
  t.match(core.ledger.history('home-1').at(-1), { actor: 'account:home-1' }, 'the record itself says who')
  await ask('POST', '/v1/accounts/home-1/app-token', undefined, own)
  for (const account of ['home-2', 'home-9', 'home-8']) for (let i = 0; i < 4; i++) t.equal((await ask('GET', `/v1/accounts/${account}/consents`, undefined, own)).status, 403)
  await ask('DELETE', '/v1/devices/plug-1', undefined, own)
  await ask('GET', '/v1/accounts/home-1/consents', undefined, 'no token at all')
  t.strictSame((await entries()).map(({ action, outcome, account, actor }) => [action, outcome, account, actor]), [
    ['account.app-token', 'done', 'home-1', 'account:home-1'],
    ['consent.show', 'role-forbidden', 'home-1', 'account:home-1'],
    ['device.remove', 'role-forbidden', 'home-1', 'account:home-1']
  ])
})

t.test('audit over the API: filters and pages -> for ops and auditors alone', async t => {
  const { ask, tokens } = await world(t)
  for (let i = 0; i < 5; i++) await ask('POST', '/v1/tokens', { role: 'auditor' })
  await ask('PATCH', '/v1/accounts/home-1', { minor: true })
  t.equal((await ask('GET', '/v1/audit', undefined, tokens.own.token)).status, 403)
  const first = (await ask('GET', '/v1/audit?limit=4', undefined, tokens.auditor.token)).json.entries
  t.equal(first.length, 4)
  t.match(first[0], { id: /^[g-z]{12}$/, action: 'token.create', outcome: 'done', actor: 'ops', token: tokens.ops.id, route: 'POST /v1/tokens', subject: /^[g-z]+$/ })
  const rest = (await ask('GET', `/v1/audit?after=${first.at(-1).id}`)).json.entries
  t.strictSame(rest.map(({ action }: { action: string }) => action), ['token.create', 'account.set', 'audit.list', 'audit.list'])
  t.match((await ask('GET', '/v1/audit?account=home-1')).json.entries, [{ action: 'account.set' }])
  t.match((await ask('GET', '/v1/audit?action=account.set&since=2026-01-05&until=2026-01-06')).json.entries, [{ action: 'account.set' }])
  t.same((await ask('GET', '/v1/audit?since=2026-01-06')).json.entries, [])
  t.equal((await ask('GET', '/v1/audit?after=nonsense')).status, 400)
})

t.test('ledger over the API: its head noted -> verified against it; changed since -> ledger-broken', async t => {
  const { ask, core, tokens } = await world(t)
  const { sequence, head } = (await ask('GET', '/v1/ledger/head', undefined, tokens.auditor.token)).json
  await ask('POST', '/v1/accounts/home-1/consents', { purpose: 'improve-products', state: 'granted' })
  t.match((await ask('GET', `/v1/ledger/verify?head=${sequence}:${head}`)).json, { ok: true, found: 0, problems: [] })
  t.match((await ask('GET', `/v1/ledger/verify?head=${sequence}:${head}&head=${sequence}:${'g'.repeat(60)}`)).json, { ok: false, code: 'ledger-broken', found: 1, problems: [{ kind: 'noted-head', sequence }] })
  t.equal((await ask('GET', '/v1/ledger/verify?head=1')).status, 400)
  const appending = Array.from({ length: 50 }, async () => await ask('POST', '/v1/accounts/home-1/consents', { purpose: 'improve-products', state: 'denied' }))
  t.match((await ask('GET', '/v1/ledger/verify')).json, { ok: true }, 'while others append')
  await Promise.all(appending)
  await core.store.transaction(() => { core.store.database('consent.views').removeSync('home-2') })
  t.match((await ask('GET', '/v1/ledger/verify')).json, { ok: false, code: 'ledger-broken', problems: [{ kind: 'view' }] })
})
