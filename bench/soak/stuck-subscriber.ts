/**
 * One subscriber stops reading for a minute. The others get everything, as fast as before it and after it; a recipient that
 * was stuck gets the rest when it reads again. The same is tried with aedes alone.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Figure, Run } from '../figures/figure.js'
import { GatewayProcess } from '../figures/gateway-process.js'
import type { Credentials } from '../figures/mqtt-connection.js'
import { PASSWORD, registerHomes } from '../figures/register-homes.js'
import { Reporter } from '../figures/reporter.js'
import { until } from '../figures/until.js'
import { writeConfiguration } from '../figures/write-configuration.js'
import { Subscriber } from './subscriber.js'

const DEVICES = 4
const OTHERS = 2
/** The rate beside the stuck one, as a share of the rate without it. */
const LEAST_SHARE = 0.8
/** In so short a time the machine's own unrest weighs too much; aedes alone falls to next to nothing. */
const LEAST_SHORT_SHARE = 0.4
/** Long enough to fill what the sockets of a connection hold within a second or two. */
const PADDING = 'the lamp in the hall '.repeat(200)
const NUMBERS = 1_000_000

interface Place {
  readonly url: URL
  /** Who reads what the devices send, and where. */
  readonly reader: Omit<Credentials, 'clientId'>
  readonly topic: string
  readonly reporters: readonly Reporter[]
}

interface Seen {
  /** Reports a second that each of the others got: before, while one was stuck, after. */
  readonly rates: readonly [number, number, number]
  readonly missing: number
  readonly answered: number
}

export async function stuckSubscriber ({ short, folder, note }: Run): Promise<Figure[]> {
  const [windowMs, stuckMs, leastShare] = short ? [1_500, 6_000, LEAST_SHORT_SHARE] : [20_000, 60_000, LEAST_SHARE]
  const plain = await besidePlainBroker(Math.min(windowMs, 10_000), short ? 3_000 : 20_000)
  note(`plain aedes: ${plain.rates.map(rate => rate.toFixed(0)).join(', ')} a second`)
  const config = writeConfiguration(folder, [{ name: 'soak-file', purpose: 'improve-products', sink: '{ type: file, folder: soak-file }' }, { name: 'soak-mqtt', purpose: 'improve-products', sink: '{ type: mqtt }' }])
  const gateway = await GatewayProcess.start({ config, data: join(folder, 'data') })
  try {
    const app = await stuckApp(gateway, windowMs, stuckMs)
    note(`an app stuck: ${app.rates.map(rate => rate.toFixed(0)).join(', ')} a second`)
    const appsClosed = await closed(gateway)
    const recipient = await stuckRecipient(gateway, windowMs, stuckMs)
    note(`a recipient stuck: ${recipient.rates.map(rate => rate.toFixed(0)).join(', ')} a second`)
    return [
      figureOf(`an account's app stops reading for ${stuckMs / 1000} s; aedes alone beside it`, leastShare, app, `; stuck connections closed: ${appsClosed}; aedes alone: ${rates(plain)}, ${plain.missing} of ${plain.answered} missing`),
      figureOf(`a recipient of the mqtt sink stops reading for ${stuckMs / 1000} s`, leastShare, recipient, `; stuck connections closed: ${await closed(gateway) - appsClosed}; it had the rest afterwards: ${recipient.caughtUp ? 'yes' : 'no'}`, recipient.caughtUp)
    ]
  } finally {
    await gateway.end()
  }
}

async function closed ({ api }: GatewayProcess): Promise<number> {
  return await api.metric('curtilage_refused_total', { reason: 'slow-consumer' })
}

function figureOf (what: string, leastShare: number, seen: Seen, more: string, also = true): Figure {
  const [before, during, after] = seen.rates
  const share = during / ((before + after) / 2)
  return {
    what,
    reach: `the others get everything, at the rate without it (at least ${leastShare} of it)`,
    seen: `${rates(seen)} = ${share.toFixed(2)}; ${seen.missing} of ${seen.answered} missing${more}`,
    pass: seen.missing === 0 && share >= leastShare && also
  }
}

function rates ({ rates: [before, during, after] }: Seen): string {
  return `${before.toFixed(0)}/s before, ${during.toFixed(0)}/s while, ${after.toFixed(0)}/s after`
}

async function stuckApp (gateway: GatewayProcess, windowMs: number, stuckMs: number): Promise<Seen> {
  const account = 'apps-home'
  const devices = Array.from({ length: DEVICES }, (_, i) => `apps-device-${i}`)
  await registerHomes(gateway.api, [{ account, devices }])
  const { userName, token: password } = await gateway.api.call<{ userName: string, token: string }>('POST', `/v1/accounts/${account}/app-token`)
  const place = { url: gateway.mqtt, reader: { userName, password }, topic: `kasa/${account}/#`, reporters: reportersOf(account, devices) }
  return await watch(place, await subscribers(place, OTHERS), windowMs, stuckMs, async () => {
    const stuck = await Subscriber.open(place.url, { ...place.reader, clientId: 'stuck' }, place.topic, 1)
    stuck.stopReading()
    return stuck
  })
}

