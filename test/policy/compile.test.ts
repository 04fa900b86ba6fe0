import fc from 'fast-check'
import t from 'tap'
import { classify } from '../../src/classify/classify.js'
import type { Json } from '../../src/model/json.js'
import type { CompiledField, CompiledReport } from '../../src/model/policy.js'
import type { ReportNode } from '../../src/model/report.js'
import { matrix } from '../../src/policy/matrix.js'
import { parsePath, type Segment } from '../../src/policy/path.js'
import { spellTransform } from '../../src/policy/transform-spelling.js'
import { parseDistance, parseDuration, parseSize, spellDuration } from '../../src/policy/units.js'
import { compiled, GOOD } from './fixture.js'

const numRuns = Number(process.env.CURTILAGE_RUNS ?? (process.env.CI ? 1000 : 200))
const M = 'reports/motion.yaml'

const key = (name: string): Segment => ({ kind: 'key', name })
const element: Segment = { kind: 'element' }
const any: Segment = { kind: 'any' }

t.test('path: spelling -> segments, or what is wrong and where', async t => {
  const good: [string, Segment[]][] = [
    ['a', [key('a')]], ['a.b', [key('a'), key('b')]], ['a[]', [key('a'), element]], ['a[][].b', [key('a'), element, element, key('b')]],
    ['[]', [element]], ['[][]', [element, element]], ['[].a', [element, key('a')]], ['[]a', [element, key('a')]], ['*', [any]], ['a.*.b', [key('a'), any, key('b')]],
    ['*[]', [any, element]], ['{device.id}', [{ kind: 'keyed', category: 'device.id', end: 11 }]], ['a.{device.id}.b', [key('a'), { kind: 'keyed', category: 'device.id', end: 13 }, key('b')]],
    ['"a.b".c', [key('a.b'), key('c')]], ['"a\\"b\\\\c"', [key('a"b\\c')]], ['""', [key('')]], ['"*"[]', [key('*'), element]], ['zone-id.x y.$ä', [key('zone-id'), key('x y'), key('$ä')]],
    ['constructor.toString', [key('constructor'), key('toString')]]
  ]
  for (const [text, segments] of good) t.strictSame(parsePath(text), { segments }, text)
  const bad: [string, string, number][] = [
    ['', 'empty path', 0], ['.', 'empty segment', 0], ['a.', 'empty segment', 2], ['a..b', 'empty segment', 2], ['a[0]', '\'[\' where \'.\', \'[]\' or the end should be', 1],
    ['a]', '\']\' where \'.\', \'[]\' or the end should be', 1], ['a*', '\'*\' where \'.\', \'[]\' or the end should be', 1], ['*a', '\'a\' where \'.\', \'[]\' or the end should be', 1],
    ['{}', 'empty placeholder', 1], ['{a', 'placeholder without its }', 2], ['"a', 'quoted segment without its end', 2], ['"\\n"', 'escape other than \\" and \\\\', 1],
    ['a\\b', '\'\\\' where \'.\', \'[]\' or the end should be', 1], ['\u0007', 'character that must stand in double quotes', 0], [Array(65).fill('a').join('.'), 'more than 64 segments', 129]
  ]
  for (const [text, error, offset] of bad) t.strictSame(parsePath(text), { error, offset }, JSON.stringify(text).slice(0, 40))
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', '.', '[', ']', '[]', '{', '}', '*', '"', '\\', '\n', '😀') }), text => {
    const outcome = parsePath(text)
    return 'segments' in outcome ? outcome.segments.length > 0 : outcome.offset <= text.length && outcome.error !== ''
  }), { numRuns: numRuns * 10 })
})

/** What a field list says of a concrete path, the slow way: of the entries alive at a step, exact keys first, then a placeholder, then stars. */
function fieldAt (entries: readonly { path: string, segments: readonly Segment[] }[], steps: readonly (string | 0)[]): string | undefined {
  let alive = entries
  for (const [i, step] of steps.entries()) {
    const at = (wanted: (segment: Segment) => boolean) => alive.filter(({ segments }) => segments[i] !== undefined && wanted(segments[i]))
    const choices = step === 0
      ? [at(segment => segment.kind === 'element')]
      : [at(segment => segment.kind === 'key' && segment.name === step), at(segment => segment.kind === 'keyed'), at(segment => segment.kind === 'any')]
    alive = choices.find(choice => choice.length > 0) ?? []
  }
  return alive.find(({ segments }) => segments.length === steps.length)?.path
}

