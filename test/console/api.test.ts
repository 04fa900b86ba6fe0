import t, { type Test } from 'tap'
import { Aedes } from 'aedes'
import fc from 'fast-check'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { mayUse, ROLES, type Access } from '../../src/console/access.js'
import { buildApi } from '../../src/console/api.js'
import { checkHost } from '../../src/console/host-check.js'
import type { Answered, Services } from '../../src/console/services.js'
import { openApiText } from '../../src/console/write-openapi.js'
import { openCore, type Core } from '../../src/core.js'
import { curtilage, type Gateway } from '../../src/gateway.js'
import type { ReportHeader } from '../../src/model/disclosure.js'
import { CurtilageError, ERRORS } from '../../src/model/errors.js'
import { compileSources, type Configuration } from '../../src/policy/compile.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const CONFIG = 'config'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

interface Answer {
  status: number
  type: string
  text: string
  json: any
}

interface World {
  core: Core
  api: FastifyInstance
  answered: Answered[]
  tokens: Record<'ops' | 'auditor' | 'own' | 'other', string>
  ask (method: Method, url: string, body?: object, token?: string): Promise<Answer>
}

async function world (t: Test, services: (core: Core) => Partial<Services> = () => ({})): Promise<World> {
  let now = Date.UTC(2026, 0, 5, 12)
  const core = await openCore({ config: CONFIG, data: t.testdir(), now: () => now++ }, 'command')
  const answered: Answered[] = []
  const api = buildApi({ core, onAnswered: one => answered.push(one), ...services(core) })
  t.teardown(async () => {
    await api.close()
    await core.close()
  })
  await api.ready()
  for (const account of ['home-1', 'home-2']) await core.registry.accounts.add({ account, regime: 'opt-in' })
  await core.registry.devices.add({ account: 'home-1', device: 'plug-1' })
  const create = async (role: string) => (await core.registry.tokens.create(role)).token
  const tokens = { ops: await create('ops'), auditor: await create('auditor'), own: await create('account:home-1'), other: await create('account:home-2') }
  const ask = async (method: Method, url: string, body?: object, token = tokens.ops): Promise<Answer> => {
    const { statusCode, headers, payload } = await api.inject({ method, url, ...(token !== '' && { headers: { authorization: `Bearer ${token}` } }), ...(body !== undefined && { payload: body }) })
    const type = String(headers['content-type'] ?? '')
    return { status: statusCode, type, text: payload, json: /json/.test(type) ? JSON.parse(payload) : undefined }
  }
  return { core, api, answered, tokens, ask }
}

/** Every operation of the document, its parameters filled in. */
function operations (api: FastifyInstance, parameters: Record<string, string>): { method: Method, url: string, open: boolean, access: string }[] {
  const { paths = {} } = api.swagger() as { paths?: Record<string, Record<string, { security?: unknown[], description?: string }>> }
  return Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase() as Method,
    url: path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? 'x')),
    open: operation.security?.length === 0,
    access: operation.description?.split('Roles: ').at(-1)?.replace(/\.$/, '') ?? ''
  })))
}

t.test('access: every operation -> what its roles say, and nothing without a token', async t => {
  const { api, ask, tokens } = await world(t)
  const all = operations(api, { account: 'home-1', device: 'nobodys', recipient: 'nobody', id: 'none', digest: 'none' })
  t.ok(all.length > 20)
  for (const { method, url, open, access } of all) {
    const body = method === 'POST' || method === 'PATCH' ? {} : undefined
    const statusFor = async (token: string) => (await ask(method, url, body, token)).status
    const passes = (status: number) => status !== 401 && status !== 403
    const name = `${method} ${url}`
    if (open) {
      t.ok(passes(await statusFor('')), `${name} needs no token`)
      continue
    }
    t.equal(await statusFor(''), 401, `${name} without a token`)
    t.equal(await statusFor('wrong'), 401, `${name} with a token that is none`)
    t.equal(await statusFor(tokens.other), access === ROLES.any ? 200 : 403, `${name} with another account's token`)
    t.equal(passes(await statusFor(tokens.own)), access.includes('account:{id}'), `${name} with the account's own token`)
    t.equal(passes(await statusFor(tokens.auditor)), access.includes('auditor'), `${name} with an auditor's token`)
    t.ok(passes(await statusFor(tokens.ops)), `${name} with an ops token`)
  }
})

