import fc from 'fast-check'
import t from 'tap'
import type { AccountConsent, ConsentRecord } from '../../src/model/consent.js'
import type { CompiledPolicy } from '../../src/model/policy.js'
import { takeReport } from '../../src/pipeline.js'
import { compileSources } from '../../src/policy/compile.js'
import { diff } from '../../src/policy/diff.js'
import { compare, type Change, type Verdict } from '../../src/policy/order.js'
import { situations, type Side, type Situation } from '../../src/policy/situation.js'
import { TouchedCounter } from '../../src/policy/touched.js'
import { NOTHING_KNOWN } from '../../src/registry/fingerprints.js'
import { compiled, edited, type Edit } from './fixture.js'

const numRuns = Math.ceil(Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200)) / 8)

const R = 'recipients/analytics.yaml'
const H = 'recipients/home.yaml'
const M = 'reports/motion.yaml'
const P = 'reports/energy.yaml'
const N = 'notice.yaml'
const C = 'consent.yaml'

/** Alternatives for single lines, the fixture's own first; a random configuration takes one of each. */
const SLOTS: readonly (readonly [file: string, line: string, ...others: string[]])[] = [
  [R, '  device.model: keep\n', '', '  device.model: { map: { a: x, b: x } }\n', '  device.model: { map: { a: x, b: y } }\n', '  device.model: { map: { a: x } }\n'],
  [R, '  sensor.motion: keep\n', '', '  sensor.motion: suppress\n', '  sensor.motion: { map: { motion: x, "true": x } }\n', '  sensor.motion: { map: { "true": x, "false": y } }\n'],
  [R, '{ bucket: [0, 10, 20] }', '{ bucket: [0, 20] }', '{ bucket: [10] }', '{ round: 5 }', '{ round: 10 }', 'keep'],
  [R, '{ round: 15m }', '{ round: 30m }', '{ round: 20m }', '{ part: hour }', '{ part: weekday }', 'keep', 'suppress'],
  [R, '{ grid: 10km }', '{ grid: 20km }', '{ grid: 15km }', '{ grid: 1km }', 'keep', 'suppress'],
  [R, '{ round: 10 }', '{ round: 20 }', '{ round: 15 }', '{ bucket: [0, 20] }', 'keep'],
  [R, '  device.id: { pseudonymize: { epoch: 30d } }\n', '  device.id: { pseudonymize: { epoch: 60d } }\n', '  device.id: keep\n', '', '  device.name: keep\n', '  device.name: { map: { lamp: light, shade: light } }\n'],
  [R, '[motion, energy]', '[motion]', '[energy]'],
  [R, 'excludeOrigins: [integration]\n', 'excludeOrigins: [integration, partner]\n', ''],
  [R, 'region: us', 'region: eu', 'region: us\nenabled: false'],
  [R, 'purpose: improve-products', 'purpose: provide-service', 'purpose: marketing'],
  [R, 'kind: service-provider', 'kind: integration'],
  [H, 'time.event: { part: hour }', 'time.event: { round: 1h }', 'time.event: suppress'],
  [H, '{ map: { lamp: light, bulb: light } }', 'keep', 'suppress'],
  [H, 'sensor.*: keep', 'sensor.*: suppress', 'sensor.motion: keep'],
  [M, '  event: sensor.motion\n', '', '  event: device.model\n'],
  [M, '  extra.*.temp: sensor.climate\n', '', '  extra.b.temp: sensor.climate\n', '  extra.{device.id}.temp: sensor.climate\n', '  extra.{device.name}.temp: sensor.climate\n'],
  [M, 'format: epoch-seconds', 'format: epoch-milliseconds', 'format: iso'],
  [M, ', encoding: base64', ''],
  [P, '{ category: energy.power, scale: 0.001 }', '{ category: energy.power, scale: 0.01 }', 'energy.power'],
  [P, '{device}/energy', '{device}/energy2'],
  [P, 'origin: partner', 'origin: integration', 'origin: device'],
  [N, '[text, boolean]', 'text', 'boolean', '[text, number]', 'number'],
  [N, 'sensitivity: high, freeText: true', 'sensitivity: high'],
  [N, 'improve-products: { signal: honored', 'improve-products: { required: true', 'improve-products: { notice: ">=1.3"', 'improve-products: { notice: ">=1.2", signal: honored'],
  [N, 'integration: { access: recipient-consent', 'integration: { access: open'],
  [C, 'us: [us, eu]', 'us: [us]', 'us: [eu]'],
  [C, 'eu: [eu]', 'eu: [eu, us]', 'eu: []'],
  [C, 'otherwise: allow, purposes: { marketing: deny }', 'otherwise: deny', 'otherwise: allow'],
  [C, 'denyKinds: [marketing, integration]', 'denyKinds: [marketing, integration, service-provider]', 'denyKinds: []'],
  [C, '{ improve-products: allow }', '{ improve-products: deny }']
]