function * leaves (node: ReportNode, steps: (string | 0)[] = []): Generator<{ steps: (string | 0)[], field: CompiledField | undefined }> {
  if (node.kind === 'leaf') yield { steps, field: node.field }
  else if (node.kind === 'array') for (const item of node.items) yield * leaves(item, [...steps, 0])
  else for (const entry of node.entries) yield * leaves(entry.node, [...steps, entry.key])
}

const segment = fc.constantFrom('a', 'b', 'c', 'd', '*', '{device.id}')
const path = fc.array(fc.tuple(segment, fc.constantFrom('', '', '', '[]', '[][]')), { minLength: 1, maxLength: 3 }).map(parts => parts.map(part => part.join('')).join('.'))
const { value: body } = fc.letrec<{ value: Json }>(tie => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constant('x'), fc.array(tie('value'), { maxLength: 2 }), fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', '*', '{device.id}'), tie('value'), { maxKeys: 5, noNullPrototype: true }))
}))

function reportWith (paths: readonly string[]): CompiledReport | undefined {
  try {
    return compiled([M, /fields:[^]*/, `fields:\n${paths.map(path => `  ${JSON.stringify(path)}: device.model\n`).join('')}`]).policy.reports.get('motion')
  } catch {
    return undefined // the paths contradict each other
  }
}

t.test('paths: any list of them and any report -> the field that the slow way finds', async t => {
  let matched = 0
  fc.assert(fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 6 }), fc.array(body, { minLength: 10, maxLength: 10 }), (paths, bodies) => {
    const report = reportWith(paths)
    fc.pre(report !== undefined)
    const entries = paths.flatMap(path => {
      const parsed = parsePath(path)
      return 'segments' in parsed ? [{ path, segments: parsed.segments }] : []
    })
    for (const body of bodies) {
      for (const { steps, field } of leaves(classify(body, report, { account: 'a', device: 'd', receivedMs: 0 }).root)) {
        if (field?.path !== fieldAt(entries, steps)) return false
        if (field !== undefined) matched++
      }
    }
    return report.fields.every((field, i) => field.index === i)
  }), { numRuns: Math.ceil(numRuns / 2) })
  t.ok(matched > 0)
})

t.test('compile: fields -> numbered, placed, with all that is needed to read them', async t => {
  const fields = compiled().policy.reports.get('motion')?.fields ?? []
  t.match(fields, [
    { index: 0, path: 'event', category: { name: 'sensor.motion' }, isKey: false, format: undefined, scale: 1, rule: `${M}:4` },
    { path: 'timestamp', format: 'epoch-seconds', rule: `${M}:5` },
    { path: 'device_id' },
    { path: 'nickname', encoding: 'base64', category: { freeText: true } },
    { path: 'latitude_i', axis: 'latitude', scale: 0.0001, unset: -1879048193 },
    { path: 'longitude_i', axis: 'longitude' },
    { path: 'ap_list[].bssid', category: { never: true } },
    { path: 'children.{device.id}', isKey: true, category: { name: 'device.id' }, rule: `${M}:11` },
    { index: 8, path: 'children.{device.id}.alias', isKey: false },
    { path: 'extra.*.temp' }
  ])
})

t.test('compile: a key placeholder named twice -> one field; a value under it -> a field of its own', async t => {
  const fields = compiled([M, '  extra.', '  children.{device.id}.on: sensor.motion\n  children.{device.id}: sensor.climate\n  extra.']).policy.reports.get('motion')?.fields ?? []
  t.strictSame(fields.slice(7).map(({ path, isKey, category }) => `${path} ${isKey} ${category.name}`), [
    'children.{device.id} true device.id', 'children.{device.id}.alias false device.name', 'children.{device.id}.on false sensor.motion',
    'children.{device.id} false sensor.climate', 'extra.*.temp false sensor.climate'
  ])
})