t.test('access: a role that is not ops -> never writes outside its own account', async () => {
  const roles = fc.oneof(fc.constant('auditor' as const), fc.string().map(id => `account:${id}` as const))
  fc.assert(fc.property(roles, fc.constantFrom<Access[]>('read', 'own-read', 'write', 'own-write'), fc.option(fc.string()), (role, access, account) => {
    const allowed = mayUse(role, access, account ?? undefined)
    if (access === 'write' && allowed) return false
    if (access === 'own-write' && allowed) return role === `account:${account}`
    if (role !== 'auditor' && allowed) return role === `account:${account}`
    return true
  }), { numRuns: RUNS })
})

t.test('access: a token that was revoked -> 401 at once', async t => {
  const { ask, tokens, core } = await world(t)
  const auditor = core.registry.tokens.list().find(({ role }) => role === 'auditor')
  t.equal((await ask('DELETE', `/v1/tokens/${auditor?.id}`)).status, 204)
  const refused = await ask('GET', '/v1/accounts', undefined, tokens.auditor)
  t.equal(refused.status, 401)
  t.equal(refused.json.code, 'token-missing')
})

t.test('host: names that could be an attacker\'s -> refused before anything else', async t => {
  const { api } = await world(t, () => ({ listeningHost: 'gateway.home' }))
  const table: [string, boolean][] = [
    ['localhost', true], ['localhost:8080', true], ['LOCALHOST', true], ['127.0.0.1:8080', true], ['192.0.2.7', true], ['[::1]:8080', true], ['gateway.home:80', true],
    ['evil.example', false], ['localhost.evil.example', false], ['127.0.0.1.evil.example', false], ['a@localhost', false], ['[::1', false], ['localhost:x', false]
  ]
  for (const [host, allowed] of table) {
    const { statusCode } = await api.inject({ url: '/health/live', headers: { host } })
    t.equal(statusCode, allowed ? 200 : 421, `host ${host}`)
  }
  for (const headers of [{}, { host: '' }]) t.throws(() => checkHost({ headers } as FastifyRequest, ''), { code: 'host-refused' })
})

t.test('problems: malformed requests -> problem+json with every path, and a known code', async t => {
  const { ask } = await world(t)
  const bad = await ask('POST', '/v1/accounts', { account: 'not an id', regime: 7, minor: 'yes', extra: 1 })
  t.equal(bad.status, 400)
  t.match(bad.type, /^application\/problem\+json/)
  t.match(bad.json, { type: 'urn:curtilage:error:request-invalid', status: 400, code: 'request-invalid', title: ERRORS['request-invalid'] })
  t.strictSame(bad.json.problems.map(({ path }: { path: string }) => path).sort(), ['body', 'body/account', 'body/minor', 'body/regime'])
  const table: [Method, string, object | undefined, number, string][] = [
    ['GET', '/v1/nothing', undefined, 404, 'route-unknown'],
    ['GET', '/v1/accounts?limit=0', undefined, 400, 'request-invalid'],
    ['GET', '/v1/accounts/nobody', undefined, 404, 'account-unknown'],
    ['POST', '/v1/accounts', { account: 'home-1', regime: 'opt-in' }, 409, 'account-exists'],
    ['POST', '/v1/accounts', { account: 'home-3', regime: 'opt-inn' }, 400, 'account-invalid'],
    ['POST', '/v1/accounts', { account: 'home-3', regime: 'opt-in', region: 'mars' }, 400, 'account-invalid'],
    ['POST', '/v1/devices', { account: 'home-9', device: 'plug-9' }, 404, 'account-unknown'],
    ['POST', '/v1/devices', { account: 'home-2', device: 'plug-1' }, 409, 'device-exists'],
    ['POST', '/v1/devices', { account: 'home-2', device: 'plug-2', password: 'short' }, 400, 'device-invalid'],
    ['POST', '/v1/devices/plug-9/rotate', {}, 404, 'device-unknown'],
    ['POST', '/v1/accounts/home-1/consents', { purpose: 'improve-product', state: 'granted' }, 400, 'consent-invalid'],
    ['POST', '/v1/accounts/home-2/consents', { purpose: 'improve-products', state: 'granted', device: 'plug-1' }, 400, 'consent-invalid'],
    ['POST', '/v1/accounts/home-1/consents', { purpose: 'improve-products', state: 'denied', expires: '2027-01-01' }, 400, 'consent-invalid'],
    ['POST', '/v1/accounts/home-1/consents', { purpose: 'improve-products', state: 'granted', expires: 'soon' }, 400, 'request-invalid'],
    ['POST', '/v1/recipients/product-analytics/token', undefined, 400, 'token-invalid'],
    ['POST', '/v1/tokens', { role: 'root' }, 400, 'token-invalid'],
    ['POST', '/v1/policies/none/approve', { reason: 'x' }, 404, 'policy-unknown'],
    ['POST', '/v1/policies/none/approve', { reason: 'x\u001b[2J' }, 400, 'request-invalid'],
    ['POST', '/v1/explain', { account: 'home-1', topic: 'kasa/home-2/plug-1/energy', payload: '' }, 400, 'topic-invalid'],
    ['POST', '/v1/devices/import', { lines: Array.from({ length: 1001 }, () => '{}') }, 400, 'request-invalid'],
    ['GET', '/metrics', undefined, 503, 'gateway-absent']
  ]
  for (const [method, url, body, status, code] of table) {
    const answer = await ask(method, url, body)
    t.match({ status: answer.status, code: answer.json.code, type: answer.type }, { status, code, type: /^application\/problem\+json/ }, `${method} ${url} ${code}`)
  }
  t.match((await ask('POST', '/v1/accounts', { account: 'home-3', regime: 'opt-inn' })).json.detail, "did you mean 'opt-in'?")
})

