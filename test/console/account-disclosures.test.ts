/** What was disclosed of an account, its devices, and the names to choose from: by role. */

import t, { type Test } from 'tap'
import { buildApi } from '../../src/console/api.js'
import { openCore, type Core } from '../../src/core.js'
import type { Counted } from '../../src/rights/delivery-counts.js'
import { headerOf } from '../contract/disclosure-of.js'

interface World {
  readonly core: Core
  ask (url: string, role?: 'ops' | 'auditor' | 'account:home-1'): Promise<{ status: number, json: any }>
}

async function world (t: Test): Promise<World> {
  const core = await openCore({ config: 'config', data: t.testdir() }, 'command')
  const api = buildApi({ core })
  t.teardown(async () => {
    await api.close()
    await core.close()
  })
  for (const account of ['home-1', 'home-12', 'home-2', 'other-1']) await core.registry.accounts.add({ account, regime: 'opt-in' })
  await core.registry.devices.add({ account: 'home-1', device: 'plug-1', mac: '50:C7:BF:0D:91:8C' })
  await core.registry.devices.add({ account: 'home-1', device: 'plug-2' })
  const ask: World['ask'] = async (url, role = 'ops') => {
    const { token } = await core.registry.tokens.create(role)
    const { statusCode, payload } = await api.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } })
    return { status: statusCode, json: JSON.parse(payload) }
  }
  return { core, ask }
}

async function deliver ({ core }: World, recipient: string, day: string, count: number): Promise<void> {
  const one = counted(recipient, Date.parse(`${day}T12:00:00Z`))
  await core.store.transaction(() => { core.counts.add(Array.from({ length: count }, () => one), () => true) })
}

function counted (recipient: string, atMs: number): Counted {
  return { recipient, report: 'motion', header: headerOf({ account: 'home-1' }), atMs }
}

t.test('disclosures: delivered to two recipients on two days -> counts by recipient, day and category; narrowed by days and recipient', async t => {
  const made = await world(t)
  await deliver(made, 'product-analytics', '2026-11-25', 2)
  await deliver(made, 'product-analytics', '2026-11-26', 1)
  await deliver(made, 'device-health', '2026-11-26', 3)
  const { status, json } = await made.ask('/v1/accounts/home-1/disclosures')
  t.equal(status, 200)
  t.equal(json.keptMs, 400 * 86_400_000)
  t.strictSame(json.days.map(({ recipient, day, disclosures }: any) => [recipient, day, disclosures]), [
    ['device-health', '2026-11-26', 3], ['product-analytics', '2026-11-25', 2], ['product-analytics', '2026-11-26', 1]
  ])
  t.strictSame(json.days[0].categories, { 'sensor.motion': 3, 'time.event': 3 })
  t.strictSame(json.days[0].reports, { motion: 3 })
  t.strictSame((await made.ask('/v1/accounts/home-1/disclosures?since=2026-11-26&recipient=product-analytics')).json.days.map(({ disclosures }: any) => disclosures), [1])
  t.strictSame((await made.ask('/v1/accounts/home-1/disclosures?until=2026-11-25')).json.days.length, 1)
  t.equal((await made.ask('/v1/accounts/home-1/disclosures?since=yesterday')).status, 400)
  t.equal((await made.ask('/v1/accounts/nobody/disclosures')).json.code, 'account-unknown')
})

t.test('devices of an account: page by page -> ids, and whether an address is known; never the address', async t => {
  const { ask } = await world(t)
  const { json } = await ask('/v1/accounts/home-1/devices')
  t.strictSame(json.devices.map(({ device, hasKnownAddress }: any) => [device, hasKnownAddress]), [['plug-1', true], ['plug-2', false]])
  t.strictSame((await ask('/v1/accounts/home-1/devices?limit=1&after=plug-1')).json.devices.map(({ device }: any) => device), ['plug-2'])
  t.equal((await ask('/v1/accounts/nobody/devices')).json.code, 'account-unknown')
})

t.test('accounts: by the beginning of their ids, with facts -> those alone, in order, page by page', async t => {
  const { ask } = await world(t)
  t.strictSame((await ask('/v1/accounts?prefix=home-1')).json, { accounts: ['home-1', 'home-12'] })
  t.strictSame((await ask('/v1/accounts?prefix=home&after=home-12')).json.accounts, ['home-2'])
  t.strictSame((await ask('/v1/accounts?prefix=home&after=a')).json.accounts, ['home-1', 'home-12', 'home-2'])
  t.strictSame((await ask('/v1/accounts?prefix=z')).json.accounts, [])
  t.match((await ask('/v1/accounts?limit=1&facts=true')).json, { accounts: ['home-1'], facts: [{ account: 'home-1', regime: 'opt-in', minor: false }] })
})

t.test('vocabulary: names of the policy in force -> for every role', async t => {
  const { ask } = await world(t)
  for (const role of ['ops', 'auditor', 'account:home-1'] as const) {
    const { status, json } = await ask('/v1/vocabulary', role)
    t.equal(status, 200, role)
    t.ok(json.regimes.includes('opt-in') && json.regions.includes('eu') && json.categories.includes('location.geo'))
    t.match(json.purposes.find(({ purpose }: any) => purpose === 'improve-products'), { required: false, clause: '2' })
    t.match(json.recipients.find(({ recipient }: any) => recipient === 'product-analytics'), { purpose: 'improve-products', enabled: true })
  }
})

t.test('roles: an account of its own and of another -> its own alone', async t => {
  const { ask } = await world(t)
  for (const part of ['disclosures', 'devices']) {
    t.equal((await ask(`/v1/accounts/home-1/${part}`, 'account:home-1')).status, 200, part)
    t.equal((await ask(`/v1/accounts/home-2/${part}`, 'account:home-1')).json.code, 'role-forbidden', part)
    t.equal((await ask(`/v1/accounts/home-2/${part}`, 'auditor')).status, 200, part)
  }
  for (const url of ['/v1/alarms', '/v1/accounts', '/v1/audit']) t.equal((await ask(url, 'account:home-1')).json.code, 'role-forbidden', url)
})
