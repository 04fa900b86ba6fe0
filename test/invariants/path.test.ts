/** Invariants 1 to 3 over the whole pure path, with the shipped configuration and with hostile ones. */

import t from 'tap'
import fc from 'fast-check'
import { join } from 'node:path'
import { loadConfiguration } from '../../src/policy/load.js'
import { compileSources } from '../../src/policy/compile.js'
import { classify } from '../../src/classify/classify.js'
import { decide } from '../../src/decide/decide.js'
import { consentOf, grantedAll, NOW_MS, outcomes, samples, take, textOf } from '../fixtures/path.js'
import { configurationOf, SOURCES } from '../fixtures/policy.js'
import type { AccountConsent } from '../../src/model/consent.js'
import type { Json } from '../../src/model/json.js'
import type { CompiledPolicy, CompiledRecipient } from '../../src/model/policy.js'
import type { ReportNode } from '../../src/model/report.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const loaded = await loadConfiguration(join(import.meta.dirname, '../../config'))
if ('problems' in loaded) throw new Error('the shipped configuration does not load')
const shipped = loaded.policy
const { policy: fixture } = configurationOf()
const SAMPLES = samples().filter(({ report }) => shipped.reports.has(report))

/** No digit, no hex letter: nothing here can spell an address or a number. */
const harmless = fc.string({ unit: fc.constantFrom(...'ghijklmnopqrstuvwxyz äöü漢'), maxLength: 12 })
const harmlessJson = fc.oneof(harmless, fc.boolean(), fc.constant(null), fc.array(harmless, { maxLength: 3 }), fc.dictionary(harmless.map(key => `zz${key}`), harmless, { maxKeys: 3 }))

const arbitraryConsent = (policy: CompiledPolicy): fc.Arbitrary<AccountConsent> => fc.record({
  regime: fc.constantFrom('opt-in', 'opt-out', 'notice', 'unheard-of'),
  records: fc.array(fc.record({
    purpose: fc.constantFrom(...policy.purposes.keys()),
    state: fc.constantFrom('granted' as const, 'granted' as const, 'denied' as const, 'withdrawn' as const),
    category: fc.option(fc.constantFrom(...policy.categories.keys()), { nil: undefined, freq: 3 }),
    recipient: fc.option(fc.constantFrom(...policy.recipients.map(({ name }) => name)), { nil: undefined })
  }), { maxLength: 6 })
}).map(({ regime, records }) => consentOf({ regime }, records.map(({ category, recipient, ...rest }) => ({ ...rest, ...(category !== undefined && { category }), ...(recipient !== undefined && { recipient }) }))))

/**
 * The same report with other content wherever the recipient may not have it: other values, other types, keys added and
 * taken away.
 */
function vary (node: ReportNode, original: Json, allowed: (node: ReportNode) => boolean, draw: () => Json): Json {
  if (node.kind === 'leaf') return allowed(node) ? original : draw()
  if (node.kind === 'array') {
    const items = node.items.map((item, i) => vary(item, (original as Json[])[i] ?? null, allowed, draw))
    // an array of which nothing may be had can be of any length
    return node.items.length > 0 && node.items.every(item => holdsNothing(item, allowed)) ? items.concat(items) : items
  }
  const entries = node.entries.map(({ key, node: child }): [string, Json] => [key, vary(child, (original as Record<string, Json>)[key] ?? null, allowed, draw)])
  return Object.fromEntries([[`zz${JSON.stringify(draw())}`, draw()], ...entries])
}

function holdsNothing (node: ReportNode, allowed: (node: ReportNode) => boolean): boolean {
  if (node.kind === 'leaf') return !allowed(node)
  return node.kind === 'array' ? node.items.every(item => holdsNothing(item, allowed)) : node.entries.every(({ node: child }) => holdsNothing(child, allowed))
}