/** What no report shows: to whom it goes, for which purpose and when, and what is recorded later. */
const PROMISES = new Set(['purpose', 'kind', 'region', 'sink', 'release', 'notice', 'default region', 'life of grants'])

const chosen = fc.tuple(...SLOTS.map(([, ...lines]) => fc.nat(lines.length - 1)))
/** Two configurations that differ in a few lines. */
const pairs = fc.tuple(fc.array(fc.nat(SLOTS.length - 1), { maxLength: 6 }), chosen, fc.array(fc.nat(SLOTS.length - 1), { minLength: 1, maxLength: 4 }), chosen)
  .map(([around, other, differing, another]) => {
    const old = SLOTS.map((_, i) => around.includes(i) ? other[i] ?? 0 : 0)
    return [old, old.map((choice, i) => differing.includes(i) ? another[i] ?? 0 : choice)] as const
  })

function policyOf (choices: readonly number[]): CompiledPolicy {
  const edits = SLOTS.flatMap(([file, ...lines], i): Edit[] => choices[i] === 0 ? [] : [[file, lines[0] ?? '', lines[choices[i] ?? 0] ?? '']])
  const sources = edited(...edits)
  sources.delete('tests/cases.yaml')
  const compiled = compileSources(sources)
  if ('problems' in compiled) throw new TypeError(compiled.problems.map(({ message }) => message).join('\n'))
  return compiled.policy
}

interface Sent {
  readonly topic: string
  readonly body: object
  readonly device?: string
  readonly receivedMs?: number
}

const START_MS = 1_767_600_123_000
const MAC = '50:C7:BF:0D:5C:33'
const motion = (body: object): Sent => ({ topic: 'motion', body })
const energy = (body: object): Sent[] => ['energy', 'energy2'].map(topic => ({ topic, body }))
const encoded = (text: string): string => Buffer.from(text).toString('base64')

/** Every field at once, by spellings: whether anything leaves at all. */
const FULL: readonly Sent[] = [
  ...['motion', true, 7, 'a'].map(event => motion({ event, timestamp: 1_767_600_000, nickname: encoded('lamp'), device_id: 'd1', latitude_i: 1, longitude_i: 1, extra: { b: { temp: 11 } }, children: { d1: { alias: 'lamp' } } })),
  ...energy({ power: 21, power_mw: 30_000, model: 'a' })
]
const PLAIN = FULL.filter((_, i) => i === 0 || i > 3)

