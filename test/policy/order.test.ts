import fc from 'fast-check'
import { join } from 'node:path'
import t from 'tap'
import { classify } from '../../src/classify/classify.js'
import { decide } from '../../src/decide/decide.js'
import { minimize } from '../../src/minimize/minimize.js'
import { transformValue, type ValueForm } from '../../src/minimize/transform.js'
import type { AccountConsent } from '../../src/model/consent.js'
import type { DraftNode } from '../../src/model/draft.js'
import type { Json, Scalar } from '../../src/model/json.js'
import type { CompiledPolicy, Transform, ValueType } from '../../src/model/policy.js'
import { compileSources } from '../../src/policy/compile.js'
import { loadConfiguration } from '../../src/policy/load.js'
import { compare, stillCovers, type Verdict } from '../../src/policy/order.js'
import { transformAtMost } from '../../src/policy/transform-order.js'
import { readTransform, spellTransform } from '../../src/policy/transform-spelling.js'
import { compiled, edited, type Edit } from './fixture.js'

const numRuns = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))

const step = fc.constantFrom(0.1, 0.3, 0.5, 1, 2, 3, 5, 6, 10, 15, 20, 30, 100)
const stepMs = fc.constantFrom(1, 500, 1000, 60_000, 90_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 86_400_000)
const words = ['a', 'b', 'c', 'd']
const transform = fc.oneof<fc.Arbitrary<Transform>[]>(
  fc.constant({ kind: 'keep' }),
  fc.constant({ kind: 'suppress' }),
  step.map(step => ({ kind: 'round', step, ofTime: false })),
  stepMs.map(step => ({ kind: 'round', step, ofTime: true })),
  fc.subarray([-10, 0, 0.5, 5, 10, 20, 30, 100], { minLength: 1 }).map(edges => ({ kind: 'bucket', edges })),
  fc.constantFrom(0.5, 1, 2, 3, 10, 15, 30).map(sideKm => ({ kind: 'grid', sideKm })),
  fc.dictionary(fc.constantFrom(...words), fc.constantFrom<string | number | boolean>('x', 'y', 1, '1', true)).map(map => ({ kind: 'map', values: new Map(Object.entries(map)) })),
  fc.constantFrom(3_600_000, 86_400_000, 90_000).map(epochMs => ({ kind: 'pseudonymize', epochMs })),
  fc.constantFrom<'hour' | 'weekday'>('hour', 'weekday').map(part => ({ kind: 'part', part }))
)

t.test('transform order: reflexive, transitive, between suppress and keep', async t => {
  fc.assert(fc.property(transform, transform, transform, (a, b, c) => {
    const chain = transformAtMost(a, b) && transformAtMost(b, c)
    return transformAtMost(a, a) && transformAtMost({ kind: 'suppress' }, a) && transformAtMost(a, { kind: 'keep' }) && (!chain || transformAtMost(a, c))
  }), { numRuns: numRuns * 20 })
  t.end()
})

t.test('spelling: every transform -> read back, the same exactly if it does the same', async t => {
  fc.assert(fc.property(transform, transform, (a, b) => {
    const read = readTransform(spellTransform(a))
    t.same(read, a)
    const alike = transformAtMost(a, b) && transformAtMost(b, a)
    return stillCovers(a, spellTransform(a)) && (spellTransform(a) !== spellTransform(b) || alike) && stillCovers(b, spellTransform(a)) === transformAtMost(a, b)
  }), { numRuns })
  for (const text of ['', 'kept', 'round', 'round:', 'round:x', 'round:10 ', 'grid:10', 'map:{', 'map:[]x', 'part:day', 'bucket:', 'pseudonymize:0d']) t.equal(readTransform(text), undefined, text)
  t.equal(stillCovers({ kind: 'keep' }, 'nonsense'), false)
})

const form = (types: ValueType[], format?: ValueForm['format'], scale = 1): ValueForm =>
  ({ category: { name: 'x.y', types: new Set(types), sensitivity: 'low', freeText: false, never: false, clause: '1' }, scale, format })
const keys = { gatewayKeyAt: () => new Uint8Array(32), accountKey: new Uint8Array(32) }

