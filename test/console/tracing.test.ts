/** Traces of the stages, against a receiver of OTLP over HTTP. */

import t, { type Test } from 'tap'
import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import mqtt from 'mqtt'
import type { Faults } from '../../src/faults.js'
import { ERRORS } from '../../src/model/errors.js'
import { loadConfiguration } from '../../src/policy/load.js'
import { startGateway, type RunningGateway } from '../../src/start-gateway.js'
import { copyOfConfig } from '../cli/run-cli.js'

const ADDRESS = { host: '127.0.0.1', port: 0 }
const CANARY = 'canary-7c0f'
const MAC = '50:C7:BF:6E:17:D3'

interface Attribute { key: string, value: { stringValue?: string, intValue?: number | string } }
interface Span { name: string, traceId: string, spanId: string, parentSpanId?: string, attributes: Attribute[], status: { code?: number }, events?: unknown[], links?: unknown[] }
interface Request { resourceSpans: { resource: { attributes: Attribute[] }, scopeSpans: { spans: Span[] }[] }[] }

async function receiver (t: Test): Promise<{ endpoint: string, bodies: string[], spans: () => Span[] }> {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    buffer(request).then(body => {
      bodies.push(`${JSON.stringify(request.headers)}\n${body.toString('utf8')}`)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    }, () => response.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => { server.close() })
  const parsed = (): Request[] => bodies.map(body => JSON.parse(body.slice(body.indexOf('\n'))) as Request)
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, bodies, spans: () => parsed().flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))) }
}

async function gateway (t: Test, traces: string, faults?: Faults): Promise<{ running: RunningGateway, password: string, close: () => Promise<void> }> {
  const config = copyOfConfig(t)
  appendFileSync(join(config, 'gateway.yaml'), `\ntraces: ${traces}\n`)
  const running = await startGateway({ config, data: join(t.testdirName, 'data'), mqtt: ADDRESS, http: ADDRESS, ...(faults !== undefined && { faults }) })
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => await (closing ??= running.close())
  t.teardown(close)
  const { registry } = running.gateway.core
  await registry.accounts.add({ account: CANARY, regime: 'opt-out' }, { source: 'test', actor: 'ops' })
  const { password = '' } = await registry.devices.add({ account: CANARY, device: `${CANARY}-d` })
  return { running, password, close }
}

async function connected (t: Test, { running, password }: { running: RunningGateway, password: string }): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync(running.mqttUrl, { username: `${CANARY}-d`, password, clientId: CANARY, reconnectPeriod: 0 })
  client.on('error', () => {})
  t.teardown(() => client.end(true))
  return client
}

function of (span: Span): Record<string, unknown> {
  return Object.fromEntries(span.attributes.map(({ key, value }) => [key.replace('curtilage.', ''), value.stringValue ?? Number(value.intValue)]))
}

t.test('traces: reports of every fate -> a span for each stage, in names and codes alone', async t => {
  const collector = await receiver(t)
  const made = await gateway(t, `{ endpoint: "${collector.endpoint}", share: 1 }`)
  const client = await connected(t, made)
  const delivered = new Promise<void>(resolve => { made.running.gateway.observe(event => { if (event.type === 'delivered') resolve() }) })
  const payloads = [['energy-realtime', JSON.stringify({ emeter: { get_realtime: { power: 63.7, voltage: 229 } }, [CANARY]: CANARY, alias: CANARY, mac: MAC })], ['device-info', JSON.stringify({ model: 'HS110(US)', alias: `${CANARY} ${MAC}`, sw_ver: '1.5.6 Build 191125 Rel.083657', device_on: true })], ['motion', `{${CANARY}`], [CANARY, '{}']] as const
  for (const [report, payload] of payloads) await client.publishAsync(`kasa/${CANARY}/${CANARY}-d/${report}`, payload, { qos: 1 })
  await delivered
  await client.endAsync()
  await made.close()

  const spans = collector.spans()
  t.strictSame([...new Set(spans.map(({ name }) => name))].sort(), ['append', 'classify', 'decide', 'deliver', 'guard', 'minimize', 'report'])
  const roots = spans.filter(({ name }) => name === 'report')
  t.strictSame(roots.map(of).map(({ report, outcome }) => `${String(report)} ${String(outcome)}`).sort(), ['device-info disclosed', 'energy-realtime disclosed', 'motion quarantined', 'unknown quarantined'])
  for (const span of spans) {
    if (span.name === 'report' || span.name === 'deliver') t.notOk(span.parentSpanId)
    else t.ok(roots.some(({ spanId, traceId }) => spanId === span.parentSpanId && traceId === span.traceId))
  }
  const names = made.running.gateway.core.configuration.policy.recipients.map(({ name }) => name)
  const ofEnergy = spans.filter(({ traceId }) => traceId === roots.find(root => of(root).report === 'energy-realtime')?.traceId)
  t.strictSame(ofEnergy.filter(({ name }) => name === 'decide').map(span => of(span).recipient).sort(), [...names].sort())
  t.match(ofEnergy.filter(({ name }) => name === 'decide').map(of).find(({ recipient }) => recipient === 'marketing-insights'), { outcome: 'recipient-off' })
  t.match(ofEnergy.find(({ name }) => name === 'append')?.attributes, [{ key: 'curtilage.outcome', value: { stringValue: 'appended' } }])
  t.match(spans.filter(({ name }) => name === 'deliver').map(of)[0], { outcome: 'delivered', count: Number })

  // INVARIANT of traces: nothing of a report, an account, a device or the host
  const all = collector.bodies.join('\n')
  for (const secret of ['canary', MAC, '63.7', '083657', 'HS110', made.password]) t.notOk(all.includes(secret), secret)
  const { policy } = made.running.gateway.core.configuration
  const reasons = readFileSync('src/model/reasons.ts', 'utf8')
  const words = new Set<unknown>([...policy.reports.keys(), ...names, ...Object.keys(ERRORS), 'unknown', 'done', 'disclose', 'disclosed', 'withheld', 'quarantined', 'appended', 'delivered', ...[...reasons.matchAll(/'([a-z0-9-]+)'/g)].map(([, word]) => word)])
  for (const span of spans) {
    t.strictSame(span.attributes.map(({ key }) => key).filter(key => !['curtilage.report', 'curtilage.recipient', 'curtilage.outcome', 'curtilage.count'].includes(key)), [])
    t.strictSame(Object.values(of(span)).filter(value => typeof value === 'string' && !words.has(value)), [], span.name)
    t.strictSame([...span.events ?? [], ...span.links ?? []], [])
  }
  const resource = (JSON.parse(collector.bodies[0]?.split('\n')[1] ?? '{}') as Request).resourceSpans[0]?.resource.attributes.map(({ key }) => key)
  t.strictSame(resource?.filter(key => key !== 'service.name' && !key.startsWith('telemetry.sdk.')), [])
})

