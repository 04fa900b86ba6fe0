/** Drift: what is remembered of fields that no report type lists, and what is suggested for them. */

import t, { type Test } from 'tap'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt from 'mqtt'
import { classify } from '../../src/classify/classify.js'
import { firmwareTexts, unclassifiedPaths } from '../../src/classify/walk.js'
import { DriftBook, type DriftField } from '../../src/drift/drift-book.js'
import { FirmwareMemory, spellFirmware } from '../../src/drift/firmware.js'
import { addToFields } from '../../src/drift/patch.js'
import { Suggester } from '../../src/drift/suggest.js'
import { suggestionsByReport, withSuggestions } from '../../src/drift/suggestions.js'
import type { Json } from '../../src/model/json.js'
import type { UnclassifiedLeaves } from '../../src/model/judged.js'
import { compileSources } from '../../src/policy/compile.js'
import { loadConfiguration } from '../../src/policy/load.js'
import { startGateway, type RunningGateway } from '../../src/start-gateway.js'
import { openStore, type Store } from '../../src/store/store.js'
import { configurationOf, SOURCES } from '../fixtures/policy.js'
import { cli, json } from '../cli/run-cli.js'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 10, 27)
const ADDRESS = { host: '127.0.0.1', port: 0 }
const MAC = '50:C7:BF:0D:91:8C'
/** In no file of the configuration, which the store holds. */
const OTHER = '50:C7:BF:6E:17:D3'

const configuration = configurationOf()

function reportOf (json: Json, device = 'D') {
  const type = configuration.policy.reports.get('motion')
  if (type === undefined) throw new TypeError('no motion report')
  return classify(json, type, { account: 'A', device, receivedMs: 0 })
}

function pathsOf (json: Json): Map<string, UnclassifiedLeaves> {
  return unclassifiedPaths(reportOf(json).root, configuration.policy.nameDictionary)
}

function storeOf (t: Test, folder = join(t.testdir(), 'data')): Store {
  const store = openStore(folder)
  t.teardown(async () => await store.close())
  return store
}

t.test('book: fields of several reports -> counts, first and last time, forms, firmware; the same after it is opened again', async t => {
  const store = storeOf(t)
  const book = new DriftBook(store, NOW)
  t.strictSame(book.see('motion', pathsOf({ battery: 80, Emma: 1, tags: { [MAC]: {} } }), undefined, NOW), ['battery', '*'])
  t.strictSame(book.see('motion', pathsOf({ battery: 'full' }), '1.5.6', NOW + 5), [])
  t.strictSame(book.see('partner', pathsOf({ extra: { id: [1, 2] } }), undefined, NOW), ['*.id[]'])
  const expected = [
    { report: 'motion', path: '*', count: 1, firstMs: NOW, lastMs: NOW, forms: ['integer'], firmware: [] },
    { report: 'motion', path: 'battery', count: 2, firstMs: NOW, lastMs: NOW + 5, forms: ['integer', 'text'], firmware: ['1.5.6'] },
    { report: 'partner', path: '*.id[]', count: 2, firstMs: NOW, lastMs: NOW, forms: ['integer'], firmware: [] }
  ]
  t.strictSame(book.list(), expected)
  await book.flush()
  t.strictSame(new DriftBook(store, NOW).list(), expected)
  t.strictSame(new DriftBook(store, NOW + 91 * DAY_MS).list(), [], 'what was not seen for long is forgotten')
})

t.test('book: more paths than it holds -> the one not seen for longest gives way, in the store too', async t => {
  const store = storeOf(t)
  const book = new DriftBook(store, NOW)
  const leaves = (path: string): Map<string, UnclassifiedLeaves> => new Map([[path, { count: 1, forms: new Set(['text'] as const) }]])
  for (let i = 0; i < 500; i++) {
    book.see('motion', leaves(`level[]${'[]'.repeat(i % 60)}.${'id.'.repeat(Math.floor(i / 60))}id`), undefined, NOW + i)
    book.see('motion', leaves('battery'), undefined, NOW + i)
    if (i % 50 === 0) await book.flush()
  }
  book.see('motion', leaves('id.'.repeat(200)), undefined, NOW)
  await book.flush()
  t.equal(book.list().length, 200)
  t.match(book.list().find(({ path }) => path === 'battery'), { count: 500 })
  t.ok(book.list().some(({ path }) => path === '*'), 'a path beyond all measure is *')
  t.strictSame(new DriftBook(store, NOW).list(), book.list())
  for (let i = 0; i < 20; i++) book.see('motion', leaves('battery'), `1.0.${i}`, NOW)
  t.strictSame(book.list().find(({ path }) => path === 'battery')?.firmware, [12, 13, 14, 15, 16, 17, 18, 19].map(i => `1.0.${i}`))
})

