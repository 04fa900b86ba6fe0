/** Try it: drafts, reports and homes taken through the path, without a trace. */

import t, { type Test } from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { TryDesk } from '../../src/console/try/try-desk.js'
import { openCore, type Core } from '../../src/core.js'
import { buildApi } from '../../src/console/api.js'
import type { Attempt, Attempted } from '../../src/console/try/attempt.js'
import { loadConfiguration } from '../../src/policy/load.js'
import { CANARY, filesWith, spellingsIn } from '../faults/canary.js'
import { startFaulty } from '../faults/faulty-process.js'

const NOW = Date.UTC(2026, 0, 5, 12)
const ANALYTICS = 'recipients/product-analytics.yaml'
const GRANTED = { regime: 'opt-in', region: 'us', consents: [{ purpose: 'improve-products', state: 'granted' }, { purpose: 'analyze-use', state: 'granted' }, { purpose: 'provide-service', state: 'granted', recipient: 'home-integration' }] }

interface World {
  readonly core: Core
  readonly sources: ReadonlyMap<string, string>
  trying (body: object, role?: 'ops' | 'auditor'): Promise<{ status: number, json: any }>
}

async function world (t: Test): Promise<World> {
  const core = await openCore({ config: 'config', data: t.testdir(), now: () => NOW }, 'command')
  const api = buildApi({ core })
  t.teardown(async () => {
    await api.close()
    await core.close()
  })
  const tokens = { ops: (await core.registry.tokens.create('ops')).token, auditor: (await core.registry.tokens.create('auditor')).token }
  return {
    core,
    sources: core.configuration.sources,
    trying: async (body, role = 'ops') => {
      const answer = await api.inject({ method: 'POST', url: '/v1/try', headers: { authorization: `Bearer ${tokens[role]}` }, payload: body })
      return { status: answer.statusCode, json: answer.json() }
    }
  }
}

function sample (name: string): string {
  return readFileSync(`simulators/samples/${name}.json`, 'utf8')
}

function scalars (value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value]
  return Object.values(value).flatMap(scalars)
}

function at (pointer: string, report: unknown): unknown {
  return pointer.split('/').slice(1).reduce((node, key) => (node as Record<string, unknown>)[key.replaceAll('~1', '/').replaceAll('~0', '~')], report)
}

function edited (sources: ReadonlyMap<string, string>, file: string, from: RegExp, to: string): Record<string, string> {
  const text = sources.get(file) ?? ''
  if (!from.test(text)) throw new Error(`${file} does not hold ${from.source}`)
  return { [file]: text.replace(from, to) }
}