t.test('compile: a path that is a value here and a container there -> both', async t => {
  const report = compiled([M, '  event:', '  event.kind: device.model\n  event:']).policy.reports.get('motion')
  t.equal(report?.root.exact.get('event')?.field?.category.name, 'sensor.motion')
  t.equal(report?.root.exact.get('event')?.exact.get('kind')?.field?.category.name, 'device.model')
})

t.test('compile: reports -> by name and by the rest of their topic', async t => {
  const { policy } = compiled(['reports/energy.yaml', '{device}/energy', '{device}/energy/now'])
  t.strictSame([...policy.reportsByTopic.keys()].sort(), ['energy/now', 'motion'])
  t.match(policy.reports.get('energy'), { name: 'energy', topicTail: ['energy', 'now'], origin: 'partner', rule: 'reports/energy.yaml:1' })
  t.equal(policy.reports.get('motion')?.origin, 'device')
})

t.test('compile: sinks -> their places, with defaults; a server on loopback, or said to be in the open, needs no encryption', async t => {
  const sinkOf = (written: string) => compiled(['recipients/home.yaml', '{ type: mqtt }', `{ ${written} }`]).policy.recipients[1]?.sink
  const plaintext = 'plaintext: i-accept-that-reports-cross-the-network-unencrypted'
  t.strictSame(compiled().policy.recipients[1]?.sink, { type: 'mqtt' })
  t.strictSame(sinkOf('type: file, folder: home, retention: 30d'), { type: 'file', folder: 'home', retentionMs: 30 * 86_400_000 })
  t.strictSame(sinkOf('type: mqtt, url: "mqtts://broker.example", userName: x, passwordFile: p, ca: ca.pem, timeout: 5s'), {
    type: 'remote-mqtt', url: 'mqtts://broker.example', caFile: 'ca.pem', timeoutMs: 5_000, userName: 'x', passwordFile: 'p', protocolVersion: 5
  })
  t.strictSame(sinkOf(`type: mqtt, url: "mqtt://broker.example:1884", protocol: 3.1.1, ${plaintext}`), { type: 'remote-mqtt', url: 'mqtt://broker.example:1884', timeoutMs: 30_000, protocolVersion: 4 })
  t.strictSame(sinkOf('type: http, url: "https://A.example/in?set=1", secretFile: s, tokenFile: t'), {
    type: 'http', url: 'https://a.example/in?set=1', timeoutMs: 30_000, secretFile: 's', tokenFile: 't', maxBatch: 256, maxBodyBytes: 1_048_576
  })
  t.match(sinkOf('type: http, url: "http://localhost:8080/", maxBatch: 10, maxBody: 64KiB'), { url: 'http://localhost:8080/', maxBatch: 10, maxBodyBytes: 65_536 })
  t.strictSame(sinkOf('type: redis, url: "redis://[::1]:6380/2", stream: "a:b", maxLength: 10'), { type: 'redis', url: 'redis://[::1]:6380/2', timeoutMs: 30_000, stream: 'a:b', maxLength: 10 })
  t.strictSame(sinkOf('type: nats, url: "nats://127.0.0.1", stream: S, tokenFile: t'), { type: 'nats', url: 'nats://127.0.0.1', timeoutMs: 30_000, tokenFile: 't', stream: 'S' })
})

t.test('compile: recipients -> rules with places, plans by field, envelope rules', async t => {
  const { policy } = compiled()
  const [analytics, home] = policy.recipients
  t.match(analytics, {
    name: 'analytics',
    enabled: true,
    kind: { name: 'service-provider', access: 'open' },
    purpose: { name: 'improve-products', signalHonored: true, required: false, minimumNotice: undefined },
    region: 'us',
    releaseMs: 900_000,
    sink: { type: 'file', folder: 'analytics' },
    deviceRule: { pattern: 'device.id', rule: 'recipients/analytics.yaml:8' },
    timeRule: { pattern: 'time.event' },
    rule: 'recipients/analytics.yaml:1'
  })
  t.strictSame(analytics?.excludeOrigins, new Set(['integration']))
  t.strictSame(analytics?.allow.map(({ pattern, transform, rule }) => `${pattern} ${spellTransform(transform)} ${rule}`), [
    'device.model keep recipients/analytics.yaml:7',
    'device.id pseudonymize:30d recipients/analytics.yaml:8',
    'sensor.motion keep recipients/analytics.yaml:9',
    'sensor.climate bucket:0,10,20 recipients/analytics.yaml:10',
    'time.event round:900000ms recipients/analytics.yaml:11',
    'location.geo grid:10km recipients/analytics.yaml:12',
    'energy.* round:10 recipients/analytics.yaml:13'
  ])
  t.strictSame(analytics?.plans.get('motion')?.map(rule => rule?.pattern), ['sensor.motion', 'time.event', 'device.id', undefined, 'location.geo', 'location.geo', undefined, 'device.id', undefined, 'sensor.climate'])
  t.equal(home?.deviceRule, undefined)
  t.strictSame(home?.allow.map(({ transform }) => spellTransform(transform)), ['map:[["bulb","light"],["lamp","light"]]', 'keep', 'part:hour'])
})