function apply (transform: Transform, value: Scalar, form: ValueForm): string {
  return JSON.stringify(transformValue(value, transform, form, { recipient: 'r', keys, nowMs: 0 }))
}

/** Values that one transform tells apart although the other does not. */
function findsWitness (b: Transform, a: Transform, values: readonly Scalar[], form: ValueForm): string | undefined {
  const told = new Map<string, string>()
  for (const value of values) {
    const [fromA, fromB] = [apply(a, value, form), apply(b, value, form)]
    if ((told.get(fromA) ?? fromB) !== fromB) return `${spellTransform(b)} tells ${String(value)} apart, ${spellTransform(a)} does not`
    told.set(fromA, fromB)
  }
}

t.test('transform order: at most -> what it discloses is a function of what the other discloses', async t => {
  const numbers = Array.from({ length: 1300 }, (_, i) => Number(((i - 300) * 0.1).toFixed(1)))
  const times = Array.from({ length: 700 }, (_, i) => 1_767_600_000 + i * 397)
  const spellings: [readonly Scalar[], ValueForm][] = [
    [numbers, form(['number'])],
    [numbers.map(each => Math.round(each * 1000)), form(['number'], undefined, 0.001)],
    [[...numbers.map(each => `${each}W`), ...words, true], form(['number', 'text', 'boolean'])],
    [times, form(['time'], 'epoch-seconds')],
    [times.map(each => each * 1000 + each % 1000), form(['time'], 'epoch-milliseconds')],
    [times.map(each => new Date(each * 1000).toISOString()), form(['time'], 'iso')],
    [times.map(each => new Date(each * 1000).toISOString().slice(0, 19).replace('T', ' ')), form(['time'], 'local')],
    [[...words, 'e', 'f', 1, '1', true, 'true'], form(['text'])]
  ]
  fc.assert(fc.property(transform, transform, fc.constantFrom(...spellings), (b, a, [values, form]) => {
    if (!transformAtMost(b, a)) return true
    const witness = findsWitness(b, a, values, form)
    if (witness !== undefined) throw new Error(witness)
    return true
  }), { numRuns: numRuns * 5 })
  t.end()
})

t.test('transform order: pairs', async t => {
  const round = (step: number, ofTime = false): Transform => ({ kind: 'round', step, ofTime })
  const bucket = (...edges: number[]): Transform => ({ kind: 'bucket', edges })
  const map = (values: Record<string, string>): Transform => ({ kind: 'map', values: new Map(Object.entries(values)) })
  const grid = (sideKm: number): Transform => ({ kind: 'grid', sideKm })
  const hour: Transform = { kind: 'part', part: 'hour' }
  const weekday: Transform = { kind: 'part', part: 'weekday' }
  const rows: [Transform, Transform, boolean][] = [
    [round(20), round(10), true], [round(10), round(20), false], [round(15), round(10), false], [round(0.3), round(0.1), true],
    [round(10), round(10, true), false], [round(3_600_000, true), round(900_000, true), true], [round(1_000_000, true), round(900_000, true), false],
    [bucket(0, 10), bucket(0, 5, 10), true], [bucket(0, 7), bucket(0, 5), false], [bucket(0, 10), round(5), true], [bucket(0, 7), round(5), false], [round(5), bucket(0, 5), false],
    [grid(20), grid(10), true], [grid(15), grid(10), false], [grid(10), grid(20), false],
    [map({ a: 'x', b: 'x' }), map({ a: 'p', b: 'q' }), true], [map({ a: 'x', b: 'y' }), map({ a: 'p', b: 'p' }), false],
    [map({ a: 'x' }), map({ a: 'p', b: 'p' }), false], [map({ a: 'x', c: 'x' }), map({ a: 'p' }), false], [map({ a: 'x' }), map({ a: 'p', b: 'q' }), true],
    [hour, round(900_000, true), true], [hour, round(7_200_000, true), false], [weekday, round(7_200_000, true), true], [weekday, hour, false],
    [{ kind: 'pseudonymize', epochMs: 1000 }, { kind: 'pseudonymize', epochMs: 2000 }, false], [{ kind: 'keep' }, round(1), false], [{ kind: 'keep' }, { kind: 'suppress' }, false]
  ]
  for (const [b, a, expected] of rows) t.equal(transformAtMost(b, a), expected, `${spellTransform(b)} at most ${spellTransform(a)}: ${expected}`)
})

