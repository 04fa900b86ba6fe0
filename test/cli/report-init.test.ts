/** `curtilage report init`: report files from samples. */

import t from 'tap'
import fc from 'fast-check'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { reportFile } from '../../src/drift/report-file.js'
import { sampleShape } from '../../src/drift/sample-shape.js'
import type { Json } from '../../src/model/json.js'
import { loadConfiguration } from '../../src/policy/load.js'
import { configurationOf } from '../fixtures/policy.js'
import { cli, copyOfConfig, json } from './run-cli.js'

const RUNS = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 100))
const TOPIC = 'kasa/{account}/{device}/made'

t.test('shape: samples -> paths with forms; keys that are no names are * or a placeholder', async t => {
  const rows: [Json[], [string, string[], number][]][] = [
    [[{ a: 1, b: [{ c: 'x' }, { c: null }] }, { a: 1.5 }], [['a', ['integer', 'decimal'], 2], ['b[].c', ['text', 'null'], 1]]],
    [[{ tags: { 'E3:75:14:AA:BB:CC': { rssi: -60 }, 'E3:75:14:AA:BB:CD': { rssi: -61 } } }], [['tags.*.rssi', ['integer'], 1]]],
    [[{ children: { '8012E4C1AAAABBBBCCCCDDDDEEEEFFFF00001111': { power: 1 } } }], [['children.{device.id}.power', ['integer'], 1]]],
    [[{ "Emma's lamp": 1, kitchen: 2 }], [['*', ['integer'], 1]]],
    [[{ 'smartlife.iot.LAS': { get_config: { ver: '1.0' } } }], [['"smartlife.iot.LAS".get_config.ver', ['numeric-text'], 1]]],
    [[{ rooms: { 17: 'a' }, mac_50C7BF0D918C: 1 }], [['*', ['integer'], 1], ['*.*', ['text'], 1]]],
    [[[1, [2]], 'x'], [['', ['text'], 1], ['[]', ['integer'], 1], ['[][]', ['integer'], 1]]],
    [[{ feedback: 1, past24h_temp: [1] }], [['feedback', ['integer'], 1], ['past24h_temp[]', ['integer'], 1]]],
    [[{}], []]
  ]
  for (const [samples, expected] of rows) t.strictSame(sampleShape(samples).map(({ path, forms, samples }) => [path, forms, samples]), expected, JSON.stringify(samples))
})

t.test('report file: what the names say -> fields; all else -> comments; it compiles', async t => {
  const loaded = await loadConfiguration('config')
  if ('problems' in loaded) throw new Error('the shipped configuration is broken')
  const samples: Json[] = [
    { event: 'ding', timestamp: 1767608430123, nickname: 'SGFsbCBkb29y', ssid: 'Home', latitude: 321010, longitude: -965000, lat: 1.5, mac: '50:C7:BF:0D:91:8C', nested: { list: [{ sw_ver: '1.5.6 Build 191125 Rel.083657', strange: true }] } },
    { timestamp: 1767608430124, nickname: 'SGFsbA==', latitude: -1879048193, longitude: -1879048193 }
  ]
  const made = reportFile('door-button', 'kasa/{account}/{device}/door-button', sampleShape(samples), samples.length, loaded)
  t.match(made, { known: 6, unknown: 4 }, 'half a coordinate sends all coordinates to the comments')
  const whole = reportFile('door-button', 'kasa/{account}/{device}/door-button', sampleShape(samples).filter(({ path }) => path !== 'lat'), samples.length, loaded)
  t.strictSame('yaml' in whole && whole.yaml, `# yaml-language-server: $schema=../schema/report.schema.json
#
# Made from 2 samples by names alone. Review each line: what is listed leaves where a recipient allows its category.

report: door-button
topic: kasa/{account}/{device}/door-button

fields:
  event: sensor.contact
  timestamp: { category: time.event, format: epoch-milliseconds }
  nickname: { category: device.name, encoding: base64 }
  ssid: network.ssid
  latitude: { category: location.geo, axis: latitude, scale: 0.0001, unset: -1879048193 }
  longitude: { category: location.geo, axis: longitude, scale: 0.0001, unset: -1879048193 }
  mac: network.mac
  nested.list[].sw_ver: device.firmware

  # Not listed, so none of these leaves. Give each a category that fits, or take the line away.
  # nested.list[].strange: boolean, in 1 of 2 samples
`)
  t.match(reportFile('x', 'kasa/{account}/{device}/motion', [], 1, loaded), { problems: [{}] })
})

