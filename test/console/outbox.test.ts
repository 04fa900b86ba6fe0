import t, { type Test } from 'tap'
import { Aedes } from 'aedes'
import { buildApi } from '../../src/console/api.js'
import { outboxOf } from '../../src/console/outbox-of.js'
import { openCore } from '../../src/core.js'
import { curtilage } from '../../src/gateway.js'
import { errorOf } from '../../src/model/errors.js'
import type { Outbox } from '../../src/outbox/contract.js'
import { entryOf } from '../contract/disclosure-of.js'

type Method = 'GET' | 'POST'

interface World {
  readonly outbox: Outbox
  readonly events: object[]
  readonly ask: (method: Method, url: string, body?: object) => Promise<{ status: number, json: any }>
}

/** The API of a command without a gateway, or of a gateway. */
async function world (t: Test, running: boolean): Promise<World> {
  const options = { config: 'config', data: t.testdir() }
  const broker = await Aedes.createBroker()
  const gateway = running ? await curtilage(broker, options) : undefined
  const core = gateway?.core ?? await openCore(options, 'command')
  const events: object[] = []
  gateway?.observe(event => events.push(event))
  const operator = 'o'.repeat(30)
  const api = buildApi({ core, operator, ...(gateway !== undefined && { gateway }) })
  t.teardown(async () => {
    await api.close()
    await (gateway ?? core).close()
    await new Promise<void>(resolve => broker.close(() => resolve()))
  })
  const ask = async (method: Method, url: string, body?: object) => {
    const { statusCode, payload } = await api.inject({ method, url, headers: { authorization: `Bearer ${operator}` }, ...(body !== undefined && { payload: body }) })
    return { status: statusCode, json: JSON.parse(payload) }
  }
  return { outbox: outboxOf({ core, gateway }), events, ask }
}

/** Paused, so that no loop takes them. */
async function bury (outbox: Outbox, recipient: string, ids: readonly string[]): Promise<void> {
  await outbox.pause(recipient, { reason: 'a test', by: 'ops', atMs: 1 })
  await outbox.append(ids.map(id => entryOf({ id, recipient, account: 'home-canary', size: 33 })))
  await outbox.ack(recipient, [], outbox.claim(recipient, 1000, Date.now()).map(({ sequence }) => ({ sequence, reason: 'http-422' })))
}

for (const running of [false, true]) {
  const name = running ? 'with a gateway' : 'without a gateway'

  t.test(`outbox, ${name}: status -> what waits, what is dead, what is paused, in all and for each recipient`, async t => {
    const { outbox, ask } = await world(t, running)
    await bury(outbox, 'gone-long-ago', ['ghi', 'ghj'])
    await outbox.append([entryOf({ id: 'gg', recipient: 'home-integration', notBeforeMs: 9e12, decidedMs: 77 })])
    await outbox.pause('paused-and-gone', { reason: 'why', by: 'ops', atMs: 5 })
    const { json } = await ask('GET', '/v1/outbox')
    t.match(json, { entries: 1, maxEntries: 1_000_000, maxBytes: 4_294_967_296 })
    t.ok(json.bytes > 0)
    const line = (recipient: string) => json.recipients.find((one: { recipient: string }) => one.recipient === recipient)
    t.match(line('home-integration'), { waiting: 1, oldestMs: 77, deadLetters: 0 })
    t.match(line('gone-long-ago'), { waiting: 0, deadLetters: 2 })
    t.match(line('paused-and-gone'), { paused: { reason: 'why', by: 'ops', atMs: 5 } })
    t.match(line('product-analytics'), { waiting: 0, deadLetters: 0 })
    t.notOk('paused' in line('product-analytics') || 'trouble' in line('product-analytics'))
  })

  t.test(`dead letters, ${name}: listed page by page, sent again, discarded -> nothing shown of what they hold`, async t => {
    const { outbox, ask, events } = await world(t, running)
    await bury(outbox, 'product-analytics', ['gk', 'gh', 'gj', 'gi'])
    await bury(outbox, 'device-health', ['hh'])
    const { json: first } = await ask('GET', '/v1/outbox/dead?limit=3')
    t.same(first.deadLetters.map(({ id }: { id: string }) => id), ['gh', 'gi', 'gj'])
    t.same(Object.keys(first.deadLetters[0]).sort(), ['bytes', 'firstMs', 'id', 'lastMs', 'reason', 'recipient', 'refusals', 'report'])
    t.notMatch(JSON.stringify(first), /canary|plug|xxx/)
    const { json: second } = await ask('GET', '/v1/outbox/dead?limit=3&after=gj')
    t.same(second.deadLetters.map(({ id }: { id: string }) => id), ['gk', 'hh'])
    t.same((await ask('GET', '/v1/outbox/dead?recipient=device-health')).json.deadLetters.length, 1)
    t.same((await ask('POST', '/v1/outbox/dead/discard', { ids: ['gh', 'gh', 'gz'] })).json, { count: 1, missing: 1 })
    t.same((await ask('POST', '/v1/outbox/dead/retry', { recipient: 'device-health' })).json, { count: 1, missing: 0 })
    t.same((await ask('POST', '/v1/outbox/dead/discard', { all: true })).json, { count: 3, missing: 0 })
    t.same((await ask('GET', '/v1/outbox/dead')).json.deadLetters, [])
    for (const body of [{}, { all: false }, { ids: [] }, { ids: ['abc'] }, { all: true, recipient: 'x' }]) {
      t.equal((await ask('POST', '/v1/outbox/dead/retry', body)).status, 400, JSON.stringify(body))
    }
    const { entries } = (await ask('GET', '/v1/audit')).json
    t.match(entries.filter(({ action, outcome }: { action: string, outcome: string }) => action.startsWith('outbox.') && outcome === 'done'), [{ action: 'outbox.discard', count: 1 }, { action: 'outbox.retry', subject: 'device-health', count: 1 }, { action: 'outbox.discard', count: 3 }])
    if (running) t.match(events.filter(event => 'why' in event), [{ recipient: 'product-analytics', why: 'discarded', count: 1 }, { recipient: 'device-health', why: 'retried', count: 1 }, { recipient: 'product-analytics', why: 'discarded', count: 3 }])
  })

  t.test(`pause, resume, ${name}: recorded, shown, and ended -> with its reason`, async t => {
    const { outbox, ask } = await world(t, running)
    const { json } = await ask('POST', '/v1/recipients/product-analytics/pause', { reason: 'asked to' })
    t.match(json, { recipient: 'product-analytics', paused: { reason: 'asked to', by: 'ops', atMs: Number } })
    t.match(outbox.pauseOf('product-analytics'), { reason: 'asked to', by: 'ops' })
    const shown = async () => (await ask('GET', '/v1/recipients')).json.recipients.find(({ recipient }: { recipient: string }) => recipient === 'product-analytics')
    t.match(await shown(), { waiting: 0, paused: { reason: 'asked to' } })
    t.same((await ask('POST', '/v1/recipients/product-analytics/resume')).json, { recipient: 'product-analytics', wasPaused: true })
    t.notOk('paused' in await shown())
    t.same((await ask('POST', '/v1/recipients/product-analytics/resume')).json.wasPaused, false)
    t.match((await ask('POST', '/v1/recipients/product-analytic/pause', { reason: 'x' })).json, { code: 'token-invalid', detail: /did you mean 'product-analytics'/ })
    for (const body of [{}, { reason: '' }, { reason: 'a\nb' }]) t.equal((await ask('POST', '/v1/recipients/product-analytics/pause', body)).status, 400)
    await outbox.pause('gone', { reason: 'why', by: 'ops', atMs: 5 })
    t.same((await ask('POST', '/v1/recipients/gone/resume')).json, { recipient: 'gone', wasPaused: true }, 'one that the policy no longer knows')
  })
}

