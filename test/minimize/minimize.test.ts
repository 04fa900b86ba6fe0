import t from 'tap'
import fc from 'fast-check'
import { classify } from '../../src/classify/classify.js'
import { decide } from '../../src/decide/decide.js'
import { cellCenter } from '../../src/minimize/grid.js'
import { minimize } from '../../src/minimize/minimize.js'
import { pseudonymOf } from '../../src/minimize/pseudonym.js'
import { generalizeNumber, generalizeTime, transformValue, type ValueForm } from '../../src/minimize/transform.js'
import { configurationOf } from '../fixtures/policy.js'
import type { DraftNode } from '../../src/model/draft.js'
import type { Json } from '../../src/model/json.js'
import type { Category, Transform, ValueType } from '../../src/model/policy.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const NOW = Date.UTC(2026, 0, 5, 10, 20, 30)
const DAY_MS = 86_400_000
const keys = { gatewayKeyAt: () => new Uint8Array(32).fill(1), accountKey: new Uint8Array(32).fill(2) }
const context = { recipient: 'analytics', keys, nowMs: NOW }

function form (type: ValueType, more: Partial<ValueForm> = {}): ValueForm {
  const category: Category = { name: 'test.category', types: new Set([type]), sensitivity: 'low', freeText: false, never: false, clause: '1' }
  return { category, scale: 1, format: undefined, ...more }
}

t.test('transforms: value and rule -> what leaves', async t => {
  const seconds = Math.floor(NOW / 1000)
  const round = (step: number): Transform => ({ kind: 'round', step, ofTime: false })
  const quarter: Transform = { kind: 'round', step: 900_000, ofTime: true }
  const bucket: Transform = { kind: 'bucket', edges: [0, 10, 100] }
  const rows: [string, Json, Transform, ValueForm, unknown][] = [
    ['keep', 'as is', { kind: 'keep' }, form('text'), { value: 'as is' }],
    ['suppress', 'x', { kind: 'suppress' }, form('text'), { suppressed: 'rule' }],
    ['round', 123, round(10), form('number'), { value: 120 }],
    ['round below zero', -3, round(10), form('number'), { value: -10 }],
    ['round without float noise', 0.3, round(0.1), form('number'), { value: 0.3 }],
    ['round scaled', 123_456, round(10), form('number', { scale: 0.001 }), { value: 120_000 }],
    ['round text with its unit', '63862177792B', round(1e9), form('number'), { value: '63000000000B' }],
    ['round what is no number', 'x', round(10), form('number'), { suppressed: 'type-mismatch' }],
    ['time in seconds', seconds, quarter, form('time'), { value: Math.floor(seconds / 900) * 900 }],
    ['time in text', String(seconds), quarter, form('time'), { value: String(Math.floor(seconds / 900) * 900) }],
    ['time in ISO', '2026-01-05T10:20:30Z', quarter, form('time', { format: 'iso' }), { value: '2026-01-05T10:15:00.000Z' }],
    ['local time', '2026-01-05 10:20:30', quarter, form('time', { format: 'local' }), { value: '2026-01-05 10:15:00' }],
    ['hour', seconds, { kind: 'part', part: 'hour' }, form('time'), { value: 10 }],
    ['weekday', seconds, { kind: 'part', part: 'weekday' }, form('time'), { value: 'monday' }],
    ['bucket', 57, bucket, form('number'), { value: 10 }],
    ['bucket at its edge', 100, bucket, form('number'), { value: 100 }],
    ['bucket below the first', -1, bucket, form('number'), { suppressed: 'rule' }],
    ['bucket scaled', 57_000, bucket, form('number', { scale: 0.001 }), { value: 10_000 }],
    ['map', 'E26', { kind: 'map', values: new Map([['E26', 'bulb']]) }, form('text'), { value: 'bulb' }],
    ['map of a boolean', true, { kind: 'map', values: new Map([['true', 1]]) }, form('boolean'), { value: 1 }],
    ['map of what is not listed', 'E27', { kind: 'map', values: new Map([['E26', 'bulb']]) }, form('text'), { suppressed: 'rule' }],
    ['grid of one value', 1, { kind: 'grid', sideKm: 10 }, form('coordinate'), { suppressed: 'unpaired' }]
  ]
  for (const [name, value, transform, valueForm, expected] of rows) t.same(transformValue(value as string, transform, valueForm, context), expected, name)
})

t.test('round: a coarser multiple -> computable from the finer', async () => {
  fc.assert(fc.property(fc.integer(), fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 50 }), (value, step, factor) => {
    return generalizeNumber(generalizeNumber(value, step), step * factor) === generalizeNumber(value, step * factor) &&
      generalizeTime(generalizeTime(value, step), step * factor) === generalizeTime(value, step * factor)
  }), { numRuns: RUNS })
})

t.test('grid: any point -> inside its cell, cells at least as wide as the side', async () => {
  const km = 111.32
  fc.assert(fc.property(fc.double({ min: -85, max: 85, noNaN: true }), fc.double({ min: -179, max: 179, noNaN: true }), fc.constantFrom(0.5, 1, 10, 50), (latitude, longitude, sideKm) => {
    const center = cellCenter({ latitude, longitude }, sideKm)
    const again = cellCenter(center, sideKm)
    const reachKm = sideKm * 1.01
    return Math.abs(center.latitude - latitude) * 110.574 <= reachKm / 2 &&
      Math.abs(center.longitude - longitude) * km * Math.cos(latitude * Math.PI / 180) <= 2.2 * reachKm &&
      Math.abs(again.latitude - center.latitude) < 1e-9 && Math.abs(again.longitude - center.longitude) < 1e-9
  }), { numRuns: RUNS })
})