const R = 'recipients/analytics.yaml'
const H = 'recipients/home.yaml'
const M = 'reports/motion.yaml'
const P = 'reports/energy.yaml'
const N = 'notice.yaml'
const C = 'consent.yaml'

/** From the good configuration; the way back must give the opposite verdict. */
const comparisons: readonly [change: string, edit: Edit, verdict: Verdict, aspects: readonly string[]][] = [
  ['nothing but a comment', [R, 'region: us', 'region: us # here'], 'same', []],
  ['a clause', [N, 'device.model: { type: text, sensitivity: low, clause: "1.2" }', 'device.model: { type: text, sensitivity: high, clause: "1.1" }'], 'same', []],
  ['a case', ['tests/cases.yaml', 'a home that', 'the home that'], 'same', []],
  ['an allow entry gone', [R, '  sensor.motion: keep\n', ''], 'narrower', ['field']],
  ['an allow entry suppressed', [R, 'device.model: keep', 'device.model: suppress'], 'narrower', ['field']],
  ['an allow entry more', [R, '  sensor.motion', '  device.name: keep\n  sensor.motion'], 'wider', ['field', 'field']],
  ['an allow entry for what no report holds', [H, 'sensor.*: keep', 'sensor.*: keep\n  energy.*: keep'], 'same', []],
  ['a family put for its members', [H, 'sensor.*: keep', 'sensor.motion: keep\n  sensor.climate: keep'], 'same', []],
  ['a coarser transform', [R, 'round: 15m', 'round: 1h'], 'narrower', ['transform', 'transform']],
  ['another transform', [R, 'round: 15m', 'round: 20m'], 'different', ['transform', 'transform']],
  ['a coarser grid', [R, 'grid: 10km', 'grid: 30km'], 'narrower', ['transform', 'transform']],
  ['another grid', [R, 'grid: 10km', 'grid: 15km'], 'different', ['transform', 'transform']],
  ['a longer epoch', [R, 'epoch: 30d', 'epoch: 60d'], 'different', ['transform', 'transform', 'transform']],
  ['a field gone', [M, '  event: sensor.motion\n', ''], 'narrower', ['field']],
  ['a field that no rule allows gone', [M, '  nickname: { category: device.name, encoding: base64 }\n', ''], 'narrower', ['field']],
  ['a field of another category', [M, '  event: sensor.motion', '  event: device.model'], 'different', ['field', 'category', 'type']],
  ['a placeholder for a star', [M, '  extra.*.temp', '  extra.{device.id}.temp'], 'narrower', ['key', 'field']],
  ['a star for a key', [M, '  extra.*.temp', '  extra.b.temp'], 'narrower', ['field']],
  ['a key placeholder that no rule allows', [M, '  extra.*.temp', '  extra.{device.name}.temp'], 'narrower', ['field', 'key']],
  ['another scale', [P, 'scale: 0.001', 'scale: 0.01'], 'wider', ['spelling']],
  ['another time format', [M, 'format: epoch-seconds', 'format: iso'], 'different', ['spelling', 'spelling']],
  ['another unset marker', [M, 'unset: -1879048193', 'unset: 0'], 'different', ['spelling']],
  ['another encoding', [M, ', encoding: base64', ''], 'different', ['spelling']],
  ['a type more', [N, '[text, boolean]', '[text, boolean, number]'], 'wider', ['type', 'type']],
  ['no free text in what no rule lets leave as it is', [N, 'sensitivity: high, freeText: true', 'sensitivity: high'], 'same', []],
  ['a report gone', [R, '[motion, energy]', '[motion]'], 'narrower', ['report']],
  ['another topic', [P, '{device}/energy', '{device}/energy2'], 'different', ['topic']],
  ['a report of an excluded origin', [P, 'origin: partner', 'origin: integration'], 'narrower', ['origin']],
  ['an origin excluded', [R, '[integration]', '[integration, partner]'], 'narrower', ['origin']],
  ['an origin excluded that no report has', [R, '\nexcludeOrigins: [integration]', ''], 'same', []],
  ['switched off', [R, 'region: us', 'region: us\nenabled: false'], 'narrower', ['switched on']],
  ['a longer release interval', [R, 'release: 15m', 'release: 30m'], 'narrower', ['release']],
  ['another release interval', [R, 'release: 15m', 'release: 20m'], 'different', ['release']],
  ['no release interval', [R, 'release: 15m\n', ''], 'wider', ['release']],
  ['another folder', [R, 'folder: analytics', 'folder: elsewhere'], 'different', ['sink']],
  ['another sink', [H, '{ type: mqtt }', '{ type: file, folder: home }'], 'different', ['sink']],
  ['a retention', [R, 'folder: analytics', 'folder: analytics, retention: 30d'], 'same', []],
  ['a sink elsewhere', [H, '{ type: mqtt }', '{ type: mqtt, url: "mqtts://broker.example" }'], 'different', ['sink']],
  ['another region', [R, 'region: us', 'region: eu'], 'different', ['region', 'transfer from eu']],
  ['another kind', [R, 'kind: service-provider', 'kind: integration'], 'different', ['kind', 'access', 'regime opt-out', 'regime notice']],
  ['another purpose', [R, 'purpose: improve-products', 'purpose: provide-service'], 'different', ['purpose', 'purpose required', 'opt-out signal ignored']],
  ['a kind that needs a grant', [N, 'service-provider: { access: open', 'service-provider: { access: recipient-consent'], 'narrower', ['access']],
  ['a purpose required', [N, 'improve-products: { signal', 'improve-products: { required: true, signal'], 'wider', ['purpose required']],
  ['a signal ignored', [N, 'improve-products: { signal: honored, clause', 'improve-products: { clause'], 'wider', ['opt-out signal ignored']],
  ['a notice demanded', [N, 'improve-products: { signal', 'improve-products: { notice: ">=1.2", signal'], 'narrower', ['notice demanded']],
  ['a purpose that no recipient has', [N, 'marketing: { signal: honored', 'marketing: { required: true'], 'same', []],
  ['a regime that allows', [C, 'notice: { otherwise: deny', 'notice: { otherwise: allow'], 'same', []],
  ['a default that denies', [C, '{ improve-products: allow }', '{ improve-products: deny }'], 'narrower', ['regime notice']],
  ['a kind denied by default', [C, 'denyKinds: [marketing, integration]', 'denyKinds: [marketing, integration, service-provider]'], 'narrower', ['regime opt-out']],
  ['a regime gone', [C, / {2}notice: .*\n/, ''], 'narrower', ['regime notice']],
  ['a transfer gone', [C, 'us: [us, eu]', 'us: [us]'], 'narrower', ['transfer from us']],
  ['a transfer more', [C, 'eu: [eu]', 'eu: [eu, us]'], 'wider', ['transfer from eu']],
  ['another default region', [C, 'defaultRegion: us', 'defaultRegion: eu'], 'different', ['default region']],
  ['grants that run out', [C, 'grants: never', 'grants: 365d'], 'narrower', ['life of grants']]
]