t.test('try: every sample, a home that granted all -> each value has its fate; those that leave are the disclosure, in its order', async t => {
  const { trying } = await world(t)
  const names = readdirSync('simulators/samples', { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.json')).map(name => name.slice(0, -5))
  let left = 0
  for (const name of names) {
    const payload = sample(name)
    const { status, json } = await trying({ report: { name: name.split('/')[0], payload }, home: GRANTED }, 'auditor')
    t.equal(status, 200, name)
    for (const { recipient, disclosure, fields, leaves } of json.explanation.recipients) {
      const values = leaves.filter(({ isKey }: any) => isKey !== true)
      const told = values.map(({ at: pointer, line }: any) => [at(pointer, JSON.parse(payload)), fields[line].outcome === 'disclosed' && disclosure !== undefined])
      t.strictSame(told, scalars(JSON.parse(payload)).map((value, i) => [value, values[i].value !== undefined]), `${name}, ${recipient}: every value, in order, and its fate`)
      t.strictSame(values.flatMap(({ value }: any) => value === undefined ? [] : [value]), disclosure === undefined ? [] : scalars(disclosure.data), `${name}, ${recipient}: what leaves`)
      left += values.filter(({ value }: any) => value !== undefined).length
    }
  }
  t.ok(left > 200)
})

t.test('try: an account, a made-up home, none, both -> as it stands now, as given, refused, refused', async t => {
  const { core, trying } = await world(t)
  await core.registry.accounts.add({ account: 'home-1', regime: 'opt-in' })
  const report = { name: 'motion', payload: sample('motion') }
  const outcome = async (body: object): Promise<string> => (await trying({ report, ...body })).json.explanation.recipients.find((one: any) => one.recipient === 'product-analytics').outcome
  t.equal(await outcome({ account: 'home-1' }), 'withheld')
  await core.ledger.append([{ account: 'home-1', purpose: 'improve-products', state: 'granted', source: 'app', actor: 'account:home-1' }])
  t.equal(await outcome({ account: 'home-1' }), 'disclosed')
  t.equal(await outcome({ home: GRANTED }), 'disclosed')
  t.equal(await outcome({ home: { ...GRANTED, minor: true } }), 'withheld')
  t.equal(await outcome({ home: { ...GRANTED, optOutSignal: true } }), 'withheld')
  t.equal((await trying({ report })).json.code, 'request-invalid')
  t.equal((await trying({ report, account: 'home-1', home: GRANTED })).json.code, 'request-invalid')
  t.equal((await trying({ report, account: 'nobody' })).json.code, 'account-unknown')
  t.equal((await trying({ report: { name: 'motion', payload: '{' }, home: GRANTED })).json.explanation.quarantined, 'not-json')
})

t.test('try: a draft -> problems with their place, or what it changes, beside what is in force; nothing takes force', async t => {
  const { core, sources, trying } = await world(t)
  const report = { name: 'motion', payload: sample('motion') }
  const { digest } = core.configuration.policy

  const typo = await trying({ files: edited(sources, ANALYTICS, /^purpose:/m, 'purpos:'), report, home: GRANTED })
  t.equal(typo.status, 200)
  t.equal(typo.json.digest, undefined)
  const line = (sources.get(ANALYTICS) ?? '').split('\n').findIndex(text => text.startsWith('purpose:')) + 1
  t.match(typo.json.problems.find(({ code }: any) => code === 'unknown-key'), { file: ANALYTICS, line, column: 1, nearest: 'purpose' })

  const wider = await trying({ files: edited(sources, ANALYTICS, /location\.geo: .*/, 'location.geo: keep'), report, home: GRANTED, cases: true })
  t.strictSame(wider.json.problems, [])
  t.not(wider.json.digest, digest)
  t.equal(wider.json.comparison.verdict, 'wider')
  t.match(wider.json.comparison.changes[0], { recipient: 'product-analytics', newRule: /^recipients\/product-analytics\.yaml:\d+$/ })
  const latitude = (explanation: any) => explanation.recipients.find((one: any) => one.recipient === 'product-analytics').leaves.find((leaf: any) => leaf.at === '/latitude_i').value
  t.equal(latitude(wider.json.explanation), JSON.parse(report.payload).latitude_i)
  t.not(latitude(wider.json.inForce), latitude(wider.json.explanation))
  t.ok(wider.json.cases.some(({ ok }: any) => !ok), 'a case of the folder says otherwise')
  t.ok(wider.json.cases.some(({ ok }: any) => ok))

  const without = await trying({ files: { [ANALYTICS]: null }, report, home: GRANTED })
  t.ok(without.json.problems.every(({ file }: any) => file.startsWith('tests/')), 'cases name the recipient that is gone')
  t.equal((await trying({ files: { '../x.yaml': 'a: 1' } })).json.problems[0].code, 'unexpected-file')
  t.equal((await trying({ files: {} }, 'auditor')).json.code, 'role-forbidden')
  t.equal(core.configuration.policy.digest, digest)
  t.strictSame(core.archive.list().map(policy => policy.digest).filter(one => one !== digest), [])
})

t.test('desk: too long, given up, too many, after its end -> told apart, and the next one is served', async t => {
  const loaded = await loadConfiguration('config')
  if ('problems' in loaded) throw new Error('the shipped configuration has problems')
  const attempt: Attempt = { inForce: loaded.sources, cases: false, nowMs: NOW }
  const going = new AbortController().signal
  const hasty = new TryDesk({ deadlineMs: 0 })
  t.teardown(async () => { await hasty.close() })
  await t.rejects(hasty.try(attempt, going), { code: 'try-overrun' })

  const desk = new TryDesk({ idleMs: 0 })
  t.teardown(async () => { await desk.close() })
  const gone = new AbortController()
  const first = desk.try(attempt, going)
  const givenUp = desk.try(attempt, gone.signal)
  gone.abort()
  const others = Array.from({ length: 8 }, async () => await desk.try(attempt, going))
  await t.rejects(desk.try(attempt, going), { code: 'try-full' })
  await t.rejects(givenUp, { code: 'try-overrun' })
  for (const { digest } of await Promise.all([first, ...others]) as Attempted[]) t.equal(digest, loaded.policy.digest)
  t.equal((await desk.try(attempt, going)).digest, loaded.policy.digest, 'a new thread after the idle one ended')

  const ending = desk.try(attempt, going)
  await Promise.all([t.rejects(ending, { code: 'internal' }), desk.close()])
})

t.test('try: one word in every part of reports and drafts -> it comes back to who asked, and is in no log, file, metric or other answer', async t => {
  const gateway = await startFaulty(t, { environment: { DEBUG: '*' } })
  const post = async (body: object): Promise<string> => (await gateway.get('/v1/try', { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })).text
  const report = { name: 'motion', payload: JSON.stringify({ event: CANARY, [CANARY]: { [CANARY]: CANARY }, nickname: Buffer.from(CANARY).toString('base64'), ap_list: [{ bssid: CANARY }] }) }
  const bodies = [
    { report, home: GRANTED, cases: true },
    { report: { ...report, payload: `{"${CANARY}` }, home: GRANTED },
    { report: { ...report, name: CANARY, device: CANARY }, home: { ...GRANTED, regime: CANARY } },
    { report, account: CANARY },
    { files: { [ANALYTICS]: `recipient: ${CANARY}\n${CANARY}: ${CANARY}\n`, [`${CANARY}.yaml`]: CANARY, [`reports/${CANARY}.yaml`]: `report: ${CANARY}\ntopic: kasa/{account}/{device}/${CANARY}\nfields: { ${CANARY}: device.name }\n` }, report, home: GRANTED, cases: true },
    { files: { 'notice.yaml': `${CANARY}: [` }, [CANARY]: CANARY }
  ]
  const answers = []
  for (const body of bodies) answers.push(await post(body))
  t.ok(answers.some(text => spellingsIn(text).includes('raw')), 'the answers are of what was asked')
  const others = await Promise.all(['/metrics', '/v1/quarantine', '/v1/recipients', '/v1/audit', '/v1/policies', '/v1/try'].map(async path => (await gateway.get(path)).text))
  t.strictSame(spellingsIn(others.join('\n')), [])
  t.match(others.join('\n'), /report\.try/, 'that something was tried is in the audit log')
  t.strictSame(await gateway.ended('SIGTERM'), { code: 0, signal: null })
  t.match(gateway.log(), /"\/v1\/try"/, 'so is the route in the log')
  t.strictSame(spellingsIn(gateway.output()), [])
  t.strictSame(filesWith(gateway.data), [])
})