t.test('grid: a side that is a whole multiple -> its cells are unions of the finer cells', async () => {
  fc.assert(fc.property(fc.double({ min: -89, max: 89, noNaN: true }), fc.double({ min: -179, max: 179, noNaN: true }), fc.constantFrom(0.5, 1, 2, 5), fc.integer({ min: 2, max: 20 }), (latitude, longitude, sideKm, factor) => {
    const coarse = cellCenter({ latitude, longitude }, sideKm * factor)
    const throughFine = cellCenter(cellCenter({ latitude, longitude }, sideKm), sideKm * factor)
    return Math.abs(coarse.latitude - throughFine.latitude) < 1e-9 && Math.abs(coarse.longitude - throughFine.longitude) < 1e-9
  }), { numRuns: RUNS })
})

t.test('pseudonym: recipient, account, epoch or category differ -> it differs; else it does not', async t => {
  const scope = { recipient: 'r', category: 'device.id', epochMs: 30 * DAY_MS, nowMs: NOW }
  const base = pseudonymOf('801C', scope, keys)
  t.match(base, /^[g-z]{30}$/)
  t.equal(pseudonymOf('801C', { ...scope, nowMs: Math.floor(NOW / scope.epochMs) * scope.epochMs }, keys), base)
  const others = [
    pseudonymOf('801D', scope, keys),
    pseudonymOf('801C', { ...scope, recipient: 's' }, keys),
    pseudonymOf('801C', { ...scope, category: 'device.serial' }, keys),
    pseudonymOf('801C', { ...scope, nowMs: NOW + scope.epochMs }, keys),
    pseudonymOf('801C', { ...scope, epochMs: DAY_MS }, keys),
    pseudonymOf('801C', scope, { ...keys, accountKey: new Uint8Array(32) }),
    pseudonymOf('801C', scope, { ...keys, gatewayKeyAt: () => new Uint8Array(32) })
  ]
  t.equal(new Set([base, ...others]).size, others.length + 1)
})

/** The draft as JSON: values that would leave, reasons in angle brackets. */
function shown (node: DraftNode): unknown {
  if (node.kind === 'leaf') return node.suppressed === undefined ? node.value : `<${node.suppressed}>`
  if (node.kind === 'array') return node.items.map(shown)
  return Object.fromEntries(node.entries.map(({ key, node: child }) => [key.suppressed === undefined ? key.value : `<${key.suppressed}>`, shown(child)]))
}

function drafted (json: Json): { data: unknown, device: unknown, time: unknown, text: string } {
  const { policy } = configurationOf()
  const recipient = policy.recipients.find(({ name }) => name === 'analytics')
  const type = policy.reports.get('motion')
  if (recipient === undefined || type === undefined) throw new TypeError('not in the fixture')
  const consent = { account: 'A', facts: { regime: 'opt-out', region: 'us', minor: false, optOutSignal: false }, records: [] }
  const report = classify(json, type, { account: 'A', device: 'D', receivedMs: NOW })
  const decision = decide({ report: type, recipient, device: 'D', consent, nowMs: NOW }, policy)
  if (decision.effect !== 'disclose') throw new TypeError('the fixture discloses')
  const draft = minimize(report, decision, policy, context)
  const values = JSON.stringify(draft, (key, value: unknown) => key === 'field' || key === 'decision' ? undefined : value)
  return { data: shown(draft.data), device: shown(draft.device), time: shown(draft.time), text: values }
}

t.test('minimize: a report -> its own shape, each leaf transformed or with a reason', async t => {
  const { data, device, time, text } = drafted({
    event: 'motion',
    model: 5,
    secret: 'canary',
    nickname: 'RW1tYSdzIGxhbXA=',
    latitude_i: 321010,
    longitude_i: -885380,
    power_mw: 123_456,
    readings: [12, 'x'],
    outlets: [{ power: 7, alias: 'Lamp' }],
    ap_list: [{ bssid: 'canary' }],
    children: { '801C00': { power: 99 } }
  })
  const cell = cellCenter({ latitude: 32.1010, longitude: -88.5380 }, 10)
  t.match(data, {
    event: 'motion',
    model: '<type-mismatch>',
    secret: '<unclassified>',
    nickname: 'Emma\'s lamp',
    latitude_i: Math.round(cell.latitude * 1e4),
    longitude_i: Math.round(cell.longitude * 1e4),
    power_mw: 120_000,
    readings: [10, '<type-mismatch>'],
    outlets: [{ power: 0, alias: 'Lamp' }],
    ap_list: [{ bssid: '<never-disclosed>' }]
  })
  t.match(device, /^[g-z]{30}$/)
  t.equal(time, '2026-01-05T10:15:00.000Z')
  t.notMatch(text, /canary/, 'a suppressed value does not travel on')
  t.notMatch(text, /801C00/, 'nor does a pseudonymized key')
})

t.test('minimize: coordinates -> in pairs; unset markers stay unset', async t => {
  const unset = -1879048193
  t.match(drafted({ latitude_i: unset, longitude_i: unset }).data, { latitude_i: unset, longitude_i: unset })
  t.match(drafted({ latitude_i: 321010 }).data, { latitude_i: '<unpaired>' })
  t.match(drafted({ latitude_i: 321010, longitude_i: unset }).data, { latitude_i: '<unpaired>', longitude_i: '<unpaired>' })
  t.match(drafted({ latitude_i: '321010', longitude_i: 'x' }).data, { latitude_i: '<unpaired>', longitude_i: '<type-mismatch>' })
})
