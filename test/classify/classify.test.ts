import t from 'tap'
import fc from 'fast-check'
import { decode } from '../../src/classify/decode.js'
import { classify } from '../../src/classify/classify.js'
import { fit } from '../../src/classify/fit.js'
import { readNumericText } from '../../src/classify/numeric-text.js'
import { readTime, spellTime } from '../../src/classify/time-value.js'
import { Quarantine } from '../../src/classify/quarantine.js'
import { ownAddresses, rawScalars, spellSegment, unclassifiedPaths } from '../../src/classify/walk.js'
import { valueForm } from '../../src/classify/value-form.js'
import { parsePath } from '../../src/policy/path.js'
import { configurationOf } from '../fixtures/policy.js'
import type { Json, Scalar } from '../../src/model/json.js'
import type { ReportNode } from '../../src/model/report.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const { policy } = configurationOf()
const motion = policy.reports.get('motion') ?? t.bailout('no motion report')

function report (json: Json) {
  if (motion === undefined) throw new TypeError('no motion report')
  return classify(json, motion, { account: 'A', device: 'D', receivedMs: 0 })
}

/** Classified leaves as `path category`, unclassified ones as `?`. */
function leaves (node: ReportNode): string[] {
  if (node.kind === 'leaf') return [node.field === undefined ? '?' : `${node.field.path} ${node.field.category.name}${node.fits ? '' : ' !'}`]
  if (node.kind === 'array') return node.items.flatMap(leaves)
  return node.entries.flatMap(({ keyField, keyFits, node }) => [...(keyField === undefined ? [] : [`key ${keyField.path}${keyFits ? '' : ' !'}`]), ...leaves(node)])
}