const OPPOSITE: Record<Verdict, Verdict> = { same: 'same', narrower: 'wider', wider: 'narrower', different: 'different' }

t.test('compare: one change -> its verdict, and the opposite on the way back', async t => {
  const good = compiled().policy
  for (const [change, edit, verdict, aspects] of comparisons) {
    const { policy } = compiled(edit)
    const there = compare(good, policy)
    t.equal(there.verdict, verdict, `${change}: ${verdict}`)
    t.strictSame(new Set(there.changes.map(each => each.aspect)), new Set(aspects), `${change}: ${aspects.join(', ')}`)
    t.equal(compare(policy, good).verdict, OPPOSITE[verdict], `${change}: back`)
  }
})

t.test('compare: a sink with another target -> a new recipient; how much and how long it sends -> the same', async t => {
  const withSink = (written: string) => compiled([H, '{ type: mqtt }', `{ ${written} }`]).policy
  const bases = {
    http: ['type: http', 'url: "https://a.example/in"', 'tokenFile: t', 'secretFile: s', 'ca: c', 'timeout: 5s', 'maxBatch: 9', 'maxBody: 9KiB'],
    mqtt: ['type: mqtt', 'url: "mqtts://a.example"', 'userName: u', 'passwordFile: p', 'ca: c', 'timeout: 5s', 'protocol: 3.1.1'],
    redis: ['type: redis', 'url: "rediss://a.example/0"', 'stream: S', 'userName: u', 'passwordFile: p', 'ca: c', 'timeout: 5s', 'maxLength: 9'],
    nats: ['type: nats', 'url: "tls://a.example"', 'stream: S', 'userName: u', 'passwordFile: p', 'ca: c', 'timeout: 5s']
  }
  const others: Record<string, [string, Verdict]> = {
    'url: "https://a.example/in"': ['url: "https://a.example/in?set=2"', 'different'],
    'url: "mqtts://a.example"': ['url: "mqtts://a.example:8884"', 'different'],
    'url: "rediss://a.example/0"': ['url: "rediss://a.example/1"', 'different'],
    'url: "tls://a.example"': ['url: "tls://b.example"', 'different'],
    'stream: S': ['stream: T', 'different'],
    'userName: u': ['userName: v', 'different'],
    'tokenFile: t': ['tokenFile: v', 'different'],
    'ca: c': ['ca: v', 'different'],
    'passwordFile: p': ['passwordFile: v', 'same'],
    'secretFile: s': ['secretFile: v', 'same'],
    'timeout: 5s': ['timeout: 6s', 'same'],
    'maxBatch: 9': ['maxBatch: 8', 'same'],
    'maxBody: 9KiB': ['maxBody: 8KiB', 'same'],
    'maxLength: 9': ['maxLength: 8', 'same'],
    'protocol: 3.1.1': ['timeout: 5s', 'same']
  }
  for (const [type, parts] of Object.entries(bases)) {
    const base = withSink(parts.join(', '))
    for (const part of parts.slice(1)) {
      const [other, verdict] = others[part] ?? ['', 'same']
      const changed = [...new Set(parts.map(each => each === part ? other : each))]
      t.equal(compare(base, withSink(changed.join(', '))).verdict, verdict, `${type}: ${part} -> ${other}`)
    }
  }
})

