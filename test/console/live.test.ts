/** The live view: snapshots of counts, resumed, bounded, ended. */

import t, { type Test } from 'tap'
import type { Readable } from 'node:stream'
import { connectAsync } from 'mqtt'
import { LiveCounts } from '../../src/console/live/live-counts.js'
import { LiveFeed, type LiveSource } from '../../src/console/live/live-feed.js'
import { snapshot, type Snapshot } from '../../src/console/live/snapshot.js'
import type { GatewayEvent, Observe } from '../../src/model/events.js'
import { startGateway, type RunningGateway } from '../../src/start-gateway.js'

const LOCAL = { host: '127.0.0.1', port: 0 }
const PASSWORD = 'a-password-of-a-device'

interface Source {
  readonly feed: LiveFeed
  readonly observers: Set<Observe>
  tell (event: GatewayEvent): void
}

function source (t: Test, everyMs = 1, standing: LiveSource['standing'] = () => ({ outbox: [] })): Source {
  const observers = new Set<Observe>()
  const feed = new LiveFeed({ observe: observer => { observers.add(observer); return () => observers.delete(observer) }, standing, now: Date.now, everyMs })
  // the feed's own timer keeps no process up
  const awake = setInterval(() => {}, 60_000)
  t.teardown(() => {
    clearInterval(awake)
    feed.close()
  })
  return { feed, observers, tell: event => { for (const observer of observers) observer(event) } }
}

/** The next snapshots that match, read off a stream of server-sent events. */
async function * snapshots (stream: Readable | ReadableStream<Uint8Array>): AsyncGenerator<Snapshot> {
  let rest = ''
  for await (const chunk of stream) {
    const parts = (rest + Buffer.from(chunk).toString()).split('\n\n')
    rest = parts.pop() ?? ''
    for (const data of parts.flatMap(part => /^data: (.*)$/m.exec(part)?.[1] ?? [])) yield snapshot.strict().parse(JSON.parse(data))
  }
}

async function first (stream: Readable | ReadableStream<Uint8Array>, isSought: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  for await (const one of snapshots(stream)) if (isSought(one)) return one
  throw new Error('the stream ended before')
}

t.test('counts: what a report came to -> by category, recipient and reason; taken away when told', async t => {
  const counts = new LiveCounts()
  const judged: GatewayEvent = { type: 'judged', report: 'motion', recipient: 'analytics', left: ['sensor.motion'], stayed: [{ category: 'device.name', reason: 'not-allowed' }] }
  for (const event of [judged, judged, { type: 'delivered', recipient: 'analytics', report: 'motion', count: 3 }, { type: 'report', report: 'motion', outcome: 'disclosed', categories: [], seconds: 1 }] as const) counts.observe(event)
  t.strictSame(counts.take(), {
    reports: [{ report: 'motion', outcome: 'disclosed', count: 1 }],
    flows: [
      { report: 'motion', category: 'sensor.motion', recipient: 'analytics', count: 2 },
      { report: 'motion', category: 'device.name', recipient: 'analytics', reason: 'not-allowed', count: 2 }
    ],
    delivered: [{ recipient: 'analytics', count: 3 }],
    withheld: [],
    quarantined: [],
    refused: []
  })
  t.strictSame(counts.take().flows, [])
})

t.test('feed: nobody watches -> counts nothing; watched -> counts; closed -> stops', async t => {
  const { feed, observers } = source(t)
  t.equal(observers.size, 0)
  const stream = feed.watch(undefined, () => true)
  t.equal(observers.size, 1)
  await first(stream, () => true)
  feed.close()
  t.equal(observers.size, 0)
})

t.test('feed: one comes back -> gets what was missed, each once; numbers of another run -> all that is kept', async t => {
  const { feed } = source(t)
  const before = await first(feed.watch(undefined, () => true), ({ sequence }) => sequence >= 3)
  const sequences = async (after: number): Promise<number[]> => {
    const seen: number[] = []
    for await (const { sequence } of snapshots(feed.watch(after, () => true))) if (seen.push(sequence) >= 4) break
    return seen
  }
  t.strictSame(await sequences(before.sequence), [1, 2, 3, 4].map(more => before.sequence + more))
  t.ok((await sequences(1_000_000)).every(sequence => sequence < 1_000_000))
})