t.test('book: the store takes nothing -> told, and written the next time', async t => {
  const store = storeOf(t)
  let full = true
  const refusing: Store = { ...store, transaction: async writes => { if (full) throw new Error('full'); return await store.transaction(writes) } }
  const book = new DriftBook(refusing, NOW)
  book.see('motion', pathsOf({ battery: 80 }), undefined, NOW)
  await t.rejects(book.flush(), { message: 'full' })
  full = false
  await book.flush()
  t.equal(new DriftBook(store, NOW).list().length, 1)
})

t.test('firmware: what a device runs -> its numbers and day alone, from the last report that told', async t => {
  const rows: [string, string | undefined][] = [
    ['1.5.6 Build 191125 Rel.083657', '1.5.6 Build 191125'], ['1.4.3 Build 251128 Rel.63757n', '1.4.3 Build 251128'], ['1.5.6', '1.5.6'], ['1.5.6 Build 999999', '1.5.6'],
    ['192.168.1.23', undefined], ['1.5.6.7', undefined], ['50:C7:BF:0D:91:8C', undefined], ['50C7BF0D918C', undefined], ['1.5.6 Emma', undefined], ['1.5.6 Build 191125 Rel.083657 of Emma', undefined], ['', undefined], ['1.5.6\n', undefined]
  ]
  for (const [text, spelled] of rows) t.equal(spellFirmware(text), spelled, text)
  const memory = new FirmwareMemory()
  const seen = (json: Json, device = 'D'): string | undefined => memory.of(device, [...firmwareTexts(reportOf(json, device).root)])
  t.equal(seen({ battery: 1 }), undefined)
  t.equal(seen({ sw_ver: '1.5.6 Build 191125 Rel.083657' }), '1.5.6 Build 191125')
  t.equal(seen({ battery: 1 }), '1.5.6 Build 191125')
  t.equal(seen({ sw_ver: MAC }), '1.5.6 Build 191125')
  t.equal(seen({ battery: 1 }, 'another'), undefined)
})

t.test('suggestions: name and form of a field -> what a report file could say of it', async t => {
  const loaded = await loadConfiguration('config')
  if ('problems' in loaded) throw new Error('the shipped configuration is broken')
  const suggester = new Suggester(loaded.policy)
  const rows: [string, string, DriftField['forms'], object | undefined][] = [
    ['motion', 'ap_list[].bssid', ['text'], { category: 'network.mac' }],
    ['motion', 'wifi.ssid', ['base64'], { category: 'network.ssid', encoding: 'base64' }],
    ['motion', 'wifi.ssid', ['base64', 'text'], { category: 'network.ssid' }],
    ['motion', 'alias', ['base64'], { category: 'device.name' }],
    ['motion', 'trigger_timestamp', ['epoch-milliseconds', 'null'], { category: 'time.event', format: 'epoch-milliseconds' }],
    ['motion', 'last_alarm_time', ['epoch-seconds'], { category: 'time.event', format: 'epoch-seconds' }],
    ['motion', 'local_time', ['local-time'], { category: 'time.event', format: 'local' }],
    ['motion', 'local_time', ['text'], undefined],
    ['motion', 'latitude', ['integer'], { category: 'location.geo', axis: 'latitude', scale: 0.0001, unset: -1879048193 }],
    ['motion', 'latitude', ['numeric-text'], { category: 'location.geo', axis: 'latitude' }],
    ['motion', 'longitude_i', ['integer'], { category: 'location.geo', axis: 'longitude', scale: 0.0001, unset: -1879048193 }],
    ['motion', 'power_mw', ['integer'], { category: 'energy.power', scale: 0.001 }],
    ['motion', 'power', ['text'], undefined],
    ['motion', 'children[].id', ['text'], { category: 'device.id' }],
    ['motion', 'logs[].id', ['integer'], { category: 'event.id' }],
    ['motion', 'area_list[].name', ['base64'], { category: 'location.name', encoding: 'base64' }],
    ['motion', 'get_schedule_rules.rule_list[].smin', ['integer'], { category: 'schedule.rule' }],
    ['motion', 'event', ['text'], { category: 'sensor.motion' }],
    ['door-contact', 'event', ['text'], { category: 'sensor.contact' }],
    ['motion', '*.bssid', ['text'], undefined],
    ['motion', 'bssid.*', ['text'], undefined],
    ['motion', 'id', ['text'], undefined],
    ['motion', 'constructor', ['text'], undefined],
    ['motion', 'mfi_setup', ['text'], { category: 'credential.pairing' }],
    ['motion', '"smartlife.iot.LAS".get_config.devs[].dark_index', ['integer'], { category: 'usage.settings' }]
  ]
  for (const [report, path, forms, expected] of rows) t.strictSame(suggester.suggest({ report, path, forms }), expected, `${path} ${String(forms)}`)
  t.ok(suggester.isListed({ report: 'motion', path: 'device_id' }))
  t.notOk(suggester.isListed({ report: 'motion', path: 'bssid' }))
})