t.test('compare: notice version, recipients that come and go, mixed changes', async t => {
  const good = compiled().policy
  const notice = compiled([N, 'version: "1.3"', 'version: "1.4"'], [N, 'version: "1.2"', 'version: "1.3"']).policy
  t.equal(compare(good, notice).verdict, 'different')
  const sources = edited()
  sources.delete(H)
  sources.delete('tests/cases.yaml')
  const without = compileSources(sources)
  if ('problems' in without) return t.fail('must load')
  t.match(compare(good, without.policy), { verdict: 'narrower', changes: [{ effect: 'narrower', aspect: 'recipient', recipient: 'home', oldRule: 'recipients/home.yaml:1' }] })
  t.match(compare(without.policy, good), { verdict: 'wider', changes: [{ effect: 'wider', aspect: 'recipient', recipient: 'home', newRule: 'recipients/home.yaml:1' }] })
  t.equal(compare(good, compiled([R, '  device.model: keep\n', ''], [H, 'part: hour', 'round: 1m']).policy).verdict, 'different')
})

t.test('compare: a change -> says what, where and both places', async t => {
  const { changes } = compare(compiled().policy, compiled([R, '{ round: 10 }', 'keep']).policy)
  t.match(changes, [
    { effect: 'wider', aspect: 'transform', recipient: 'analytics', report: 'energy', path: 'power', old: 'round:10', new: 'keep', oldRule: `${R}:13`, newRule: `${R}:13` },
    { effect: 'wider', aspect: 'transform', path: 'power_mw' }
  ])
})

t.test('compare: the shipped configuration with itself -> same', async t => {
  const shipped = await loadConfiguration(join(import.meta.dirname, '../../config'))
  if ('problems' in shipped) return t.fail('must load')
  t.strictSame(compare(shipped.policy, shipped.policy), { verdict: 'same', changes: [] })
})