/** Many values for every field, alone: what one recipient is told of one does not hang on the others. */
const RICH: readonly Sent[] = [
  ...['motion', 'clear', 'a', 'b', true, false, 7, 8, '12', '63862177792B', '63862177793B'].map(event => motion({ event })),
  ...Array.from({ length: 24 }, (_, i) => motion({ timestamp: 1_767_600_000 + i * 301 + i * 86_400 * Number(i > 18) })),
  ...Array.from({ length: 16 }, (_, i) => motion({ timestamp: (1_767_600_000 + i * 301) * 1000 })),
  motion({ timestamp: 1e13 }), motion({ timestamp: 2e13 }), motion({ timestamp: '2026-01-05T10:20:30Z' }), motion({ timestamp: '2026-01-06T11:20:30Z' }),
  ...Array.from({ length: 30 }, (_, i) => motion({ latitude_i: 521_000 + i * 213, longitude_i: 134_000 + i % 7 * 811 })),
  ...Array.from({ length: 30 }, (_, i) => motion({ latitude_i: 521_000 + i % 5 * 13, longitude_i: 134_000 + i * 413 })),
  motion({ latitude_i: -1879048193, longitude_i: -1879048193 }), motion({ latitude_i: 521_000 }), motion({ longitude_i: 521_000 }),
  ...Array.from({ length: 60 }, (_, i) => motion({ extra: { [`${'abc'[i % 3]}`]: { temp: Math.floor(i / 3) * 1.5 - 5 } } })),
  ...Array.from({ length: 12 }, (_, i) => motion({ extra: { [`${['lamp', 'bulb'][i % 2]}`]: { temp: Math.floor(i / 2) * 1.5 - 5 } } })),
  ...Array.from({ length: 30 }, (_, i) => energy({ power: i * 2 + i % 2 })).flat(),
  ...Array.from({ length: 30 }, (_, i) => energy({ power_mw: i * 1400 })).flat(),
  ...Array.from({ length: 30 }, (_, i) => energy({ power_mw: i * 70 })).flat(),
  ...Array.from({ length: 20 }, (_, i) => energy({ power_mw: i * 2 })).flat(),
  ...['a', 'b', 'c', 'd'].flatMap(model => energy({ model })),
  ...['d1', 'd2', 'd3'].map(id => motion({ device_id: id })),
  ...['lamp', 'bulb', 'shade', 'Plug_5C33', 'Plug_5C34', 'bGFtcA==', 'lamp!'].flatMap(name => [name, encoded(name)]).flatMap(nickname => [
    motion({ nickname, ap_list: [{ bssid: MAC }] }), motion({ nickname }),
    motion({ children: { d1: { alias: nickname } }, ap_list: [{ bssid: MAC }] }), motion({ children: { d2: { alias: nickname } } })
  ]),
  ...['d1', 'd2', 'd3'].flatMap(device => [{ ...motion({ event: 'motion' }), device }, { ...motion({ event: true }), device }, { ...motion({ timestamp: 1_767_600_000 }), device }, ...energy({ power: 10, model: 'a' }).map(sent => ({ ...sent, device }))]),
  ...Array.from({ length: 24 }, (_, i) => [FULL[0], FULL[3], ...FULL.slice(4)].flatMap(sent => sent === undefined ? [] : [{ ...sent, receivedMs: START_MS + i * 301_000 + 86_400_000 * Number(i > 18) }])).flat()
]
const keys = { gatewayKeyAt: () => new Uint8Array(32), accountKey: new Uint8Array(32) }

function accountOf ({ consents, ...facts }: Situation): AccountConsent {
  return { account: 'x', facts, records: consents.map((consent, i): ConsentRecord => ({ ...consent, id: `r${i}`, sequence: i, at: i })) }
}

/** The same, but for one category. */
function refuse ({ records, ...rest }: AccountConsent, category: string): AccountConsent {
  const denials = ['improve-products', 'provide-service', 'marketing'].map((purpose, i): ConsentRecord => ({ purpose, category, state: 'denied', id: `d${i}`, sequence: 100 + i, at: 100 + i, notice: '1.3' }))
  return { ...rest, records: [...records, ...denials] }
}

/** What each recipient is told of a report, but for the name of the disclosure and of the policy; taken along the whole path. */
function told (policy: CompiledPolicy, { topic, body, device = 'd1', receivedMs = START_MS }: Sent, consent: AccountConsent): Map<string, string> {
  const intake = { account: 'x', device, topicTail: topic, payload: Buffer.from(JSON.stringify(body)), receivedMs, surroundings: [] }
  const taken = takeReport(intake, { policy, maxReportBytes: 1e6, consent, keysFor: () => keys, fingerprints: NOTHING_KNOWN, newId: () => 'ghij' })
  if (taken.outcome === 'quarantined') return new Map()
  return new Map(taken.judgements.flatMap(judgement => {
    if (judgement.effect === 'withheld') return []
    const { id, policy, ...rest } = JSON.parse(Buffer.from(judgement.disclosure.bytes).toString()) as Record<string, unknown>
    return [[judgement.recipient.name, JSON.stringify(rest)]]
  }))
}

const NOTHING = 'nothing'
const PSEUDONYM = /\b[g-z]{30}\b/g

/** Nobody but the gateway can make a pseudonym: what was told under another epoch tells only that there was something. */
function samePseudonyms (recipient: string, before: CompiledPolicy, after: CompiledPolicy): boolean {
  const [old, now] = [before, after].map(({ recipients }) => recipients.find(({ name }) => name === recipient)?.deviceRule?.transform)
  return old?.kind === 'pseudonymize' && now?.kind === 'pseudonymize' && old.epochMs === now.epochMs
}