t.test('feed: more than may watch -> live-full; one leaves -> room again', async t => {
  const { feed } = source(t, 60_000)
  const streams = Array.from({ length: 32 }, () => feed.watch(undefined, () => true))
  t.throws(() => feed.watch(undefined, () => true), { code: 'live-full' })
  const left = new Promise(resolve => streams[0]?.once('close', resolve))
  streams[0]?.destroy()
  await left
  t.doesNotThrow(() => feed.watch(undefined, () => true))
})

t.test('feed: what stands cannot be read -> the streams end, and nothing else; the next one gets a new try', async t => {
  let fails = true
  const { feed, observers } = source(t, 1, () => {
    if (fails) throw new TypeError('the store is gone')
    return { outbox: [] }
  })
  await t.rejects(first(feed.watch(undefined, () => true), () => true), { message: 'the stream ended before' })
  t.equal(observers.size, 0)
  fails = false
  t.ok(await first(feed.watch(undefined, () => true), () => true))
})

t.test('feed: one who does not read -> let go, the others go on', async t => {
  const { feed, tell } = source(t)
  const [idle, busy] = [feed.watch(undefined, () => true), feed.watch(undefined, () => true)]
  const gone = new Promise(resolve => idle.once('close', resolve))
  const filling = setInterval(() => {
    for (let i = 0; i < 200; i++) tell({ type: 'judged', report: `report-${i}`, recipient: 'a-recipient', left: Array.from({ length: 20 }, (_, n) => `category.${n}`), stayed: [] })
  }, 1)
  t.teardown(() => clearInterval(filling))
  busy.resume()
  await gone
  t.notOk(busy.destroyed)
})

async function gateway (t: Test): Promise<RunningGateway> {
  const running = await startGateway({ config: 'config', data: t.testdir(), mqtt: LOCAL, http: LOCAL })
  t.teardown(async () => { await running.close() })
  const { registry, ledger } = running.gateway.core
  await registry.accounts.add({ account: 'home-1', regime: 'opt-in', region: 'us' })
  await registry.devices.add({ account: 'home-1', device: 'motion-1', password: PASSWORD })
  await ledger.append([{ account: 'home-1', purpose: 'improve-products', state: 'granted' }])
  return running
}

async function watch ({ httpUrl, gateway }: RunningGateway, role: string): Promise<Response> {
  const { token } = await gateway.core.registry.tokens.create(role)
  return await fetch(new URL('/v1/live', httpUrl), { headers: { authorization: `Bearer ${token}` } })
}

t.test('live: a report comes in -> what left for whom, what stayed and why, what was delivered; no id of the home', async t => {
  const running = await gateway(t)
  const answer = await watch(running, 'auditor')
  t.match(answer.headers.get('content-type'), /^text\/event-stream/)
  t.equal(answer.headers.get('cache-control'), 'no-store')
  const device = await connectAsync(running.mqttUrl, { username: 'motion-1', password: PASSWORD })
  await device.publishAsync('kasa/home-1/motion-1/motion', JSON.stringify({ event: 'motion', timestamp: 1_767_608_430, nickname: Buffer.from('Nursery').toString('base64') }), { qos: 1 })
  await device.endAsync()
  if (answer.body === null) throw new Error('no body')
  const seen: Snapshot[] = []
  for await (const one of snapshots(answer.body)) {
    seen.push(one)
    if (seen.some(({ delivered }) => delivered.length > 0) && seen.some(({ reports }) => reports.length > 0)) break
  }
  const flows = seen.flatMap(({ flows }) => flows)
  t.match(flows.find(({ recipient, category }) => recipient === 'product-analytics' && category === 'sensor.motion'), { report: 'motion', count: 1, reason: undefined })
  t.match(flows.find(({ recipient, category }) => recipient === 'product-analytics' && category === 'device.name'), { reason: 'not-allowed' })
  t.match(flows.find(({ recipient }) => recipient === 'home-integration'), { reason: 'consent-unset' })
  t.notMatch(JSON.stringify(seen), /home-1|motion-1|Nursery/)
})

t.test('live: the token is revoked, the gateway ends -> the stream ends', async t => {
  const running = await gateway(t)
  const revoked = await watch(running, 'auditor')
  const { tokens } = running.gateway.core.registry
  await tokens.revoke(tokens.list().find(({ role }) => role === 'auditor')?.id ?? '')
  await revoked.text()
  const left = await watch(running, 'ops')
  await left.body?.cancel()
  const ending = await watch(running, 'ops')
  const ended = ending.text()
  await running.close()
  t.match(await ended, /^retry: /)
})