t.test('problems: an address planted anywhere in a request -> in no answer', async t => {
  const { api, ask, core, answered } = await world(t)
  // the rules, which one route shows, have examples of their own
  const planted = ['50C7BF0D9A5E', '50:c7:bf:0d:9a:5e', '192.168.77.5']
  for (const secret of planted) {
    const all = operations(api, { account: secret, device: secret, recipient: secret, id: secret, digest: secret })
    const values: unknown[] = [secret, [secret], { [secret]: secret }, 7]
    const bodies = values.flatMap(value => [
      { account: value, regime: value, region: value }, { account: 'home-1', device: value, mac: value }, { account: value, device: secret, password: secret },
      { purpose: value, state: 'granted' }, { purpose: 'improve-products', state: value }, { purpose: 'improve-products', state: 'granted', recipient: value, category: value },
      { role: value }, { reason: value, [secret]: secret }, { account: 'home-1', topic: value, payload: value }, { lines: [secret, JSON.stringify({ account: value, device: value })] }
    ])
    for (const { method, url } of all) {
      for (const body of method === 'GET' || method === 'DELETE' ? [undefined] : bodies) {
        const query = method === 'GET' ? `?after=${encodeURIComponent(secret)}&at=${encodeURIComponent(secret)}&limit=x${encodeURIComponent(secret)}` : ''
        const { text, status } = await ask(method, url + query, body)
        t.notOk(status === 500, `${method} answers`)
        t.notOk(text.includes(secret), `${method} ${url}${query} echoes nothing`)
      }
    }
    const { payload } = await api.inject({ method: 'POST', url: '/v1/accounts', headers: { authorization: `Bearer ${core.registry.tokens.list.length}`, 'content-type': 'application/json' }, payload: `{"account":"${secret}` })
    t.notOk(payload.includes(secret), 'what is not JSON is not quoted')
    t.notOk(JSON.stringify(answered).includes(secret), 'what may be logged holds route patterns only')
  }
})

t.test('problems: bodies that are not JSON, too large or of another type -> their status, without a quotation', async t => {
  const { api, tokens } = await world(t)
  const send = async (payload: string, type = 'application/json') => await api.inject({ method: 'POST', url: '/v1/accounts', headers: { authorization: `Bearer ${tokens.ops}`, 'content-type': type }, payload })
  const table: [string, string, number][] = [['{"account":"planted', 'application/json', 400], ['{"__proto__":{"planted":1}}', 'application/json', 400], ['planted', 'text/plain', 415], ['"planted', 'application/json', 400], [`"planted${'x'.repeat(70_000)}"`, 'application/json', 413]]
  for (const [payload, type, status] of table) {
    const answer = await send(payload, type)
    t.equal(answer.statusCode, status)
    t.match(answer.headers['content-type'], /problem\+json/)
    t.notMatch(answer.payload, /planted/)
  }
})

t.test('problems: something unforeseen -> 500 that says nothing of it', async t => {
  const { ask, core } = await world(t)
  core.registry.accounts.list = () => { throw new Error('50:C7:BF:0D:91:8C') }
  const answer = await ask('GET', '/v1/accounts')
  t.equal(answer.status, 500)
  t.equal(answer.json.code, 'internal')
  t.notMatch(answer.text, /50:C7/)
})