/** Alternatives for single lines; a random policy takes one of each. */
const slots: readonly (readonly [file: string, line: string, alternatives: readonly string[]])[] = [
  [R, '  device.model: keep\n', ['  device.model: keep\n', '', '  device.model: { map: { a: x, b: x } }\n', '  device.model: { map: { a: x, b: y } }\n']],
  [R, '  sensor.motion: keep\n', ['  sensor.motion: keep\n', '', '  sensor.motion: suppress\n']],
  [R, '{ bucket: [0, 10, 20] }', ['{ bucket: [0, 10, 20] }', '{ bucket: [0, 20] }', '{ round: 5 }', '{ round: 10 }', 'keep']],
  [R, '{ round: 15m }', ['{ round: 15m }', '{ round: 30m }', '{ round: 20m }', '{ part: hour }', 'keep']],
  [R, '{ grid: 10km }', ['{ grid: 10km }', '{ grid: 20km }', '{ grid: 15km }', 'keep']],
  [R, '{ round: 10 }', ['{ round: 10 }', '{ round: 20 }', '{ round: 15 }', '{ bucket: [0, 20] }']],
  [R, '  device.id: { pseudonymize: { epoch: 30d } }\n', ['  device.id: { pseudonymize: { epoch: 30d } }\n', '  device.id: keep\n', '']],
  [M, '  event: sensor.motion\n', ['  event: sensor.motion\n', '', '  event: device.model\n']],
  [M, '  extra.*.temp: sensor.climate\n', ['  extra.*.temp: sensor.climate\n', '',
    '  extra.b.temp: sensor.climate\n', '  extra.{device.id}.temp: sensor.climate\n', '  extra.{device.name}.temp: sensor.climate\n']],
  [P, '{ category: energy.power, scale: 0.001 }', ['{ category: energy.power, scale: 0.001 }', 'energy.power']],
  [P, '{device}/energy', ['{device}/energy', '{device}/energy2']],
  [N, '[text, boolean]', ['[text, boolean]', 'text', 'boolean']],
  [C, 'us: [us, eu]', ['us: [us, eu]', 'us: [eu]']],
  [C, '{ improve-products: allow }', ['{ improve-products: allow }', '{ improve-products: deny }']]
]

const choices = fc.tuple(...slots.map(([, , alternatives]) => fc.constantFrom(...alternatives)))
/** Two policies that differ in a few slots. */
const twoChoices = fc.tuple(choices, choices, fc.array(fc.nat(slots.length - 1), { maxLength: 2 }))
  .map(([old, other, differing]) => [old, old.map((choice, i) => differing.includes(i) ? other[i] ?? choice : choice)] as const)

function policyOf (chosen: readonly string[]): CompiledPolicy {
  const edits = slots.flatMap(([file, line], i): Edit[] => chosen[i] === line ? [] : [[file, line, chosen[i] ?? '']])
  return compiled(...edits).policy
}

const reports: readonly (readonly [topic: string, body: unknown])[] = [
  ...['motion', 'clear', true, 7].map(event => ['motion', { event, children: { a: { alias: 'lamp' }, b: {} } }] as const),
  ...Array.from({ length: 30 }, (_, i) => ['motion', { timestamp: 1_767_600_000 + i * 301 }] as const),
  ...Array.from({ length: 30 }, (_, i) => ['motion', { latitude_i: 521_000 + i * 613, longitude_i: 134_000 + i % 7 * 811 }] as const),
  ...Array.from({ length: 60 }, (_, i) => ['motion', { extra: { [`${'abc'[i % 3]}`]: { temp: i - 5 } } }] as const),
  ...Array.from({ length: 60 }, (_, i) => ['energy', { power: i, model: 'abc'[i % 3] }] as const),
  ...Array.from({ length: 60 }, (_, i) => ['energy', { power_mw: i * 700 }] as const),
  ...Array.from({ length: 20 }, (_, i) => ['energy2', { power: i, model: 'abc'[i % 3] }] as const),
  ...['d1', 'd2'].map(device => ['motion', { device_id: device, event: 'motion' }] as const)
]