/** Recipients whom two reports of one account are told apart to after, and were not before. */
function findLeaks (before: CompiledPolicy, after: CompiledPolicy, accounts: readonly AccountConsent[], reports: readonly Sent[]): Map<string, string> {
  const leaks = new Map<string, string>()
  const masked = new Map(after.recipients.map(({ name }) => [name, !samePseudonyms(name, before, after)]))
  for (const account of accounts) {
    const seen = new Map<string, string>()
    for (const sent of reports) {
      const [was, is] = [told(before, sent, account), told(after, sent, account)]
      for (const { name } of after.recipients) {
        const known = was.get(name) ?? NOTHING
        const key = `${name} ${masked.get(name) === true ? known.replaceAll(PSEUDONYM, '*') : known}`
        const now = is.get(name) ?? NOTHING
        const other = seen.get(key)
        // with nothing sent, nothing is told: what leaves where nothing left tells that something was sent
        if ((other ?? (known === NOTHING ? NOTHING : now)) !== now) leaks.set(name, `${key} -> ${other ?? NOTHING} or ${now}`)
        seen.set(key, other ?? (known === NOTHING ? NOTHING : now))
      }
    }
  }
  return leaks
}

/** Each field alone, for accounts that refuse one category. */
const SINGLE = RICH.filter((_, i) => i % 8 === 0 || i < 5)

/** Every account that the two can tell apart, with plain reports; some of those that both let through, with many reports. */
function leaksBetween (before: CompiledPolicy, after: CompiledPolicy): Map<string, string> {
  const all = new Map(after.recipients.flatMap(({ name }) => [...situations(...sidesOf(name, before, after))]).map(situation => [JSON.stringify(situation), accountOf(situation)]))
  const accounts = [...all.values()]
  const leaks = findLeaks(before, after, accounts, PLAIN)
  const reach = (policy: CompiledPolicy, name: string) => (account: AccountConsent): boolean => PLAIN.some(sent => told(policy, sent, account).has(name))
  const open = new Set(after.recipients.flatMap(({ name }) => {
    const reached = accounts.filter(reach(after, name))
    return reached.find(reach(before, name)) ?? reached[0] ?? []
  }))
  const refusing = [...open].flatMap(account => ['sensor.motion', 'device.model', 'device.id', 'device.name', 'energy.power'].map(category => refuse(account, category)))
  return new Map([...leaks, ...findLeaks(before, after, [...open], RICH), ...findLeaks(before, after, refusing, SINGLE)])
}

function sidesOf (recipient: string, ...policies: readonly CompiledPolicy[]): Side[] {
  return policies.flatMap(policy => policy.recipients.filter(({ name }) => name === recipient).map(recipient => ({ recipient, policy })))
}

const isWider = ({ effect, aspect }: Change): boolean => effect !== 'narrower' && !PROMISES.has(aspect)

t.test('diff: random pairs of configurations -> wider for a recipient exactly where some account and reports show more', async t => {
  const seen = { wider: 0, not: 0 }
  fc.assert(fc.property(pairs, ([old, next]) => {
    const [before, after] = [policyOf(old), policyOf(next)]
    const { changes } = compare(before, after)
    const leaks = leaksBetween(before, after)
    for (const { name } of after.recipients) {
      const wider = changes.filter(change => change.recipient === name && isWider(change))
      const differing = SLOTS.flatMap(([file, ...lines], i) => old[i] === next[i] ? [] : [`${file}: ${lines[old[i] ?? 0]} -> ${lines[next[i] ?? 0]}`]).join('\n')
      const around = SLOTS.flatMap(([, ...lines], i) => old[i] === 0 ? [] : [lines[old[i] ?? 0]]).join(' | ')
      if (wider.length > 0 && !leaks.has(name)) throw new Error(`no witness for ${name}: ${wider.map(({ aspect, path, report, old, new: next }) => `${aspect} ${report} ${path} ${old}->${next}`).join('; ')}\n${differing}\naround ${around}`)
      if (wider.length === 0 && leaks.has(name)) throw new Error(`a leak to ${name} that is not told: ${leaks.get(name)}\n${differing}\naround ${around}`)
      seen[wider.length > 0 ? 'wider' : 'not']++
    }
  }), { numRuns })
  t.ok(numRuns < 10 || (seen.wider > numRuns / 10 && seen.not > numRuns / 10), 'both kinds were drawn')
  t.end()
})

const NAMES = 'device.name: { map: { lamp: light, bulb: light } }'
const G = 'gateway.yaml'