t.test('openapi: the document -> that of docs/, complete and without loose ends', async t => {
  const text = await openApiText(CONFIG)
  t.equal(text, readFileSync('docs/openapi.json', 'utf8'), 'docs/openapi.json has drifted: npm run build && node dist/src/console/write-openapi.js')
  const document = JSON.parse(text)
  t.equal(document.openapi, '3.1.0')
  for (const [, ref] of text.matchAll(/"\$ref": "#\/components\/schemas\/([^"]+)"/g)) t.hasProp(document.components.schemas, ref ?? '')
  const codes = new Set<string>()
  for (const [path, methods] of Object.entries<Record<string, { summary?: string, requestBody?: { content: object }, parameters?: { name: string, in: string, schema?: object }[], responses: Record<string, { content?: Record<string, { schema?: object }> }> }>>(document.paths)) {
    for (const [method, { summary, requestBody, parameters = [], responses }] of Object.entries(methods)) {
      const name = `${method} ${path}`
      t.ok(summary, `${name} has a summary`)
      t.ok(path === '/openapi.json' || path === '/metrics' || responses['4XX'] !== undefined, `${name} describes its problems`)
      for (const [status, { content }] of Object.entries(responses)) {
        codes.add(status)
        t.ok(status === '204' || Object.values(content ?? {}).every(({ schema }) => schema !== undefined), `${name} ${status} has a schema`)
      }
      for (const [, parameter] of path.matchAll(/\{(\w+)\}/g)) t.ok(parameters.some(one => one.in === 'path' && one.name === parameter && one.schema), `${name} describes ${parameter}`)
      t.ok(requestBody === undefined || Object.hasOwn(requestBody.content, 'application/json'), `${name} takes JSON`)
    }
  }
})

t.test('accounts and devices: registered over the API -> shown, listed by pages, secrets once', async t => {
  const { ask, core } = await world(t)
  t.match((await ask('POST', '/v1/accounts', { account: 'home-3', regime: 'notice', region: 'eu', minor: true })).json, { account: 'home-3', regime: 'notice', region: 'eu', minor: true, optOutSignal: false })
  t.match((await ask('PATCH', '/v1/accounts/home-3', { minor: false, optOutSignal: true })).json, { minor: false, optOutSignal: true })
  t.strictSame((await ask('GET', '/v1/accounts?limit=2')).json, { accounts: ['home-1', 'home-2'] })
  t.strictSame((await ask('GET', '/v1/accounts?limit=2&after=home-2')).json, { accounts: ['home-3'] })
  const made = await ask('POST', '/v1/devices', { account: 'home-3', device: 'cam-1', mac: '50:C7:BF:0D:91:8C' })
  t.equal(made.status, 201)
  t.match(core.registry.authenticate('cam-1', made.json.password), { kind: 'device', account: 'home-3' })
  t.notOk('password' in (await ask('POST', '/v1/devices', { account: 'home-3', device: 'cam-2', password: 'a'.repeat(20) })).json)
  t.match((await ask('GET', '/v1/devices?account=home-3')).json, { devices: [{ device: 'cam-1', addresses: 1 }, { device: 'cam-2', addresses: 0 }] })
  t.match((await ask('GET', '/v1/devices?limit=1&after=cam-1')).json.devices, [{ device: 'cam-2' }])
  t.match((await ask('GET', '/v1/devices?limit=2')).json.devices.length, 2)
  const rotated = await ask('POST', '/v1/devices/cam-1/rotate', {})
  t.equal(core.registry.authenticate('cam-1', made.json.password), undefined)
  t.ok(core.registry.authenticate('cam-1', rotated.json.password))
  const certified = await ask('POST', '/v1/devices', { account: 'home-3', device: 'cam-3', certificateOnly: true })
  t.strictSame([certified.status, certified.json], [201, { account: 'home-3', device: 'cam-3' }], 'nobody gets a password')
  t.equal((await ask('POST', '/v1/devices', { account: 'home-3', device: 'cam-4', certificateOnly: true, password: 'a'.repeat(20) })).status, 400)
  t.notOk('password' in (await ask('POST', '/v1/devices/cam-2/rotate', { certificateOnly: true })).json)
  t.equal(core.registry.authenticate('cam-2', 'a'.repeat(20)), undefined)
  t.equal((await ask('DELETE', '/v1/devices/cam-1')).status, 204)
  t.equal((await ask('DELETE', '/v1/devices/cam-1')).status, 404)
  const token = await ask('POST', '/v1/accounts/home-3/app-token')
  t.match(core.registry.authenticate('account:home-3', token.json.token), { kind: 'app' })
  const recipient = await ask('POST', '/v1/recipients/home-integration/token')
  t.match(core.registry.authenticate('recipient:home-integration', recipient.json.token), { kind: 'recipient' })
})