function allowedIn (policy: CompiledPolicy, recipient: CompiledRecipient, reportName: string, consent: AccountConsent): (node: ReportNode) => boolean {
  const report = policy.reports.get(reportName)
  if (report === undefined) return () => false
  const decision = decide({ report, recipient, device: 'D', consent, nowMs: NOW_MS }, policy)
  if (decision.effect === 'withhold') return () => false
  return node => node.kind === 'leaf' && node.field !== undefined && node.fits && decision.plan.fields[node.field.index]?.effect === 'disclose'
}

t.test('INVARIANT 1: two readable reports that differ only in what a recipient may not have give that recipient the same bytes', async t => {
  const cases = fc.record({ sample: fc.constantFrom(...SAMPLES), recipient: fc.nat(shipped.recipients.length - 1), consent: arbitraryConsent(shipped), noise: fc.array(harmlessJson, { minLength: 5, maxLength: 40 }) })
  let disclosed = 0
  fc.assert(fc.property(cases, ({ sample, recipient: index, consent, noise }) => {
    const recipient = shipped.recipients[index]
    const type = shipped.reports.get(sample.report)
    if (recipient === undefined || type === undefined) return false
    let drawn = 0
    const draw = (): Json => noise[drawn++ % noise.length] as Json
    const allowed = allowedIn(shipped, recipient, sample.report, consent)
    const { root } = classify(sample.json, type, { account: 'A', device: 'D', receivedMs: NOW_MS })
    const varied = vary(root, sample.json, allowed, draw)
    const before = outcomes(take(shipped, consent, sample.report, sample.json)).get(recipient.name)
    const after = outcomes(take(shipped, consent, sample.report, varied)).get(recipient.name)
    if (before?.startsWith('{') === true) disclosed++
    if (before === after) return true
    // text in which an address was found may be absent: the variant no longer holds the address that was known
    return before !== undefined && after !== undefined && isSubset(leavesOf(JSON.parse(asJson(before)) as Json), leavesOf(JSON.parse(asJson(after)) as Json))
  }), { numRuns: RUNS })
  t.ok(disclosed > RUNS / 100, 'the property has seen disclosures')
})

function asJson (text: string): string {
  return text.startsWith('<') ? '{}' : text
}

/** Leaves as `path=value`, array positions left out. */
function leavesOf (json: Json, path = ''): string[] {
  if (Array.isArray(json)) return json.flatMap(item => leavesOf(item, `${path}[]`))
  if (typeof json === 'object' && json !== null) return Object.entries(json).flatMap(([key, value]) => leavesOf(value, `${path}.${key}`))
  return [`${path}=${JSON.stringify(json)}`]
}

/** Every leaf of `some`, as often as it occurs there, occurs in `all`. */
function isSubset (some: readonly string[], all: readonly string[]): boolean {
  const left = new Map<string, number>()
  for (const leaf of all) left.set(leaf, (left.get(leaf) ?? 0) + 1)
  return some.every(leaf => {
    const count = left.get(leaf) ?? 0
    left.set(leaf, count - 1)
    return count > 0
  })
}

/** A configuration that gives away all it can: every field of the fixture as text, kept, to a recipient everybody consents to. */
function hostile (): CompiledPolicy {
  const sources = new Map(Object.entries(SOURCES))
  sources.set('reports/motion.yaml', 'report: motion\ntopic: kasa/{account}/{device}/motion\nfields:\n  a: device.name\n  b[]: device.model\n  c.*: device.firmware\n  d.{device.id}.e: device.name\n  n: energy.power\n  m: usage.storage\n  o[].p: device.id\n  q: { category: device.name, encoding: base64 }\n')
  sources.set('recipients/analytics.yaml', 'recipient: analytics\nkind: service-provider\npurpose: provide-service\nregion: us\nreports: [motion]\nallow:\n  device.*: keep\n  energy.power: keep\n  usage.storage: keep\n  time.event: keep\nsink: { type: file, folder: analytics }\n')
  const compiled = compileSources(sources)
  if ('problems' in compiled) throw new Error(compiled.problems.map(({ message }) => message).join())
  return compiled.policy
}

