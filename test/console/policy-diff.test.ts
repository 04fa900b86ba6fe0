/** Two configurations, compared over the API: both routes, and the bounds of the thread in which they are. */

import t, { type Test } from 'tap'
import { buildApi } from '../../src/console/api.js'
import { openCore, type Core } from '../../src/core.js'
import { compileSources, type Configuration } from '../../src/policy/compile.js'
import { digestSources } from '../../src/policy/digest.js'

const ANALYTICS = 'recipients/product-analytics.yaml'

type Files = Record<string, string>

interface World {
  readonly core: Core
  /** Of the policy in force, and one that is wider in a single setting. */
  readonly files: Files
  readonly wider: Files
  readonly digest: string
  /** Of the wider one, which was seen and never ran. */
  readonly seen: string
  ask (method: 'GET' | 'POST', url: string, body?: object, role?: 'ops' | 'auditor'): Promise<{ status: number, json: any }>
}

async function world (t: Test): Promise<World> {
  let now = Date.UTC(2026, 0, 5, 12)
  const core = await openCore({ config: 'config', data: t.testdir(), now: () => now++ }, 'command')
  const api = buildApi({ core })
  t.teardown(async () => {
    await api.close()
    await core.close()
  })
  const { sources, policy: { digest } } = core.configuration
  const files = Object.fromEntries(sources)
  const wider = { ...files, [ANALYTICS]: replaced(files[ANALYTICS], 'round: 15m', 'round: 5m') }
  const next = compileSources(new Map(Object.entries(wider))) as Configuration
  for (const one of [core.configuration, next]) {
    await core.store.transaction(() => core.archive.propose(one, { digest: one.policy.digest, why: 'folder', by: 'a test', sinceMs: now }))
  }
  const tokens = { ops: (await core.registry.tokens.create('ops')).token, auditor: (await core.registry.tokens.create('auditor')).token }
  return {
    core,
    files,
    wider,
    digest,
    seen: next.policy.digest,
    ask: async (method, url, body, role = 'ops') => {
      const { statusCode, payload } = await api.inject({ method, url, headers: { authorization: `Bearer ${tokens[role]}` }, ...(body !== undefined && { payload: body }) })
      return { status: statusCode, json: JSON.parse(payload) }
    }
  }
}

function replaced (text = '', from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`no ${from}`)
  return text.replace(from, to)
}

t.test('diff: files and digests, either way round -> one answer for what is the same, with the place of each change; nothing is kept', async t => {
  const { core, ask, files, wider, digest, seen } = await world(t)
  const unseen = { ...wider, [ANALYTICS]: `# edited\n${wider[ANALYTICS]}` }
  const kept = core.archive.list().length
  const byFiles = await ask('POST', '/v1/policies/diff', { old: { files }, new: { files: wider } })
  t.equal(byFiles.status, 200)
  t.match(byFiles.json, { old: { digest, notice: '1.3' }, new: { digest: seen }, verdict: 'wider', counts: { different: 0, narrower: 0 }, same: [] })
  t.equal(byFiles.json.counts.wider, byFiles.json.changes.length)
  for (const change of byFiles.json.changes) {
    t.match(change, { effect: 'wider', aspect: 'transform', recipient: 'product-analytics', oldRule: /^recipients.product-analytics.yaml:\d+$/, newRule: /^recipients.product-analytics.yaml:\d+$/ })
    t.notOk('accounts' in change, 'not asked')
  }
  t.strictSame((await ask('POST', '/v1/policies/diff', { old: { digest }, new: { digest: seen } })).json, byFiles.json)
  t.strictSame((await ask('POST', '/v1/policies/diff', { old: { files }, new: { digest: seen } })).json, byFiles.json)
  t.strictSame((await ask('GET', `/v1/policies/${seen}/diff`)).json, { digest: seen, against: digest, ...byFiles.json }, 'the one in force where none is named')
  const { status, json } = await ask('POST', '/v1/policies/diff', { old: { digest: seen }, new: { files } })
  t.match({ status, verdict: json.verdict }, { status: 200, verdict: 'narrower' })
  t.strictSame((await ask('GET', `/v1/policies/${digest}/diff?against=${seen}`)).json, { digest, against: seen, ...json })
  t.match((await ask('POST', '/v1/policies/diff', { old: { digest: seen }, new: { files: unseen } })).json, { verdict: 'same', changes: [], counts: { wider: 0 } })
  t.equal(core.archive.list().length, kept)
})