t.test('import: lines good and bad -> the good ones in, the bad ones by number', async t => {
  const { ask, core } = await world(t)
  const lines = ['{"account":"home-1","device":"d-1"}', 'nonsense', '', '{"account":"nobody","device":"d-2"}', '{"account":"home-1","device":"d-3","password":"short"}', '{"account":"home-1","device":"d-4","mac":"50C7BF0D918C"}', '{"account":"home-1","device":"d-1"}']
  const { json } = await ask('POST', '/v1/devices/import', { lines })
  t.match(json, { lines: 7, imported: 2, bad: 4 })
  t.strictSame(json.problems.map(({ line }: { line: number }) => line), [2, 4, 5, 7])
  t.strictSame(json.passwords.map(({ device }: { device: string }) => device), ['d-1', 'd-4'])
  t.ok(core.registry.authenticate('d-4', json.passwords[1].password))
  const consents = await ask('POST', '/v1/consents/import', { lines: ['{"account":"home-1","purpose":"improve-products","state":"granted","source":"crm"}', '{"account":"home-1","purpose":"x","state":"granted"}'] })
  t.match(consents.json, { imported: 1, problems: [{ line: 2, problem: 'unknown purpose' }] })
  t.match(core.ledger.current('home-1')?.records, [{ source: 'crm', actor: 'ops' }])
})

t.test('consent overview: records of many scopes -> what holds in general, and where it does not, at any time', async t => {
  const { ask, core, tokens } = await world(t)
  const state = async (body: object) => (await ask('POST', '/v1/accounts/home-1/consents', body, tokens.own)).json
  const granted = await state({ purpose: 'improve-products', state: 'granted' })
  const noted = core.now()
  const denied = await state({ purpose: 'improve-products', state: 'denied', category: 'location.geo', source: 'phone' })
  const own = await state({ purpose: 'improve-products', state: 'withdrawn', recipient: 'energy-research', device: 'plug-1' })
  t.match(denied, { source: 'phone', actor: 'account:home-1' })
  const { json } = await ask('GET', '/v1/accounts/home-1/consents', undefined, tokens.own)
  const purpose = json.purposes.find((one: { purpose: string }) => one.purpose === 'improve-products')
  t.match(purpose, { answer: 'yes', state: 'granted', grounds: granted.id })
  const [energy, analytics] = purpose.recipients
  t.match(energy, { recipient: 'energy-research', answer: 'yes', exceptions: [{ category: 'location.geo', answer: 'no', reason: 'consent-denied', grounds: denied.id }, { device: 'plug-1', answer: 'no', reason: 'consent-withdrawn', grounds: own.id }] })
  t.strictSame(analytics.exceptions.map(({ category }: { category: string }) => category), ['location.geo'])
  t.match(json.facts, { regime: 'opt-in', region: 'us', minor: false })
  t.strictSame(json.records.map(({ id }: { id: string }) => id).slice(1), [granted.id, denied.id, own.id])
  const past = (await ask('GET', `/v1/accounts/home-1/consents?at=${noted}`)).json
  t.equal(past.records.length, 2)
  t.strictSame(past.purposes.find((one: { purpose: string }) => one.purpose === 'improve-products').recipients[0].exceptions, [])
  t.equal((await ask('GET', '/v1/accounts/home-1/consents?at=2020-01-01')).status, 404)
  await state({ purpose: 'improve-products', state: 'denied' })
  const after = (await ask('GET', '/v1/accounts/home-1/consents')).json
  t.strictSame(after.records.filter((one: { stands?: boolean }) => one.stands === false).length, 3, 'what a later record cancelled is marked')
})