t.test('pause: a sink that neither ends nor gives up -> an error that says so, and it is paused all the same', async t => {
  const core = await openCore({ config: 'config', data: t.testdir() }, 'command')
  const outbox = outboxOf({ core })
  const settle = async () => { throw errorOf('delivery-unsettled') }
  const operator = 'o'.repeat(30)
  const api = buildApi({ core, operator, gateway: { outbox, delivery: { settle } } as never })
  t.teardown(async () => {
    await api.close()
    await core.close()
  })
  const { statusCode, payload } = await api.inject({ method: 'POST', url: '/v1/recipients/product-analytics/pause', headers: { authorization: `Bearer ${operator}` }, payload: { reason: 'now' } })
  t.equal(statusCode, 503)
  t.match(JSON.parse(payload), { code: 'delivery-unsettled', detail: /^paused, but/ })
  t.match(outbox.pauseOf('product-analytics'), { reason: 'now' })
})

t.test('pause: no room on the disk for a record -> paused while the gateway runs, the answer says so, and the audit log when there is room', async t => {
  const broker = await Aedes.createBroker()
  let free = 1e12
  const gateway = await curtilage(broker, { config: 'config', data: t.testdir(), faults: { freeBytes: () => free } })
  const operator = 'o'.repeat(30)
  const apis = [buildApi({ core: gateway.core, operator, gateway }), buildApi({ core: gateway.core, operator, gateway })] as const
  t.teardown(async () => {
    await apis[1].close()
    await gateway.close()
    await new Promise<void>(resolve => broker.close(() => resolve()))
  })
  const ask = async (api: typeof apis[0], method: Method, url: string, payload?: object) => {
    const { statusCode, payload: text } = await api.inject({ method, url, headers: { authorization: `Bearer ${operator}` }, ...(payload !== undefined && { payload }) })
    return { statusCode, json: JSON.parse(text) }
  }
  free = 0
  t.match(await ask(apis[0], 'POST', '/v1/recipients/product-analytics/token'), { statusCode: 503, json: { code: 'store-write' } }, 'what is not urgent waits')
  const pause = async () => await ask(apis[0], 'POST', '/v1/recipients/product-analytics/pause', { reason: 'now' })
  t.match(await pause(), { statusCode: 503, json: { code: 'outbox-write', detail: /^paused until this gateway ends, but/ } })
  t.match(gateway.outbox.pauseOf('product-analytics'), { reason: 'now' })
  free = 1e12
  await apis[0].close()
  t.match((await ask(apis[1], 'GET', '/v1/audit?action=recipient.pause')).json.entries, [{ outcome: 'outbox-write', subject: 'product-analytics', count: 1 }])
})

t.test('pause: no gateway, and no room for a record -> not paused, and the answer says so', async t => {
  let free = 1e12
  const core = await openCore({ config: 'config', data: t.testdir(), faults: { freeBytes: () => free } }, 'command')
  const operator = 'o'.repeat(30)
  const api = buildApi({ core, operator })
  free = 0
  const { statusCode, payload } = await api.inject({ method: 'POST', url: '/v1/recipients/product-analytics/pause', headers: { authorization: `Bearer ${operator}` }, payload: { reason: 'now' } })
  t.match({ statusCode, json: JSON.parse(payload) }, { statusCode: 503, json: { code: 'outbox-write', detail: /^not paused:/ } })
  await api.close()
  await core.close()
})