const hexPair = fc.nat(255).map(byte => byte.toString(16).padStart(2, '0'))
const macBytes = fc.array(hexPair, { minLength: 6, maxLength: 6 })
const spelledMac = fc.tuple(macBytes, fc.constantFrom(':', '-', '_', ' ', ''), fc.boolean()).map(([pairs, by, upper]) => ({ hex: pairs.join(''), text: upper ? pairs.join(by).toUpperCase() : pairs.join(by) }))
const surroundings = fc.string({ unit: fc.constantFrom(...'xyzXYZ .,;/(){}"\'@#+='), maxLength: 6 })
const wrapped = fc.constantFrom<(text: string) => string>(
  text => text,
text => JSON.stringify({ inner: text }),
text => encodeURIComponent(text),
text => Buffer.from(text).toString('base64'),
text => Buffer.from(Buffer.from(text).toString('base64')).toString('base64'),
text => Buffer.from(text).toString('hex'),
text => [...text].map(c => `&#${c.codePointAt(0)};`).join(''),
text => [...text].map(c => c >= '!' && c <= '~' ? String.fromCodePoint((c.codePointAt(0) ?? 0) + 0xfee0) : c).join(''),
text => [...text].join('\u200b')
)
const place = fc.constantFrom<(text: string) => Json>(
  text => ({ a: text }), text => ({ b: ['x', text] }), text => ({ c: { key: text } }), text => ({ c: { [text]: 'value' } }),
text => ({ d: { [text]: { e: 'x' } } }), text => ({ n: text }), text => ({ o: [{ p: 'x' }, { p: text }] }), text => ({ q: Buffer.from(text).toString('base64') })
)

t.test('INVARIANT 2: no address of the first column, and no known address of the second, leaves, whatever the configuration', async t => {
  const policy = hostile()
  const consent = consentOf({})
  const leaked = (text: string, hex: string): boolean => {
    const plain = text.toLowerCase().replaceAll('\\u200b', '').normalize('NFKC').replace(/[^0-9a-z]/g, '')
    return plain.includes(hex)
  }
  let disclosed = 0
  fc.assert(fc.property(spelledMac, wrapped, place, surroundings, surroundings, ({ hex, text }, wrap, put, before, after) => {
    const json = { ...put(wrap(before + text + after)) as object, m: 5 }
    const left = outcomes(take(policy, consent, 'motion', json)).get('analytics') ?? ''
    if (left.startsWith('{')) disclosed++
    const wrappedText = wrap(text)
    return !leaked(left, hex) && !left.includes(wrappedText) && !left.includes(Buffer.from(wrappedText).toString('base64').replace(/=+$/, ''))
  }), { numRuns: RUNS })
  t.ok(disclosed > RUNS / 2, 'the rest of the report left')
  fc.assert(fc.property(macBytes, fc.constantFrom('bare integer', 'longer run', 'byte array'), (pairs, form) => {
    const hex = pairs.join('')
    const spelled = { 'bare integer': { n: Number(BigInt('0x' + hex)) }, 'longer run': { a: `f${hex}f` }, 'byte array': { b: pairs.map(pair => `0x${pair}`), n: 1 } }[form]
    const left = outcomes(take(policy, consent, 'motion', { ...spelled, unlisted: pairs.join(':'), m: 5 })).get('analytics') ?? ''
    if (form === 'byte array') return !left.includes(pairs.map(pair => `0x${pair}`).join('","'))
    return !left.includes(String(Object.values(spelled)[0]))
  }), { numRuns: RUNS })
})

t.test('known addresses: a bare EUI-64 in a closed field -> known, so that it leaves in no other', async t => {
  const { policy } = configurationOf()
  const eui64 = '00158D0003AABBCC'
  const left = (json: Json): string => outcomes(take(policy, consentOf({ regime: 'opt-out' }), 'motion', json)).get('analytics') ?? ''
  t.match(left({ model: `sensor ${eui64}` }), eui64, 'sixteen digits alone are no address by syntax')
  t.notMatch(left({ model: `sensor ${eui64}`, ap_list: [{ bssid: eui64 }], event: 'motion' }), eui64)
})