t.test('explain: over the API -> the disclosure that would leave, and nothing raw', async t => {
  const { ask } = await world(t)
  await ask('POST', '/v1/accounts/home-1/consents', { purpose: 'improve-products', state: 'granted' })
  const payload = Buffer.from(JSON.stringify({ emeter: { get_realtime: { power: 63.7 } }, secret: '50:C7:BF:0D:91:8C' })).toString('base64')
  const { json, text } = await ask('POST', '/v1/explain', { account: 'home-1', topic: 'kasa/home-1/plug-1/energy-realtime', payload })
  const one = json.recipients.find(({ recipient }: { recipient: string }) => recipient === 'product-analytics')
  t.match(one, { outcome: 'disclosed', reason: null, disclosure: { recipient: 'product-analytics', data: { emeter: { get_realtime: { power: 60 } } } } })
  t.strictSame(Object.keys(one.fields[0]).sort(), ['category', 'clause', 'consent', 'count', 'outcome', 'path', 'reason', 'rule', 'transform'])
  t.notMatch(text, /50:C7|63\.7|secret/)
  t.match((await ask('POST', '/v1/explain', { account: 'nobody', topic: 'kasa/nobody/x/energy-realtime', payload })).json.recipients[1], { outcome: 'withheld', reason: 'account-unknown' })
  t.strictSame((await ask('POST', '/v1/explain', { account: 'home-1', topic: 'kasa/home-1/plug-1/energy', payload: Buffer.from('{').toString('base64') })).json, { recipients: [], quarantined: 'not-json' })
  t.equal((await ask('POST', '/v1/explain', { account: 'home-1', topic: 'kasa/home-1/plug-1/energy', payload: 'A'.repeat(400_000) })).status, 413)
})

t.test('explain: the longest report of the policy in force changes -> followed at once, whether the length is told or not', async t => {
  const { api, core, tokens } = await world(t)
  const first = core.configuration
  const post = async (bytes: number, isTold: boolean): Promise<number> => {
    const body = JSON.stringify({ account: 'home-1', topic: 'kasa/home-1/plug-1/energy', payload: Buffer.alloc(bytes, ' ').toString('base64') })
    const { statusCode, payload } = await api.inject({ method: 'POST', url: '/v1/explain', headers: { authorization: `Bearer ${tokens.ops}`, 'content-type': 'application/json' }, payload: isTold ? body : Readable.from([Buffer.from(body)]) })
    if (statusCode === 413) t.match(JSON.parse(payload), { code: 'request-too-large' })
    return statusCode
  }
  const longest = (text: string) => compileSources(new Map(first.sources).set('gateway.yaml', first.sources.get('gateway.yaml')?.replace('maxReportBytes: 256KiB', `maxReportBytes: ${text}`) ?? '')) as Configuration
  for (const isTold of [true, false]) {
    core.inForce.put(first)
    t.strictSame([await post(256 * 1024, isTold), await post(270 * 1024, isTold)], [200, 413])
    core.inForce.put(longest('280KiB'))
    t.strictSame([await post(270 * 1024, isTold), await post(290 * 1024, isTold)], [200, 413])
    core.inForce.put(longest('1KiB'))
    t.strictSame([await post(1024, isTold), await post(8 * 1024, isTold)], [200, 413])
  }
})