t.test('report file: any samples -> compiles beside what there is, and holds no value and no key that is none', async () => {
  const configuration = configurationOf()
  const name = fc.constantFrom('mac', 'alias', 'latitude', 'timestamp', 'id', 'children', 'logs', 'power', 'strange', 'nickname', 'a.b', 'ssid')
  const { json: any } = fc.letrec<{ json: Json }>(tie => ({
    json: fc.oneof({ depthSize: 'small' }, fc.constantFrom<Json>('zq-canary', 'enFfY2FuYXJ5', 7770777, 1767608430, true, null), fc.array(tie('json'), { maxLength: 3 }), fc.dictionary(fc.oneof({ weight: 5, arbitrary: name }, fc.constantFrom('zq canary', 'zq\ncanary: x', '77:70:77:70:77:70', '777077707770', '{device.id}', '*')), tie('json'), { maxKeys: 4 }))
  }))
  fc.assert(fc.property(fc.array(any, { minLength: 1, maxLength: 3 }), samples => {
    const made = reportFile('made', TOPIC, sampleShape(samples), samples.length, configuration)
    return 'yaml' in made && !/canary|enFf|777|1767608430/.test(made.yaml)
  }), { numRuns: RUNS })
})

t.test('the command: every sample of the simulators -> a file that passes the check, with no value of it', async t => {
  const config = copyOfConfig(t)
  const folder = 'simulators/samples'
  const files = readdirSync(folder).filter(file => file.endsWith('.json')).map(file => join(folder, file))
  t.ok(files.length > 20)
  const loaded = await loadConfiguration(config)
  if ('problems' in loaded) throw new Error('the shipped configuration is broken')
  for (const [i, file] of files.entries()) {
    const sample = JSON.parse(readFileSync(file, 'utf8')) as Json
    const made = reportFile(`made-${i}`, `kasa/{account}/{device}/made-${i}`, sampleShape([sample]), 1, loaded)
    if (!('yaml' in made)) throw new Error(`${file}: ${made.problems[0]?.message}`)
    writeFileSync(join(config, `reports/made-${i}.yaml`), made.yaml)
    for (const value of longTexts(sample)) t.notOk(made.yaml.includes(value), `${file} tells nothing`)
  }
  t.match(await cli(['check', '--config', config]), { code: 0 })
})

t.test('the command: files, lines and standard input -> a report file; what is wrong is told without a word of it', async t => {
  const config = copyOfConfig(t)
  const folder = t.testdirName
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const lines = file('Door Bell.ndjson', '{"pressed_at":1,"mac":"50:C7:BF:0D:91:8C"}\n\n{"alias":"canary"}\r\n')
  const target = join(config, 'reports/door-bell.yaml')
  t.match(await cli(['report', 'init', lines, '--write', target, '--config', config]), { code: 0, out: '', err: `2 samples: 2 fields known by their names, 1 to look at, in ${target}\n` })
  t.match(readFileSync(target, 'utf8'), /^report: door-bell\ntopic: kasa\/\{account\}\/\{device\}\/door-bell\n\nfields:\n {2}mac: network\.mac\n {2}alias: device\.name\n[^]*# pressed_at: integer, in 1 of 2 samples\n$/m)
  t.match(await cli(['check', '--config', config]), { code: 0 })
  t.match(json(await cli(['report', 'init', '-', '--name', 'other', '--topic', 'a/b', '--json', '--config', config], { input: '{"strange":1}' })), { report: 'other', known: 0, unknown: 1, yaml: /device\}\/a\/b\n\nfields: \{\}\n/ })
  const wrong: [string[], string, RegExp][] = [
    [[lines], '', /'door-bell' is there already/],
    [['-'], '{}', /--name/],
    [['-', '--name', 'Other'], '{}', /is not a name/],
    [['-', '--name', 'other'], '', /cannot be read: not-json/],
    [['-', '--name', 'other'], '{"canary":1,"canary":2}', /duplicate-key/],
    [['-', '--name', 'other'], '{"a":1}\n{canary\n', /line 2 cannot be read: not-json/],
    [['-', '--name', 'other', '--topic', 'cmd/x'], '{}', /topic/],
    [[file('50C7BF0D918C.json', '{}')], '', /--name/],
    [['-', '--name', 'other', '--write', target], '{}', /already/]
  ]
  for (const [args, input, message] of wrong) {
    const ran = await cli(['report', 'init', ...args, '--config', config], { input })
    t.match(ran, { code: 2, out: '', err: message }, args.join(' '))
    t.notMatch(ran.err, 'canary')
  }
})

function longTexts (json: Json): string[] {
  if (typeof json === 'string') return json.length > 7 && !/^[a-z_]+$/.test(json) ? [json] : []
  return typeof json === 'object' && json !== null ? Object.values(json).flatMap(longTexts) : []
}