async function stuckRecipient (gateway: GatewayProcess, windowMs: number, stuckMs: number): Promise<Seen & { caughtUp: boolean }> {
  const account = 'recipients-home'
  const devices = Array.from({ length: DEVICES }, (_, i) => `recipients-device-${i}`)
  await registerHomes(gateway.api, [{ account, devices }])
  const app = await gateway.api.call<{ userName: string, token: string }>('POST', `/v1/accounts/${account}/app-token`)
  const { userName, token } = await gateway.api.call<{ userName: string, token: string }>('POST', '/v1/recipients/soak-mqtt/token')
  const place = { url: gateway.mqtt, reader: { userName: app.userName, password: app.token }, topic: `kasa/${account}/#`, reporters: reportersOf(account, devices) }
  const open = async (): Promise<Subscriber> => await Subscriber.open(place.url, { userName, password: token, clientId: 'recipient' }, 'disclosures/soak-mqtt/#', 1)
  const seen = await watch(place, await subscribers(place, OTHERS), windowMs, stuckMs, async () => {
    const stuck = await open()
    stuck.stopReading()
    return stuck
  })
  const back = await open()
  await until('the recipient has the rest', async () => await gateway.api.metric('curtilage_outbox_depth') === 0, 300_000)
  await back.cut()
  return { ...seen, caughtUp: true }
}

async function besidePlainBroker (windowMs: number, stuckMs: number): Promise<Seen> {
  const broker = fork(join('dist', 'bench', 'soak', 'plain-broker-main.js'))
  try {
    const [port] = await once(broker, 'message') as [number]
    const place = { url: new URL(`mqtt://127.0.0.1:${port}`), reader: { userName: 'reader', password: '' }, topic: 'kasa/home/#', reporters: reportersOf('home', Array.from({ length: DEVICES }, (_, i) => `device-${i}`)) }
    return await watch(place, await subscribers(place, OTHERS), windowMs, stuckMs, async () => {
      const stuck = await Subscriber.open(place.url, { ...place.reader, clientId: 'stuck' }, place.topic, 1)
      stuck.stopReading()
      return stuck
    })
  } finally {
    broker.kill('SIGKILL')
  }
}

/** Load throughout; one is stuck for a while in the middle. */
async function watch (place: Place, others: readonly Subscriber[], windowMs: number, stuckMs: number, beginStuck: () => Promise<Subscriber>): Promise<Seen> {
  const { url, reporters } = place
  await Promise.all(reporters.map(reporter => reporter.connect(url)))
  for (const reporter of reporters) reporter.report(NUMBERS)
  await setTimeout(windowMs / 2)
  const before = await rateOf(others, windowMs)
  const stuck = await beginStuck()
  const during = await rateOf(others, stuckMs)
  await stuck.cut()
  const after = await rateOf(others, windowMs)
  for (const reporter of reporters) reporter.pause()
  // aedes alone may answer some of it never
  await until('the rest is answered', () => reporters.every(({ open }) => open === 0), 15_000).catch(() => {})
  const numbers = reporters.flatMap(({ answered }, i) => [...answered].map(number => i * NUMBERS + number))
  await until('the others have it', () => missing(others, numbers) === 0, 5_000).catch(() => {})
  const seen = { rates: [before, during, after] as const, missing: missing(others, numbers), answered: numbers.length }
  await Promise.all([...reporters, ...others].map(one => one.cut()))
  return seen
}

function missing (others: readonly Subscriber[], numbers: readonly number[]): number {
  return others.reduce((sum, { numbers: got }) => sum + numbers.filter(number => !got.has(number)).length, 0)
}

/** What each of them gets a second, on average. */
async function rateOf (others: readonly Subscriber[], ms: number): Promise<number> {
  const got = (): number => others.reduce((sum, { numbers }) => sum + numbers.size, 0)
  const [before, startedMs] = [got(), performance.now()]
  await setTimeout(ms)
  return (got() - before) / others.length / ((performance.now() - startedMs) / 1000)
}

async function subscribers ({ url, reader, topic }: Place, count: number): Promise<Subscriber[]> {
  return await Promise.all(Array.from({ length: count }, async (_, i) => await Subscriber.open(url, { ...reader, clientId: `reader-${i}` }, topic, 1)))
}

function reportersOf (account: string, devices: readonly string[]): Reporter[] {
  return devices.map((device, i) => new Reporter({
    userName: device,
    password: PASSWORD,
    clientId: device,
    topic: `kasa/${account}/${device}/energy-realtime`,
    window: 16,
    payload: number => `{"power":${i * NUMBERS + number},"padding":"${PADDING}"}`
  }))
}