t.test('policies: asked for, approved, rolled back -> by whom and why, in the list and in the audit log; to be read whole, compared, checked', async t => {
  const { ask, gateway: { core } } = await withGateway(t)
  const { digest, recipients } = core.configuration.policy
  t.match((await ask('GET', '/v1/policies')).json, { active: digest, approvals: 1, folder: { state: 'active', digest }, policies: [{ digest, state: 'active', activations: [{ why: 'first', by: 'gateway', sequence: 1 }] }] })
  t.equal((await ask('POST', `/v1/policies/${digest}/approve`, { reason: 'because', by: 'ann' })).status, 409, 'in force already')
  const whole = (await ask('GET', `/v1/policies/${digest}`)).json
  t.match(whole, { digest, state: 'active', notice: '1.3', problems: [] })
  t.equal(whole.matrix.length, recipients.length)
  t.equal(whole.files['consent.yaml'], readFileSync('config/consent.yaml', 'utf8'))

  const files = { ...whole.files, 'recipients/product-analytics.yaml': whole.files['recipients/product-analytics.yaml'].replace('round: 15m', 'round: 5m') }
  const checked = (await ask('POST', '/v1/policies/check', { files })).json
  t.match(checked, { problems: [], against: { verdict: 'wider' } })
  t.match(checked.against.changes[0], { effect: 'wider', recipient: 'product-analytics', aspect: 'transform', newRule: /^recipients.product-analytics.yaml:\d+$/ })
  t.match((await ask('POST', '/v1/policies/check', { files: { ...files, 'consent.yaml': `${whole.files['consent.yaml']}\nextra: 1\n` } })).json.problems, [{ file: 'consent.yaml', code: 'unknown-key', column: 1, key: 'extra' }])
  t.equal((await ask('GET', `/v1/policies/${checked.digest}`)).status, 404, 'what was checked is not kept')

  const next = compileSources(new Map(Object.entries(files))) as Configuration
  await core.store.transaction(() => core.archive.propose(next, { digest: next.policy.digest, why: 'folder', by: 'a test', sinceMs: 0 }))
  t.match((await ask('GET', `/v1/policies/${next.policy.digest}/diff`)).json, { digest: next.policy.digest, against: digest, verdict: 'wider' })
  t.match((await ask('GET', `/v1/policies/${digest}/diff?against=${next.policy.digest}`)).json, { digest, against: next.policy.digest, verdict: 'narrower' })
  t.match((await ask('POST', `/v1/policies/${next.policy.digest}/activate`, { reason: 'minutes matter', by: 'ann' })).json, { outcome: 'waiting', verdict: 'wider', approvals: { needed: 1, given: [] } })
  t.match((await ask('GET', '/v1/policies?limit=1')).json, { waiting: { digest: next.policy.digest, why: 'activate', by: 'ann', reason: 'minutes matter' }, policies: [{ digest, state: 'active' }], next: digest })
  t.match((await ask('GET', `/v1/policies?limit=1&after=${digest}`)).json, { policies: [{ digest: next.policy.digest, state: 'waiting' }], next: undefined })
  t.match((await ask('POST', `/v1/policies/${next.policy.digest}/approve`, { reason: 'all were told', by: 'ben' })).json, { outcome: 'taken', digest: next.policy.digest, settled: true })
  t.equal(core.configuration.policy.digest, next.policy.digest)
  t.match((await ask('POST', '/v1/policies/rollback', { reason: 'too fine' })).json, { outcome: 'taken', digest, verdict: 'narrower' })
  t.match((await ask('POST', '/v1/policies/reload')).json, { outcome: 'unchanged', digest })
  t.match((await ask('GET', '/v1/policies')).json.policies, [
    { digest, state: 'active', activations: [{ sequence: 1 }, { sequence: 3, why: 'rollback', by: 'ops', reason: 'too fine', before: next.policy.digest, verdict: 'narrower' }] },
    { digest: next.policy.digest, state: 'past', activations: [{ sequence: 2, why: 'activate', by: 'ann', changes: [{ effect: 'wider' }], approvals: [{ by: 'ben', reason: 'all were told' }] }] }
  ])
  const { entries } = (await ask('GET', '/v1/audit')).json
  t.match(entries.filter(({ action }: { action: string }) => action === 'policy.take-force' || action === 'policy.approve'), [
    { subject: digest, by: 'gateway' },
    { action: 'policy.approve', outcome: 'policy-active' },
    { action: 'policy.take-force', subject: next.policy.digest, by: 'ann', reason: 'minutes matter', actor: 'gateway' },
    { action: 'policy.approve', subject: next.policy.digest, by: 'ben', reason: 'all were told', outcome: 'done' },
    { action: 'policy.take-force', subject: digest, by: 'ops', reason: 'too fine' }
  ])
  t.equal((await ask('GET', '/v1/matrix')).json.recipients.length, recipients.length)
  t.strictSame((await ask('GET', '/v1/quarantine')).json, { entries: [] })
})

async function withGateway (t: Test): Promise<{ gateway: Gateway, ask: (method: Method, url: string, body?: object) => Promise<Answer>, settled: () => number, stick: (stuck: boolean) => void, purges: Parameters<Gateway['outbox']['purge']>[0][] }> {
  const broker = await Aedes.createBroker()
  const gateway = await curtilage(broker, { config: CONFIG, data: t.testdir() })
  let [settled, stuck] = [0, false]
  const purges: Parameters<Gateway['outbox']['purge']>[0][] = []
  const settle = async () => {
    settled++
    if (stuck) throw new CurtilageError('delivery-unsettled')
  }
  const purge: Gateway['outbox']['purge'] = async match => { purges.push(match); return 0 }
  Object.assign(gateway.delivery, { settle })
  Object.assign(gateway.outbox, { purge })
  const api = buildApi({ core: gateway.core, operator: 'o'.repeat(30), gateway })
  t.teardown(async () => {
    await api.close()
    await new Promise<void>(resolve => broker.close(() => resolve()))
    await gateway.close()
  })
  return {
    gateway,
    purges,
    settled: () => settled,
    stick: now => { stuck = now },
    ask: async (method, url, body) => {
      const { statusCode, payload, headers } = await api.inject({ method, url, headers: { authorization: `Bearer ${'o'.repeat(30)}` }, ...(body !== undefined && { payload: body }) })
      return { status: statusCode, type: String(headers['content-type']), text: payload, json: /json/.test(String(headers['content-type'])) ? JSON.parse(payload) : undefined }
    }
  }
}