t.test('diff: accounts counted -> those registered whose consent a change reaches, in the whole and for each', async t => {
  const { core, ask, digest, seen } = await world(t)
  for (const account of ['home-1', 'home-2', 'home-3']) await core.registry.accounts.add({ account, regime: 'opt-in' })
  for (const [account, state] of [['home-1', 'granted'], ['home-2', 'denied']] as const) {
    t.equal((await ask('POST', `/v1/accounts/${account}/consents`, { purpose: 'improve-products', state })).status, 201)
  }
  const { json } = await ask('POST', '/v1/policies/diff', { old: { digest }, new: { digest: seen }, accounts: true })
  t.strictSame(json.accounts, { registered: 3, touched: 1, widened: 1 })
  t.ok(json.changes.length > 0)
  for (const change of json.changes) t.equal(change.accounts, 1)
  t.strictSame((await ask('GET', `/v1/policies/${seen}/diff?accounts=count`, undefined, 'auditor')).json.accounts, json.accounts)
  t.strictSame((await ask('POST', '/v1/policies/diff', { old: { digest: seen }, new: { digest }, accounts: true })).json.accounts, { registered: 3, touched: 1, widened: 0 })
})

t.test('diff: a side with problems -> each with its side, file, line and column', async t => {
  const { ask, files, digest } = await world(t)
  const broken = { ...files, 'consent.yaml': `${files['consent.yaml']}\nextra: 1\n`, [ANALYTICS]: replaced(files[ANALYTICS], 'round: 15m', 'round: often') }
  const line = (broken['consent.yaml'].split('\n').indexOf('extra: 1')) + 1
  for (const side of ['old', 'new'] as const) {
    const sides = { old: { digest }, new: { digest }, [side]: { files: broken } }
    const { status, json } = await ask('POST', '/v1/policies/diff', sides)
    t.match({ status, ...json }, { status: 400, code: 'configuration-invalid' })
    t.match(json.detail.split('\n'), [new RegExp(`^${side}/consent\\.yaml:${line}:1 `), new RegExp(`^${side}/recipients/product-analytics\\.yaml:\\d+:\\d+ `)])
  }
})

t.test('diff: who may not, what is not there, what is no question -> refused with its code', async t => {
  const { core, ask, files, digest, seen } = await world(t)
  const post = async (body: object, role?: 'auditor') => {
    const { status, json } = await ask('POST', '/v1/policies/diff', body, role)
    return [status, json.code]
  }
  t.strictSame(await post({ old: { digest }, new: { files } }, 'auditor'), [403, 'role-forbidden'])
  t.strictSame(await post({ old: { files }, new: { digest } }, 'auditor'), [403, 'role-forbidden'])
  t.equal((await ask('POST', '/v1/policies/diff', { old: { digest }, new: { digest: seen } }, 'auditor')).status, 200, 'stored ones may be read')
  t.strictSame(await post({ old: { digest }, new: { digest: 'gggg' } }), [404, 'policy-unknown'])
  t.strictSame(await post({ old: { digest: 'gggg' }, new: { files } }), [404, 'policy-unknown'])
  for (const url of ['/v1/policies/gggg/diff', `/v1/policies/${digest}/diff?against=gggg`]) {
    const { status, json } = await ask('GET', url)
    t.strictSame([status, json.code], [404, 'policy-unknown'], url)
  }
  const bodies = [{}, { old: { digest } }, { old: { digest }, new: {} }, { old: { digest }, new: { digest, files } }, { old: { digest }, new: { files: { 'consent.yaml': 1 } } }, { old: { digest }, new: { digest }, extra: 1 }, { old: { digest }, new: { digest }, accounts: 'yes' }, { old: { digest }, new: { files: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`reports/${i}.yaml`, ''])) } }]
  for (const body of bodies) t.strictSame(await post(body), [400, 'request-invalid'], JSON.stringify(body).slice(0, 60))
  t.strictSame((await ask('GET', `/v1/policies/${digest}/diff?accounts=all`)).status, 400)
  await core.store.transaction(() => {
    const policies = core.store.database<{ files: Files, storedMs: number }, string>('policies')
    const old = { 'consent.yaml': 'from: an earlier version\n' }
    policies.putSync(digestOf(old), { files: old, storedMs: 0 })
  })
  t.strictSame(await post({ old: { digest: digestOf({ 'consent.yaml': 'from: an earlier version\n' }) }, new: { digest } }), [409, 'policy-unreadable'])
})

t.test('diff: more at once than may -> refused, not queued, since comparing is bounded and done beside the reports', async t => {
  const { ask, digest, seen } = await world(t)
  const answers = await Promise.all(Array.from({ length: 12 }, async (_, i) => i % 2 === 0
    ? await ask('POST', '/v1/policies/diff', { old: { digest }, new: { digest: seen } })
    : await ask('GET', `/v1/policies/${seen}/diff`)))
  t.strictSame(answers.filter(({ status }) => status === 200).length, 8)
  t.strictSame([...new Set(answers.filter(({ status }) => status !== 200).map(({ json }) => json.code))], ['try-full'])
  t.equal((await ask('GET', `/v1/policies/${seen}/diff`)).status, 200, 'and there is room again')
})

function digestOf (files: Files): string {
  return digestSources(new Map(Object.entries(files)))
}