/** Where the order looks at a field as a whole: what it takes, how it is read, what becomes of it. Each way, and back. */
const fields: readonly (readonly [what: string, around: readonly Edit[], edit: Edit, there: Verdict, back: Verdict])[] = [
  ['a type more', [], [N, '[text, boolean]', '[text, boolean, number]'], 'wider', 'narrower'],
  ['text or numbers -> numbers alone: its digits are no longer searched as text', [[N, '[text, boolean]', '[text, number]']], [N, '[text, number]', 'number'], 'different', 'different'],
  ['true and false kept apart by a map', [[N, '[text, boolean]', 'boolean'], [H, 'sensor.*: keep', 'sensor.climate: keep']], [R, 'sensor.motion: keep', 'sensor.motion: { map: { "true": x, "false": y } }'], 'same', 'same'],
  ['true is taken no more, which a map told as a text is told', [[R, 'sensor.motion: keep', 'sensor.motion: { map: { motion: x, "true": x } }']], [N, '[text, boolean]', 'text'], 'different', 'different'],
  ['base64 alone of any text', [[H, NAMES, 'device.name: keep']], [M, ', encoding: base64', ''], 'wider', 'narrower'],
  ['no search for tails in a name that is kept', [[H, NAMES, 'device.name: keep']], [N, 'freeText: true, ', ''], 'wider', 'narrower'],
  ['seconds -> milliseconds, kept: longer numbers are times then', [[R, '{ round: 15m }', 'keep'], [H, 'time.event: { part: hour }', 'time.event: suppress']], [M, 'format: epoch-seconds', 'format: epoch-milliseconds'], 'wider', 'narrower'],
  ['plain degrees on a coarser grid', [[M, 'axis: latitude, scale: 0.0001', 'axis: latitude'], [M, 'axis: longitude, scale: 0.0001', 'axis: longitude']], [R, 'grid: 10km', 'grid: 20km'], 'narrower', 'wider'],
  ['a grid of 1 km, of 3 km', [[R, 'grid: 10km', 'grid: 1km']], [R, 'grid: 1km', 'grid: 3km'], 'narrower', 'wider'],
  ['a grid of 10 km -> of 1 km', [], [R, 'grid: 10km', 'grid: 1km'], 'wider', 'narrower'],
  ['a grid of 10 km -> of 3 km', [], [R, 'grid: 10km', 'grid: 3km'], 'different', 'different'],
  ['the longest report', [], [G, 'maxReportBytes: 256KiB', 'maxReportBytes: 512KiB'], 'wider', 'narrower'],
  ['any other limit', [], [G, 'authenticateTimeout: 5s', 'authenticateTimeout: 6s'], 'same', 'same']
]

t.test('diff: a field as a whole, limits -> their verdict there and back', async t => {
  for (const [what, around, edit, there, back] of fields) {
    const [before, after] = [compiled(...around), compiled(...around, edit)]
    t.equal(diff(before, after).verdict, there, what)
    t.equal(diff(after, before).verdict, back, `${what}: back`)
  }
})

t.test('diff: a report under another name on its topic -> the same, since its content tells who sent what', async t => {
  const renamed = edited([P, 'report: energy', 'report: power'], [R, '[motion, energy]', '[motion, power]'])
  const result = compileSources(renamed)
  if ('problems' in result) return t.fail('must load')
  t.match(diff(compiled(), result), { verdict: 'same', changes: [], counts: { wider: 0, same: 3 } })
})

t.test('diff: each kind of change -> the settings behind it in both configurations, and an account that shows it', async t => {
  const table: readonly (readonly [edit: Edit, aspect: string, oldRule: string | undefined, newRule: string | undefined, example?: object])[] = [
    [[R, 'region: us', 'region: us\nenabled: true'], '', undefined, undefined],
    [[R, 'release: 15m\n', ''], 'release', `${R}:14`, `${R}:1`],
    [[R, 'folder: analytics', 'folder: other'], 'sink', `${R}:16`, `${R}:16`],
    [[R, '{ round: 10 }', 'keep'], 'transform', `${R}:13`, `${R}:13`, { consents: [] }],
    [[R, '  sensor.motion', '  device.name: keep\n  sensor.motion'], 'field', `${R}:1`, `${R}:9`],
    [[M, '  event: sensor.motion', '  event: device.model'], 'category', `${M}:4`, `${M}:4`],
    [[N, 'improve-products: { signal: honored', 'improve-products: { required: true'], 'purpose required', `${N}:21`, `${N}:21`, { regime: 'opt-in', consents: [] }],
    [[N, 'improve-products: { signal: honored, ', 'improve-products: { '], 'opt-out signal ignored', `${N}:21`, `${N}:21`, { optOutSignal: true }],
    [[N, 'integration: { access: recipient-consent', 'integration: { access: open'], 'access', `${N}:25`, `${N}:25`],
    [[C, 'eu: [eu]', 'eu: [eu, us]'], 'transfer from eu', `${C}:2`, `${C}:2`, { region: 'eu' }],
    [[C, 'notice: { otherwise: deny, purposes: { improve-products: allow }', 'notice: { otherwise: deny, purposes: { improve-products: deny }'], 'regime notice', `${C}:6`, `${C}:6`],
    [[C, 'defaultRegion: us', 'defaultRegion: eu'], 'default region', `${C}:1`, `${C}:1`],
    [[C, 'grants: never', 'grants: 30d'], 'life of grants', `${C}:9`, `${C}:9`],
    [[G, 'maxReportBytes: 256KiB', 'maxReportBytes: 1KiB'], 'longest report', `${G}:8`, `${G}:8`],
    [[P, '{device}/energy', '{device}/energy2'], 'topic', `${P}:2`, `${P}:2`]
  ]
  for (const [edit, aspect, oldRule, newRule, example] of table) {
    const found = diff(compiled(), compiled(edit))
    const change = found.changes.find(change => change.aspect === aspect)
    t.match(change ?? {}, aspect === '' ? {} : { aspect, oldRule, newRule, ...(example !== undefined && { example }) }, aspect)
    t.equal(found.same.length, aspect === '' ? 1 : 0, `${aspect || 'no effect'}: edits without effect`)
  }
})