t.test('compile: purposes, regimes, transfers, notice', async t => {
  const { policy, notice } = compiled(['consent.yaml', 'grants: never', 'grants: 30d'])
  t.match(policy.purposes.get('marketing'), { minimumNotice: '1.3', signalHonored: true, clause: '2' })
  t.strictSame(policy.regimes.get('opt-out'), { name: 'opt-out', defaults: new Map([['marketing', false]]), otherwise: true, deniedKinds: new Set(['marketing', 'integration']) })
  t.strictSame(policy.transfers.get('us'), new Set(['us', 'eu']))
  t.equal(policy.grantExpiryMs, 30 * 86_400_000)
  t.equal(compiled().policy.grantExpiryMs, undefined)
  t.match(notice, { current: { version: '1.3', effective: '2020-11-25' }, previous: [{ version: '1.2' }] })
  t.equal(notice.clauses.get('1.1'), 'given')
  t.equal(notice.units.get('energy.power'), 'W')
})

t.test('compile: name dictionary -> words of listed paths, never a placeholder or star', async t => {
  const { nameDictionary } = compiled().policy
  for (const word of ['ap_list', 'bssid', 'alias', 'extra']) t.ok(nameDictionary.has(word), word)
  for (const word of ['*', '{device.id}', 'device.id']) t.notOk(nameDictionary.has(word), word)
})

t.test('compile: gateway -> every setting has a value', async t => {
  t.strictSame(compiled().gateway, {
    dataFolder: 'data',
    listeners: [{ type: 'mqtt', host: '127.0.0.1', port: 1883, plaintext: false }, { type: 'wss', host: '0.0.0.0', port: 8443, certFile: 'server.pem', keyFile: 'server.key', origins: [] }],
    http: { host: '127.0.0.1', port: 8080, plaintext: false },
    limits: { maxReportBytes: 262_144, maxPacketBytes: 1_048_576, maxConnectBytes: 65_536, maxInFlight: 64, maxReportsPerSecond: 10_000, maxUnsentBytes: 1_048_576, maxBufferedBytes: 268_435_456, maxOutboxEntries: 1_000_000, maxOutboxBytes: 4_294_967_296, maxDeadLetters: 10_000, deadLetterRetentionMs: 2_592_000_000, countRetentionMs: 34_560_000_000, authenticateTimeoutMs: 5_000, stageTimeoutMs: 10_000, drainTimeoutMs: 5_000, handshakeTimeoutMs: 10_000, maxConnections: 20_000, maxConnectionsPerDevice: 4, maxUnauthenticated: 10_000, maxFailedLogins: 60 },
    logLevel: 'info'
  })
  const [, secure] = compiled(['gateway.yaml', 'key: server.key', 'key: server.key, clientCa: ca.pem, crl: gone.pem, clientCertificate: accepted, path: /mqtt, origins: ["https://app.example.com"]']).gateway.listeners
  t.match(secure, { client: { caFile: 'ca.pem', crlFile: 'gone.pem', required: false }, path: '/mqtt', origins: ['https://app.example.com'] })
  t.match(compiled(['gateway.yaml', 'key: server.key', 'key: server.key, clientCa: ca.pem']).gateway.listeners[1], { client: { required: true } })
  for (const host of ['localhost', '127.9.9.9', '"::1"']) t.ok(compiled(['gateway.yaml', 'mqtt, host: 127.0.0.1', `mqtt, host: ${host}`]), host)
  t.ok(compiled(['gateway.yaml', 'mqtt, host: 127.0.0.1', 'mqtt, plaintext: i-accept-that-reports-cross-the-network-unencrypted, host: 0.0.0.0']))
  for (const host of ['127.0.0.1.example.com', '10.0.0.1', '"::"', '"::ffff:127.0.0.1"', '127.1']) t.throws(() => compiled(['gateway.yaml', 'mqtt, host: 127.0.0.1', `mqtt, host: ${host}`]), host)
})