const facts = { minor: false, optOutSignal: false, region: 'us' }
const accounts: readonly AccountConsent[] = [
  { account: 'x', facts: { ...facts, regime: 'notice' }, records: [] },
  { account: 'x', facts: { ...facts, regime: 'opt-in' }, records: [{ id: 'g', sequence: 1, purpose: 'improve-products', state: 'granted', at: 0, notice: '1.3' }] }
]

/** What each recipient gets of a report, but for what names the disclosure and the policy. No addresses here: no guard. */
function disclosed (policy: CompiledPolicy, [topic, body]: readonly [string, unknown], consent: AccountConsent): Map<string, string> {
  const type = policy.reportsByTopic.get(topic)
  if (type === undefined) return new Map()
  const report = classify(body as Json, type, { account: 'x', device: 'd1', receivedMs: 1_767_600_123_000 })
  return new Map(policy.recipients.map(recipient => {
    const decision = decide({ report: type, recipient, device: 'd1', consent, nowMs: report.receivedMs }, policy)
    if (decision.effect === 'withhold') return [recipient.name, 'nothing']
    const draft = minimize(report, decision, policy, { recipient: recipient.name, keys, nowMs: report.receivedMs })
    const data = visible(draft.data)
    return [recipient.name, data === undefined ? 'nothing' : JSON.stringify([type.name, visible(draft.device), visible(draft.time), data])]
  }))
}

/** What is left of a draft without arrays. */
function visible (node: DraftNode): unknown {
  if (node.kind === 'leaf') return node.suppressed === undefined ? node.value : undefined
  if (node.kind === 'array') throw new TypeError('no arrays here')
  const entries = node.entries.flatMap(({ key, node }) => {
    const [name, value] = [visible(key), visible(node)]
    return name === undefined || value === undefined ? [] : [[name, value]]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** For each account and report, what each recipient gets. */
function allDisclosed (policy: CompiledPolicy): Map<string, string>[] {
  return accounts.flatMap((consent, account) => reports.map(report =>
    new Map([...disclosed(policy, report, consent)].map(([recipient, told]) => [`${account} ${recipient}`, told]))))
}

/** Two reports that the new policy lets a recipient tell apart, and the old one did not. */
function findsLeak (before: readonly Map<string, string>[], after: readonly Map<string, string>[]): string | undefined {
  const told = new Map<string, string>()
  for (const [i, now] of after.entries()) {
    for (const [who, disclosure] of now) {
      const key = `${who}, who got ${before[i]?.get(who) ?? 'nothing'}, gets `
      if ((told.get(key) ?? disclosure) !== disclosure) return `${key}${told.get(key)} or ${disclosure}`
      told.set(key, disclosure)
    }
  }
}

t.test('compare: every single change -> not wider only where what it discloses is computed from what was', async t => {
  const base = slots.map(([, line]) => line)
  for (const [slot, [file, , alternatives]] of slots.entries()) {
    const policies = alternatives.map(choice => policyOf(base.with(slot, choice)))
    const told = policies.map(allDisclosed)
    for (const [i, before] of policies.entries()) {
      for (const [j, after] of policies.entries()) {
        const { verdict } = compare(before, after)
        if (verdict === 'same' || verdict === 'narrower') t.equal(findsLeak(told[i] ?? [], told[j] ?? []), undefined, `${file}, alternative ${i} to ${j}`)
      }
    }
  }
})

t.test('INVARIANT: a wider policy never replaces one without approval -> what a narrower one discloses is computed from what the old one did', async t => {
  const seen = new Set<Verdict>()
  fc.assert(fc.property(twoChoices, ([oldChoice, newChoice]) => {
    const [before, after] = [policyOf(oldChoice), policyOf(newChoice)]
    const { verdict } = compare(before, after)
    seen.add(verdict)
    const leak = verdict === 'same' || verdict === 'narrower' ? findsLeak(allDisclosed(before), allDisclosed(after)) : undefined
    if (leak !== undefined) throw new Error(leak)
  }), { numRuns: Math.ceil(numRuns / 2) })
  t.ok(seen.has('narrower') && seen.has('wider'), 'both kinds were drawn')
  t.end()
})