t.test('diff: edits without any effect -> told as such, each with its place', async t => {
  const { verdict, same, counts } = diff(compiled(), compiled([N, 'title: Notice', 'title: Our notice'], [G, 'port: 8080', 'port: 8081'], ['tests/cases.yaml', 'event: motion }\n    expect', 'event: clear }\n    expect'], [R, 'folder: analytics', 'folder: analytics, retention: 30d']))
  t.equal(verdict, 'same')
  t.equal(counts.same, 4)
  t.strictSame(same.map(({ file, path, newRule }) => [file, path.join('.'), newRule]), [
    [G, 'http.port', `${G}:6`], [N, 'notice.title', `${N}:1`], [R, 'sink.retention', `${R}:16`], ['tests/cases.yaml', 'cases.a home that granted analytics', 'tests/cases.yaml:2']
  ])
  t.strictSame(diff(compiled(), compiled([R, 'region: us', 'region: us # a remark'])).same, [], 'remarks are no settings')
})

t.test('touched accounts: by what each has said -> counted where the change reaches it', async t => {
  const granted = (over: Partial<ConsentRecord> = {}): ConsentRecord => ({ id: 'g', sequence: 1, purpose: 'improve-products', state: 'granted', at: 0, notice: '1.3', ...over })
  const account = (facts: Partial<AccountConsent['facts']>, ...records: ConsentRecord[]): AccountConsent => ({ account: 'x', facts: { regime: 'opt-in', region: 'us', minor: false, optOutSignal: false, ...facts }, records })
  const accounts = [
    account({}), account({}, granted()), account({ regime: 'notice' }), account({ regime: 'opt-out', region: 'eu' }), account({ regime: 'notice', optOutSignal: true }), account({ minor: true }, granted()),
    account({}, granted(), granted({ sequence: 2, category: 'energy.power', state: 'denied' })), account({}, granted({ device: 'd1' }))
  ]
  const count = (edit: Edit) => {
    const [before, after] = [compiled(), compiled(edit)]
    const { changes } = diff(before, after)
    const counter = new TouchedCounter(changes, before.policy, after.policy)
    for (const one of accounts) counter.add(one, 1)
    const { touched, widened, registered, byChange } = counter.result()
    return [registered, touched, widened, byChange[0]]
  }
  t.strictSame(count([R, '{ round: 10 }', 'keep']), [8, 3, 3, 3], 'those that let it have energy.power')
  t.strictSame(count([R, '{ round: 10 }', '{ round: 20 }']), [8, 3, 0, 3], 'narrower')
  t.strictSame(count([R, 'folder: analytics', 'folder: other']), [8, 4, 4, 4], 'those that let it have anything')
  t.strictSame(count([C, 'eu: [eu]', 'eu: [eu, us]']), [8, 1, 1, 1], 'those in the region')
  t.strictSame(count([N, 'improve-products: { signal: honored, ', 'improve-products: { ']), [8, 1, 1, 1], 'those with the signal')
  t.strictSame(count([C, '{ improve-products: allow }', '{ improve-products: deny }']), [8, 1, 0, 1], 'those that said nothing')
  t.strictSame(count([C, 'grants: never', 'grants: 30d']), [8, 0, 0, undefined], 'what is recorded later')
})