t.test('compile: cases -> with defaults filled in', async t => {
  t.match(compiled().cases, [{
    name: 'a home that granted analytics',
    account: { regime: 'opt-in', region: 'us', minor: false, optOutSignal: false, consents: [{ purpose: 'improve-products', state: 'granted', notice: '1.3', expires: Date.UTC(2030, 0, 1) }] },
    report: 'motion',
    device: 'device-1',
    atMs: Date.UTC(2026, 0, 5, 10, 20, 30),
    payload: { event: 'motion' },
    rule: 'tests/cases.yaml:2'
  }])
  t.strictSame(compiled().cases[0]?.expect, new Map<string, unknown>([['analytics', { disclosed: { data: { event: 'motion' }, device: '{pseudonym}' } }], ['home', { withheld: 'consent-unset' }]]))
})

t.test('digest: any change of a source -> another one; order of files -> none', async t => {
  const digest = compiled().policy.digest
  for (const file of Object.keys(GOOD)) t.not(compiled([file, /^/, '# \n']).policy.digest, digest, file)
})

t.test('matrix: recipients × categories -> transform, rule, clause, consent', async t => {
  const rows = matrix(compiled(['consent.yaml', 'defaultRegion: us', 'defaultRegion: eu']).policy)
  t.strictSame(rows.map(row => row.recipient), ['analytics', 'home'])
  const cell = (row: number, category: string) => rows[row]?.cells.find(cell => cell.category === category)
  t.strictSame(cell(0, 'energy.power'), { recipient: 'analytics', category: 'energy.power', transform: 'round:10', rule: 'recipients/analytics.yaml:13', clause: '1.2', consent: 'purpose', reports: ['energy'] })
  t.match(cell(0, 'network.mac'), { transform: undefined, rule: undefined, consent: 'closed', reports: ['motion'] })
  t.match(cell(0, 'device.name'), { transform: undefined, consent: 'purpose' })
  t.match(cell(1, 'sensor.motion'), { transform: 'keep', consent: 'recipient' })
  t.equal(matrix(compiled(['recipients/home.yaml', 'region: eu', 'region: eu\nenabled: false']).policy)[1]?.cells[2]?.consent, 'closed')
  t.equal(matrix(compiled(['recipients/analytics.yaml', 'improve-products', 'provide-service']).policy)[0]?.cells[2]?.consent, 'none')
})

t.test('units: durations, distances, sizes', async t => {
  const durations: [string, number | undefined][] = [['1ms', 1], ['1.5s', 1500], ['1.001s', 1001], ['15m', 900_000], ['30d', 2_592_000_000], ['0s', undefined], ['0.5ms', undefined], ['1.1ms', undefined], ['99999d', undefined], ['15', undefined], ['-1s', undefined], ['1 s', undefined]]
  for (const [text, value] of durations) t.equal(parseDuration(text), value, text)
  const distances: [string, number | undefined][] = [['10km', 10], ['500m', 0.5], ['1.5km', 1.5], ['1.001km', 1.001], ['0km', undefined], ['0.5m', undefined], ['30000km', undefined], ['10', undefined]]
  for (const [text, value] of distances) t.equal(parseDistance(text), value, text)
  const sizes: [string | number, number | undefined][] = [['256KiB', 262_144], ['1MiB', 1_048_576], [17, 17], [0, undefined], [1.5, undefined], ['2GiB', undefined], ['1KB', undefined]]
  for (const [text, value] of sizes) t.equal(parseSize(text), value, String(text))
  fc.assert(fc.property(fc.integer({ min: 1, max: 36_500 * 86_400_000 }), ms => parseDuration(spellDuration(ms)) === ms), { numRuns })
})