t.test('traces: a stage that fails -> its span and the report\'s are errors, without a word of the error', async t => {
  const collector = await receiver(t)
  const made = await gateway(t, `{ endpoint: "${collector.endpoint}", share: 1 }`, { work: async (work, moment) => { if (work === 'append' && moment === 'before') throw new Error(CANARY) } })
  const client = await connected(t, made)
  client.publish(`kasa/${CANARY}/${CANARY}-d/motion`, '{"event":"motion"}', { qos: 1 })
  await new Promise<void>(resolve => client.once('close', () => resolve()))
  await made.close()
  const spans = collector.spans()
  t.strictSame(spans.filter(({ status }) => status.code === 2).map(span => [span.name, of(span).outcome]), [['append', 'transient'], ['report', 'transient']])
  t.notMatch(collector.bodies.join(), /canary/)
})

t.test('traces: a share of none, or a collector that is not there -> reports go on, and the gateway ends', async t => {
  const collector = await receiver(t)
  for (const traces of [`{ endpoint: "${collector.endpoint}", share: 0 }`, '{ endpoint: "http://127.0.0.1:1/v1/traces", share: 1 }']) {
    await t.test(traces.slice(-10), async t => {
      const made = await gateway(t, traces)
      const client = await connected(t, made)
      await client.publishAsync(`kasa/${CANARY}/${CANARY}-d/motion`, '{"event":"motion"}', { qos: 1 })
      await client.endAsync()
      await made.close()
    })
  }
  t.strictSame(collector.bodies, [])
})

t.test('traces: off -> nothing of OpenTelemetry is even loaded', async t => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts')).map(file => ({ file, text: readFileSync(join('src', file), 'utf8') }))
  t.strictSame(sources.filter(({ text }) => text.includes("'@opentelemetry/")).map(({ file }) => file), ['console/open-tracing.ts'])
  const lines = sources.flatMap(({ file, text }) => text.split('\n').filter(line => line.includes('open-tracing.js')).map(line => [file, /await import\('[^']*open-tracing\.js'\)/.test(line) && line.includes('traces === undefined')]))
  t.strictSame(lines, [['gateway.ts', true]])
})

t.test('gateway.yaml: traces that would cross a network unencrypted, or hold a credential -> refused', async t => {
  const table = [['http://collector.example:4318/v1/traces', /without encryption/], ['ftp://127.0.0.1/', /is not an address/], ['http://name:word@127.0.0.1/v1/traces', /a credential/], ['nonsense', /is not an address/], ['https://collector.example/v1/traces', undefined], ['http://[::1]:4318/v1/traces', undefined]] as const
  for (const [endpoint, message] of table) {
    await t.test(endpoint, async t => {
      const config = copyOfConfig(t)
      appendFileSync(join(config, 'gateway.yaml'), `\ntraces: { endpoint: "${endpoint}" }\n`)
      const loaded = await loadConfiguration(config)
      if (message === undefined) t.match('policy' in loaded && loaded.gateway.traces, { endpoint, share: 0.01 })
      else t.match('problems' in loaded ? loaded.problems.map(({ message }) => message) : [], [message])
    })
  }
})