const seen = (path: string, forms: DriftField['forms'], report = 'motion'): DriftField => ({ report, path, count: 3, firstMs: NOW, lastMs: NOW + DAY_MS, forms, firmware: ['1.5.6'] })

t.test('suggestions: together -> a patch that the patch tool takes, and a configuration that passes the check', async t => {
  const folder = t.testdir()
  cpSync('config', folder, { recursive: true })
  const loaded = await loadConfiguration(folder)
  if ('problems' in loaded) throw new Error('the shipped configuration is broken')
  const fields = withSuggestions([seen('neighbors[].bssid', ['text']), seen('extra.latitude', ['integer']), seen('extra.longitude', ['integer']), seen('device_id', ['text']), seen('*', ['text']), seen('relay_state', ['integer'], 'leak')], loaded)
  t.strictSame(fields.map(({ path, suggestion }) => [path, suggestion?.category]), [['neighbors[].bssid', 'network.mac'], ['extra.latitude', 'location.geo'], ['extra.longitude', 'location.geo'], ['*', undefined], ['relay_state', 'usage.state']])
  const suggestions = suggestionsByReport(fields, loaded)
  t.strictSame(suggestions.map(({ file, paths }) => [file, paths.length]), [['reports/leak.yaml', 1], ['reports/motion.yaml', 3]])
  writeFileSync(join(folder, '../all.patch'), suggestions.map(({ patch }) => patch).join(''))
  if (spawnSync('patch', ['--version']).error !== undefined) return t.comment('no patch tool')
  t.match(execFileSync('patch', ['-p1', '-d', folder, '-i', join(folder, '../all.patch')], { encoding: 'utf8' }), /patching file/)
  const patched = await loadConfiguration(folder)
  if ('problems' in patched) throw new Error(patched.problems.map(({ message }) => message).join())
  t.strictSame(patched.policy.reports.get('motion')?.fields.slice(-3).map(({ path, category, scale }) => [path, category.name, scale]), [['neighbors[].bssid', 'network.mac', 1], ['extra.latitude', 'location.geo', 0.0001], ['extra.longitude', 'location.geo', 0.0001]])
  t.match(readFileSync(join(folder, 'reports/motion.yaml'), 'utf8'), /neighbors\[\]\.bssid: network\.mac {2}# 3 seen, 2026-11-27 to 2026-11-28; text; firmware 1\.5\.6\n/)
  t.strictSame(withSuggestions(fields, patched).map(({ path }) => path), ['*'], 'what is listed is drift no more')
})

t.test('suggestions: one that may not stand in its file -> left out, and the rest is suggested', async t => {
  // half a place, and a name beside a key placeholder
  const fields = withSuggestions([seen('latitude', ['integer']), seen('extra.bssid', ['text'])], configuration)
  const [one] = suggestionsByReport(fields, configuration)
  t.strictSame(one?.paths, ['extra.bssid'])
  t.strictSame(suggestionsByReport(withSuggestions([seen('children.sum.bssid', ['text'])], configuration), configuration), [])
})

t.test('patch: report files in many shapes -> the lines are added to the fields, everything else stays', async t => {
  const head = 'report: motion\ntopic: kasa/{account}/{device}/motion\n'
  const taken = ['fields:\n  a: device.id\n', 'fields:\n  a: device.id # id\n\n  # more\n  b: { category: device.name }\n# end\n', 'fields:\n    a:\n      category: device.id\nabout: x\n', '# c\nfields:\n  a: >-\n    device.id\n', 'fields:\n  "a": "device.id"\nabout: |\n  x\n']
  for (const fields of taken) {
    const patched = addToFields('reports/motion.yaml', head + fields, ['battery: device.model'])
    const compiled = compileSources(new Map([...Object.entries(SOURCES), ['reports/motion.yaml', patched?.text ?? ''], ...Object.keys(SOURCES).filter(file => /recipients|partner/.test(file)).map(file => [file, SOURCES[file] ?? ''] as [string, string])]))
    t.ok('policy' in compiled && compiled.policy.reports.get('motion')?.root.exact.has('battery'), fields)
    t.equal((patched?.text ?? '').replace(/^ *battery: device\.model\n/m, ''), head + fields)
    t.match(patched?.patch, /^\+ +battery: device\.model$/m)
  }
  for (const fields of ['fields: { a: device.id }\n', 'fields: {}\n', 'fields:\n  a: device.id']) t.equal(addToFields('f', head + fields, ['b: c']), undefined, fields)
})

async function device (t: Test, running: RunningGateway) {
  const { core } = running.gateway
  await core.registry.accounts.add({ account: 'home-1', regime: 'opt-out' }, { source: 'test', actor: 'ops' })
  const { password = '' } = await core.registry.devices.add({ account: 'home-1', device: 'plug-1' })
  const client = await mqtt.connectAsync(running.mqttUrl, { username: 'plug-1', password, reconnectPeriod: 0 })
  t.teardown(() => client.end(true))
  return client
}

t.test('a running gateway: devices send what nobody listed -> API, command and metrics tell it; no value, name or address of it reaches the disk', async t => {
  const data = join(t.testdir(), 'data')
  const running = await startGateway({ config: 'config', data, mqtt: ADDRESS, http: ADDRESS })
  let open = true
  const close = async (): Promise<void> => { if (open) { open = false; await running.close() } }
  t.teardown(close)
  const K = ['--config', 'config', '--data', data]
  t.match(await cli(['fields', 'list', ...K]), { code: 0, out: 'every field that was seen is listed\n' })
  const client = await device(t, running)
  const planted = { sw_ver: `1.5.6 Build 191125 Rel.canary${OTHER}`, wifi: { bssid: 'canary-value', 'canary-name': 1, [OTHER]: 'x' }, connect_ssid: Buffer.from('canary home').toString('base64') }
  await client.publishAsync('kasa/home-1/plug-1/firmware', JSON.stringify({ fw_ver: '1.5.6 Build 191125 Rel.071829' }), { qos: 1 })
  for (let i = 0; i < 3; i++) await client.publishAsync('kasa/home-1/plug-1/motion', JSON.stringify({ event: 'motion', ...planted }), { qos: 1 })
  await client.endAsync()
  const { fields } = json<{ fields: DriftField[] }>(await cli(['fields', 'list', '--report', 'motion', '--json', ...K]))
  t.match(fields.map(({ path, count, forms }) => [path, count, forms]), [['*.*', 6, ['integer', 'text']], ['*.bssid', 3, ['text']], ['connect_ssid', 3, ['base64']]])
  t.match(fields[2], { suggestion: { category: 'network.ssid', encoding: 'base64', yaml: 'connect_ssid: { category: network.ssid, encoding: base64 }' } })
  t.match((await cli(['fields', 'list', ...K])).out, /motion +connect_ssid +3 +\d{4}-\d\d-\d\d +\d{4}-\d\d-\d\d +base64/)
  const ask = async (path: string) => await (await fetch(running.httpUrl + path, { headers: { authorization: `Bearer ${readFileSync(join(data, 'ops.token'), 'utf8').trim()}` } })).json() as { fields: DriftField[], next?: string }
  const first = await ask('/v1/fields?report=motion&limit=1')
  t.match(first, { fields: [{ path: '*.*' }], next: 'motion *.*' })
  t.match((await ask(`/v1/fields?report=motion&limit=5&after=${encodeURIComponent(first.next ?? '')}`)).fields.map(({ path }) => path), ['*.bssid', 'connect_ssid'])
  t.match(await (await fetch(`${running.httpUrl}/metrics`)).text(), /curtilage_new_fields_total\{report="motion"\} 3\n[^]*curtilage_new_fields_total\{report="leak"\} 0|curtilage_new_fields_total\{report="leak"\} 0\n[^]*curtilage_new_fields_total\{report="motion"\} 3\n/)

  const patch = await cli(['fields', 'suggest', ...K])
  t.match(patch, { code: 0, out: /^--- a\/reports\/motion\.yaml\n\+\+\+ b\/reports\/motion\.yaml\n@@[^]*\n\+ {2}connect_ssid: \{ category: network\.ssid, encoding: base64 \} {2}# 3 seen/ })
  const file = join(t.testdirName, 'review.patch')
  t.equal((await cli(['fields', 'suggest', '--write', file, ...K])).code, 0)
  t.equal(readFileSync(file, 'utf8'), patch.out)
  t.match(await cli(['fields', 'suggest', '--write', file, ...K]), { code: 2, err: /is there already/ })
  await close()

  // without a gateway the store tells it
  t.match(json<{ fields: DriftField[] }>(await cli(['fields', 'list', '--report', 'motion', '--json', ...K])).fields.map(({ path, count, firmware }) => [path, count, firmware]), [['*.*', 6, ['1.5.6 Build 191125']], ['*.bssid', 3, ['1.5.6 Build 191125']], ['connect_ssid', 3, ['1.5.6 Build 191125']]])
  const bytes = readdirSync(data, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter(entry => entry.isFile()).map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('')
  t.ok(bytes.includes('drift.fields'))
  for (const secret of ['canary', OTHER, Buffer.from('canary home').toString('base64')]) t.notOk(bytes.includes(secret), secret)
  t.ok(existsSync(file))
})