t.test('INVARIANT 2: the shipped configuration and every sample -> no address of any kind in what leaves', async t => {
  const consent = grantedAll(shipped)
  let looked = 0
  for (const { report, json, name } of SAMPLES) {
    const macs = [...JSON.stringify(json).matchAll(/[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}|"[0-9A-Fa-f]{12}"/g)].map(([text]) => text.replace(/[^0-9A-Fa-f]/g, '').toLowerCase())
    const taken = take(shipped, consent, report, json)
    if (taken.outcome !== 'judged') {
      t.fail(`${name} is readable`)
      continue
    }
    for (const judgement of taken.judgements) {
      const plain = textOf(judgement).toLowerCase().replace(/[^0-9a-z]/g, '')
      looked++
      t.notOk(macs.some(mac => plain.includes(mac)), `${name} to ${judgement.recipient.name}`)
    }
  }
  t.ok(looked > 100)
})

t.test('INVARIANT 3: taking away an allow entry or a listed field, or recording a denial, never widens what leaves', async () => {
  const allowLines = (SOURCES['recipients/analytics.yaml'] ?? '').split('\n').filter(line => /^ {2}\S/.test(line))
  const fieldLines = (SOURCES['reports/motion.yaml'] ?? '').split('\n').filter(line => /^ {2}\S/.test(line) && !line.includes('_i:'))
  const without = (file: string, line: string): CompiledPolicy => configurationOf({ [file]: text => text.replace(`${line}\n`, '') }).policy
  const narrowed = [...allowLines.map(line => without('recipients/analytics.yaml', line)), ...fieldLines.map(line => without('reports/motion.yaml', line))]
  const value = fc.oneof(harmless, fc.integer(), fc.boolean(), fc.constantFrom('63862177792B', '50C7BF0D918C', '1735996775', 'RW1tYSdzIGxhbXA=', 'fw 1.5.6'))
  const report = fc.record({ event: value, timestamp: fc.integer({ min: 0, max: 2e9 }), device_id: value, nickname: value, alias: value, model: value, sw_ver: value, size: value, latitude_i: fc.integer({ min: -900_000, max: 900_000 }), longitude_i: fc.integer({ min: -1_800_000, max: 1_800_000 }), power: value, power_mw: fc.integer(), readings: fc.array(value, { maxLength: 4 }), outlets: fc.array(fc.record({ power: value, alias: value }), { maxLength: 3 }), ip: value, children: fc.dictionary(harmless, fc.record({ power: value })), any: fc.dictionary(harmless, fc.record({ power: value })) }, { requiredKeys: [] })
  const denial = fc.record({ purpose: fc.constant('improve-products'), state: fc.constantFrom('denied' as const, 'withdrawn' as const), category: fc.option(fc.constantFrom(...fixture.categories.keys()), { nil: undefined }) })
  const leaves = (policy: CompiledPolicy, consent: AccountConsent, json: Json): string[] => {
    const text = outcomes(take(policy, consent, 'motion', json)).get('analytics') ?? '<>'
    return text.startsWith('<') ? [] : leavesOf(JSON.parse(text) as Json).filter(leaf => !leaf.startsWith('.policy='))
  }
  fc.assert(fc.property(report, arbitraryConsent(fixture), fc.nat(narrowed.length - 1), denial, (json, consent, index, { category, ...rest }) => {
    const before = leaves(fixture, consent, json as Json)
    const narrower = narrowed[index]
    const last = consent.records.at(-1)?.sequence ?? 0
    const record = { ...rest, ...(category !== undefined && { category }), id: 'm', sequence: last + 1, at: 0, notice: '1.3' }
    return narrower !== undefined && isSubset(leaves(narrower, consent, json as Json), before) &&
      isSubset(leaves(fixture, { ...consent, records: [...consent.records, record] }, json as Json), before)
  }), { numRuns: RUNS })
})