t.test('settle: what takes something away -> answered after delivery has settled; after a withdrawal or an erasure is acknowledged, nothing more of it leaves', async t => {
  const { ask, settled, stick, purges, gateway } = await withGateway(t)
  await ask('POST', '/v1/accounts', { account: 'home-1', regime: 'opt-in' })
  const state = async (state: string, more = {}) => await ask('POST', '/v1/accounts/home-1/consents', { purpose: 'improve-products', state, ...more })
  const settles = async (what: () => Promise<Answer>): Promise<number> => {
    const before = settled()
    t.ok((await what()).status < 300)
    return settled() - before
  }
  t.equal(await settles(async () => await state('granted')), 0, 'a grant takes nothing away')
  t.equal(await settles(async () => await state('withdrawn')), 1)
  t.equal(await settles(async () => await state('denied')), 1)
  t.equal(await settles(async () => await state('granted', { expires: '2020-01-01' })), 1, 'a grant that has run out replaces one that held')
  t.equal(await settles(async () => await state('granted', { notice: '1.0' })), 1, 'a grant under an older notice may not count')
  t.equal(await settles(async () => await ask('PATCH', '/v1/accounts/home-1', { region: 'eu' })), 1)
  t.equal(await settles(async () => await ask('PATCH', '/v1/accounts/home-1', { optOutSignal: true })), 1)
  t.equal(await settles(async () => await ask('POST', '/v1/consents/import', { lines: ['{"account":"home-1","purpose":"analyze-use","state":"denied"}'] })), 1)
  t.equal(await settles(async () => await ask('PATCH', '/v1/accounts/home-1', { minor: true })), 2, 'before and after what waits is purged')
  const header = { account: 'home-1' } as ReportHeader
  t.equal(purges[0]?.(header, 'product-analytics'), true)
  t.equal(purges[0]?.(header, 'home-integration'), false, 'a required purpose stays')
  t.equal(purges[0]?.({ ...header, account: 'home-2' }, 'product-analytics'), false)
  stick(true)
  const stuck = await state('withdrawn')
  t.match({ status: stuck.status, code: stuck.json.code }, { status: 503, code: 'delivery-unsettled' })
  t.match(gateway.core.ledger.current('home-1')?.records.at(-1), { state: 'withdrawn' }, 'it is recorded all the same')
  stick(false)
  t.equal((await state('withdrawn')).status, 201, 'asking again acknowledges it')
})

t.test('health and metrics: with a gateway -> ready, and counters without identifiers', async t => {
  const { ask } = await withGateway(t)
  t.strictSame((await ask('GET', '/health/live')).json, { live: true })
  t.strictSame((await ask('GET', '/health/ready')).json, { ready: true, checks: { gateway: true, store: true, policy: true, data: true } })
  const metrics = await ask('GET', '/metrics')
  t.match(metrics.type, /^text\/plain/)
  t.match(metrics.text, /curtilage_outbox_depth\{recipient="product-analytics"\} 0/)
})

t.test('health: without a gateway -> live, and not ready', async t => {
  const { ask } = await world(t)
  t.equal((await ask('GET', '/health/live')).status, 200)
  t.match(await ask('GET', '/health/ready'), { status: 503, json: { ready: false, checks: { gateway: false, store: true } } })
})

t.test('consent: a notice newer than the one in force -> refused, since nobody can have read it', async t => {
  const { ask, tokens } = await world(t)
  const grant = async (notice: string) => await ask('POST', '/v1/accounts/home-1/consents', { purpose: 'improve-products', state: 'granted', notice }, tokens.own)
  for (const notice of ['99.9', '1.3.0.1']) t.match(await grant(notice), { status: 400, json: { code: 'consent-invalid' } }, notice)
  for (const notice of ['1.3', '1.0']) t.equal((await grant(notice)).status, 201, notice)
})

t.test('problems: a path that cannot be decoded -> a problem like any other, which does not quote it', async t => {
  const { ask } = await world(t)
  const answer = await ask('GET', '/v1/accounts/canary%E0%A4%A')
  t.match(answer, { status: 400, json: { code: 'request-invalid' } })
  t.match(answer.type, /^application\/problem\+json/)
  t.notMatch(answer.text, /canary/)
})