t.test('decode: what is not strict JSON -> a reason, never a throw', async t => {
  const bytes = (text: string): Uint8Array => Buffer.from(text)
  const rows: [string, Uint8Array, string][] = [
    ['cut off', bytes('{"a":1'), 'not-json'],
    ['empty', bytes(''), 'not-json'],
    ['byte order mark', bytes('\ufeff{}'), 'not-json'],
    ['single quotes', bytes("{'a':1}"), 'not-json'],
    ['NaN', bytes('{"a":NaN}'), 'not-json'],
    ['two values', bytes('{}{}'), 'not-json'],
    ['invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'invalid-utf8'],
    ['overlong UTF-8', Uint8Array.of(0x22, 0xc0, 0x80, 0x22), 'invalid-utf8'],
    ['surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'invalid-utf8'],
    ['duplicate keys', bytes('{"a":1,"a":2}'), 'duplicate-key'],
    ['duplicate keys, one escaped', bytes('{"a":1,"\\u0061":2}'), 'duplicate-key'],
    ['duplicate keys deep inside', bytes('[{"x":{"b":[],"b":0}}]'), 'duplicate-key'],
    ['65 levels', bytes('['.repeat(65) + ']'.repeat(65)), 'too-deep'],
    ['10,000 levels', bytes('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)), 'too-deep'],
    ['too large', bytes('"' + 'x'.repeat(1000) + '"'), 'too-large']
  ]
  for (const [name, payload, reason] of rows) t.match(decode(payload, 200_000 * Number(reason !== 'too-large') + 900), { ok: false, reason }, name)
  for (const text of ['{}', '[1,{"a":{"a":1}},{"a":2}]', '"x"', 'null', '['.repeat(64) + ']'.repeat(64), '{"a\\"":1,"a":2}', '{"":{"":1}}', '{"__proto__":1}']) {
    t.match(decode(bytes(text), 900), { ok: true }, text.slice(0, 20))
  }
})

t.test('decode: any JSON -> what JSON.parse gives; any bytes -> no throw', async () => {
  fc.assert(fc.property(fc.json({ maxDepth: 8 }), text => {
    const decoded = decode(Buffer.from(text), 1e6)
    return decoded.ok && JSON.stringify(decoded.json) === JSON.stringify(JSON.parse(text))
  }), { numRuns: RUNS })
  fc.assert(fc.property(fc.uint8Array(), payload => typeof decode(payload, 1e6).ok === 'boolean'), { numRuns: RUNS })
})

t.test('decode: a key twice in one object, anywhere, in any spelling -> refused', async () => {
  const escaped = (key: string): string => `"${key.split('').map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.json(), fc.json(), fc.nat(5), (key, a, b, depth) => {
    const text = '['.repeat(depth) + `{${JSON.stringify(key)}:${a},${escaped(key)}:${b}}` + ']'.repeat(depth)
    const decoded = decode(Buffer.from(text), 1e6)
    return !decoded.ok && decoded.reason === 'duplicate-key'
  }), { numRuns: RUNS })
})

t.test('classify: paths -> the fields listed, and nothing else', async t => {
  const rows: [Json, string[]][] = [
    [{ event: 'motion', extra: 1 }, ['event sensor.motion', '?']],
    [{ event: { nested: 1 } }, ['?']],
    [{ event: ['motion'] }, ['?']],
    [{ event: null }, ['event sensor.motion !']],
    [{ event: 1 }, ['event sensor.motion !']],
    [{ readings: [1, 'x', [2]] }, ['readings[] energy.power', 'readings[] energy.power !', '?']],
    [{ outlets: [{ power: 1, other: 2 }, 3] }, ['outlets[].power energy.power', '?', '?']],
    [{ children: { 801: { power: 1, x: 2 } } }, ['key children.{device.id}', 'children.{device.id}.power energy.power', '?']],
    [{ any: { thing: { power: 5 } } }, ['any.*.power energy.power']],
    [{ 'a.b': { c: 'x' }, a: { b: { c: 'x' } } }, ['"a.b".c device.model', '?']],
    [JSON.parse('{"__proto__":{"model":"x"},"constructor":{"name":"y"}}') as Json, ['__proto__.model device.model', '?']],
    ['scalar', ['?']],
    [[{ event: 'motion' }], ['?']]
  ]
  for (const [json, expected] of rows) t.same(leaves(report(json).root), expected, JSON.stringify(json))
})

t.test('fit: values -> those of the category\'s type', async t => {
  const fieldOf = (path: string) => motion?.fields.find(field => field.path === path)
  const rows: [string, Json, unknown][] = [
    ['nickname', 'RW1tYSdzIGxhbXA=', 'Emma\'s lamp'], ['nickname', 'not base64!', undefined], ['nickname', '/////w==', undefined], ['nickname', 5, undefined], ['nickname', '', ''],
    ['timestamp', 1735996775, 1735996775], ['timestamp', '1735996775', '1735996775'], ['timestamp', 'today', undefined], ['timestamp', 1e300, undefined],
    ['when', '2026-01-05T10:20:30Z', '2026-01-05T10:20:30Z'], ['when', '2026-13-05T10:20:30Z', undefined],
    ['local_time', '2026-01-05 10:20:30', '2026-01-05 10:20:30'],
    ['power', 1.5, 1.5], ['power', '1.5', '1.5'], ['power', '1.5 W', '1.5 W'], ['power', true, undefined], ['power', 1e300, undefined], ['power', '50:C7', undefined],
    ['size', '63862177792B', '63862177792B'], ['size', '50C7BF0D918C', undefined],
    ['latitude_i', 321010, 321010], ['latitude_i', 900001, undefined], ['latitude_i', -1879048193, -1879048193], ['latitude_i', '321010', '321010'],
    ['event', true, true], ['event', 'motion', 'motion']
  ]
  for (const [path, value, expected] of rows) {
    const field = fieldOf(path)
    t.equal(field === undefined ? 'no field' : fit(value as string, field), expected, `${path} ${JSON.stringify(value)}`)
  }
})

t.test('numeric text and times: read and spelled again -> the same', async t => {
  t.same(readNumericText('63862177792B'), { value: 63862177792, suffix: 'B' })
  for (const text of ['', '1e5', '0x10', '1.', '.5', '--1', '1 2', '12345678901234567', 'B']) t.equal(readNumericText(text), undefined, text)
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e9 }), fc.constantFrom('epoch-seconds' as const, 'iso' as const, 'local' as const), (seconds, format) => {
    const spelled = spellTime(seconds * 1000, format, format === 'local' ? '2026-01-05 10:20:30' : 0)
    return readTime(spelled, format) === seconds * 1000
  }), { numRuns: RUNS })
})

t.test('shown paths: unclassified fields -> words of the dictionary, * for all else', async t => {
  const { root } = report({ power: { Emma: 1 }, ap_list: [{ '50:C7:BF:0D:91:8C': 1, rssi2: 1.5 }, { bssid: 'x', secret: 'y' }], 'a.b': { d: true, c: { model: null } } })
  t.same(Object.fromEntries(unclassifiedPaths(root, policy.nameDictionary)), {
    'power.*': { count: 1, forms: new Set(['integer']) },
    'ap_list[].*': { count: 3, forms: new Set(['integer', 'decimal', 'text']) },
    '"a.b".*': { count: 1, forms: new Set(['boolean']) },
    '"a.b".c.model': { count: 1, forms: new Set(['null']) }
  })
})

t.test('shown paths: any key -> reads as that key when the path is parsed', async () => {
  fc.assert(fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), key => {
    const parsed = parsePath(spellSegment(key))
    return 'segments' in parsed && JSON.stringify(parsed.segments) === JSON.stringify([{ kind: 'key', name: key }])
  }), { numRuns: RUNS })
})

t.test('value forms: what a value looks like -> one of a few words', async t => {
  const rows: [Scalar, string][] = [
    [null, 'null'], [true, 'boolean'], [7, 'integer'], [-64.5, 'decimal'], [1735996775, 'epoch-seconds'], ['1735996775', 'epoch-seconds'], [1735996775123, 'epoch-milliseconds'],
    ['63862177792B', 'numeric-text'], ['-88.5380', 'numeric-text'], ['2026-01-05T10:20:30Z', 'iso-time'], ['2026-01-05 10:20:30', 'local-time'],
    ['SG9tZQ==', 'base64'], ['RW1tYSdzIGxhbXA=', 'base64'], ['Home', 'text'], ['test', 'text'], ['IOT.SMARTPLUGSWITCH', 'text'], ['', 'text'], ['SG9tZQ', 'text'], ['AAAA', 'text'], [-1879048193, 'integer']
  ]
  for (const [value, form] of rows) t.equal(valueForm(value), form, String(value))
})

t.test('raw scalars: keys, texts and numbers, classified or not -> all of them', async t => {
  const found = [...rawScalars(report({ a: [1, 'two', { three: true }], size: '63862177792B' }).root)]
  t.same(found.map(({ text }) => text), ['a', '1', 'two', 'three', 'size', '63862177792B'])
  t.same(found.map(({ numeric }) => numeric), [false, true, false, false, false, true])
})

t.test('own addresses: beside a device id -> the device\'s own; a neighbor\'s -> not', async t => {
  const { root } = report({ device_id: 'D', ip: 'an address', ap_list: [{ bssid: 'a neighbor' }] })
  t.same([...ownAddresses(root)], ['an address'])
})

t.test('quarantine: a payload -> reason, size and a fingerprint that changes with the day', async t => {
  let drawn = 0
  const quarantine = new Quarantine(count => new Uint8Array(count).fill(drawn++))
  const day = 86_400_000
  for (const at of [0, day - 1, day]) quarantine.put(Buffer.from('canary'), 'not-json', 'motion', at)
  const [today, before, first] = quarantine.list()
  t.equal(before?.fingerprint, first?.fingerprint)
  t.not(today?.fingerprint, before?.fingerprint)
  t.notMatch(JSON.stringify(quarantine.list()), /canary/)
  t.match(first?.fingerprint, /^[g-z]+$/)
})
