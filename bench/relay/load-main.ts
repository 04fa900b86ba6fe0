/**
 * The load of `npm run bench`, a process of its own on a core of its own: devices and a subscriber for every peer.
 *
 * Told over the process channel what to do, one question at a time; answers with counts.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf } from '../figures/process-cost.js'
import { ringOf, type Login, type Ring } from './frames.js'
import { reportersOf, type Reporter } from './homes.js'
import { looksLeaky } from './leaks.js'
import { Flood, Loop, Receiver, Sender } from './load.js'

export interface OpenQuestion {
  readonly do: 'open'
  readonly site: string
  readonly port: number
  readonly connections: number
  readonly qos: 0 | 1
  readonly password: string
  readonly subscribers: readonly (Login & { readonly topic: string })[]
}

export interface RoundQuestion {
  readonly do: 'round'
  readonly site: string
  /** At least, and until one and a half times as many reports have come as are under way. */
  readonly warmUpMs: number
  readonly ms: number
  readonly pids: readonly number[]
  /** Reports under way for each connection. */
  readonly window: number
}

export interface PacedQuestion {
  readonly do: 'paced'
  readonly site: string
  readonly ms: number
  readonly perSecond: number
  readonly pids: readonly number[]
}

export interface LeakQuestion {
  readonly do: 'leaks'
  readonly site: string
  readonly payloads: number
}

/** Against a server that swallows all: how fast the load itself is. */
export interface FloodQuestion {
  readonly do: 'flood'
  readonly site: string
  readonly ms: number
}

/** The subscriber goes; so many reports of each connection, all acknowledged. */
export interface FillQuestion {
  readonly do: 'fill'
  readonly site: string
  readonly reports: number
}

/** The subscriber is back, on a server of its own: how many different disclosures come. */
export interface CollectQuestion {
  readonly do: 'collect'
  readonly port: number
  readonly subscriber: Login & { readonly topic: string }
  readonly expected: number
}

export type Question = { readonly do: 'prepare', readonly connections: number, readonly listed: readonly string[] } | OpenQuestion | RoundQuestion | PacedQuestion | LeakQuestion | FloodQuestion | FillQuestion | CollectQuestion

export interface RoundAnswer {
  /** Warmed up, and what was acknowledged and received in them. */
  readonly seconds: number
  readonly acknowledged: number
  readonly received: number
  readonly loadCpuMs: number
  /** From the first report until nothing comes any more, and what the server's processes used for it. */
  readonly sent: number
  readonly cpuMs: number
  /**
   * Of all that was sent: what did not come, summed over the subscribers, and what was not acknowledged. Negative where
   * more came, of an earlier round.
   */
  readonly missing: number
  readonly unacknowledged: number
}

export interface PacedAnswer {
  readonly medianMs: number
  readonly p99Ms: number
  /** Acknowledged; and sent without an answer. */
  readonly reports: number
  readonly unacknowledged: number
  /** Of the server's processes. */
  readonly cpuMs: number
}

interface Site {
  readonly qos: 0 | 1
  readonly senders: readonly Sender[]
  readonly receiver: Receiver
  /** Of further recipients. */
  readonly others: readonly Receiver[]
}

const SETTLE_MS = 20_000
/** Nothing came any more for so long. */
const QUIET_MS = 500
const FLOOD_WINDOW = 64
const MOST_WARM_UP_MS = 10_000
const sites = new Map<string, Site>()
let reporters: Reporter[] = []
const rings: Ring[][] = [[], []]
let planted: readonly string[] = []

function prepare (connections: number, listed: readonly string[]): void {
  const made = reportersOf(connections, new Set(listed))
  reporters = made.reporters
  planted = made.homes.flatMap(home => home.planted.filter(({ kind }) => ['mac', 'neighbor-mac', 'ip'].includes(kind)).flatMap(({ spellings }) => spellings))
  for (const qos of [0, 1] as const) rings[qos] = reporters.map(({ topic, payloads }) => ringOf(topic, payloads, qos))
}

async function open ({ site, port, connections, qos, password, subscribers }: OpenQuestion): Promise<void> {
  const receivers: Receiver[] = []
  for (const subscriber of subscribers) receivers.push(await Receiver.open(port, subscriber, subscriber.topic, qos))
  const [receiver, ...others] = receivers
  if (receiver === undefined) throw new TypeError('one subscriber at least')
  const senders: Sender[] = []
  for (const [i, { device }] of reporters.slice(0, connections).entries()) {
    senders.push(await Sender.open(port, { clientId: `${site}-${i}`.replace(/\W/g, '-').slice(-23), userName: device, password }, rings[qos]![i]!))
  }
  sites.set(site, { qos, senders, receiver, others })
}

async function round ({ site, warmUpMs, ms, pids, window }: RoundQuestion): Promise<RoundAnswer> {
  const { qos, senders, receiver, others } = siteOf(site)
  const receivers = [receiver, ...others]
  const came = receivers.map(({ received }) => received)
  const start = countsOf(site, pids)
  const loop = qos === 0 ? new Loop(senders, receiver, window) : undefined
  if (qos === 1) for (const sender of senders) sender.keep(window)
  await warmedUp(receiver, 1.5 * window * senders.length, warmUpMs)
  const before = countsOf(site, pids)
  await sleep(ms)
  const after = countsOf(site, pids)
  loop?.stop()
  for (const sender of senders) sender.stop()
  await settled(senders, receivers)
  const end = countsOf(site, pids)
  const sent = end.sent - start.sent
  return {
    seconds: (after.atMs - before.atMs) / 1000,
    acknowledged: after.acknowledged - before.acknowledged,
    received: after.received - before.received,
    loadCpuMs: after.loadCpuMs - before.loadCpuMs,
    sent,
    cpuMs: end.cpuMs - start.cpuMs,
    missing: receivers.reduce((sum, { received }, i) => sum + sent - received + came[i]!, 0),
    unacknowledged: qos === 0 ? 0 : sent - end.acknowledged + start.acknowledged
  }
}

/** Until then the queues are only filling, and what comes says nothing of the rate. */
async function warmedUp (receiver: Receiver, reports: number, leastMs: number): Promise<void> {
  const enough = receiver.received + reports
  const deadline = performance.now() + MOST_WARM_UP_MS
  await sleep(leastMs)
  while (receiver.received < enough && performance.now() < deadline) await sleep(20)
}

function countsOf (site: string, pids: readonly number[]) {
  const { senders, receiver } = siteOf(site)
  const { user, system } = process.cpuUsage()
  return {
    atMs: performance.now(),
    sent: senders.reduce((sum, { sent }) => sum + sent, 0),
    acknowledged: senders.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    received: receiver.received,
    cpuMs: pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0),
    loadCpuMs: (user + system) / 1000
  }
}

/** What is still on its way must not disturb who comes next. */
async function settled (senders: readonly Sender[], receivers: readonly Receiver[]): Promise<void> {
  const count = (): number => receivers.reduce((sum, { received }) => sum + received, 0)
  const deadline = performance.now() + SETTLE_MS
  for (let last = -1; performance.now() < deadline && (last !== count() || senders.some(({ inFlight, acknowledged }) => acknowledged > 0 && inFlight > 0));) {
    last = count()
    await sleep(QUIET_MS)
  }
}

async function flood ({ site, ms }: FloodQuestion): Promise<{ perSecond: number }> {
  const { qos, senders } = siteOf(site)
  const flooding = qos === 0 ? new Flood(senders) : undefined
  if (qos === 1) for (const sender of senders) sender.keep(FLOOD_WINDOW)
  await sleep(ms / 4)
  const before = countsOf(site, [])
  await sleep(ms)
  const after = countsOf(site, [])
  flooding?.stop()
  for (const sender of senders) sender.stop()
  const reports = qos === 0 ? after.sent - before.sent : after.acknowledged - before.acknowledged
  return { perSecond: reports * 1000 / (after.atMs - before.atMs) }
}

async function fill ({ site, reports }: FillQuestion): Promise<{ acknowledged: number }> {
  const { senders, receiver, others } = siteOf(site)
  for (const each of [receiver, ...others]) each.close()
  const before = countsOf(site, [])
  for (const sender of senders) sender.send(reports)
  await settled(senders, [receiver])
  return { acknowledged: countsOf(site, []).acknowledged - before.acknowledged }
}

async function collect ({ port, subscriber, expected }: CollectQuestion): Promise<{ arrived: number }> {
  const ids = new Set<unknown>()
  const receiver = await Receiver.open(port, subscriber, subscriber.topic, 1)
  receiver.onPayload = payload => ids.add((JSON.parse(payload.toString('utf8')) as { id: string }).id)
  const deadline = performance.now() + SETTLE_MS
  while (ids.size < expected && performance.now() < deadline) await sleep(QUIET_MS)
  receiver.close()
  return { arrived: ids.size }
}

/** One report after the other at an even pace, over all connections in turn; the time from sending to PUBACK. */
async function paced ({ site, ms, perSecond, pids }: PacedQuestion): Promise<PacedAnswer> {
  const { senders, receiver, others } = siteOf(site)
  const latencies: number[] = []
  const waiting = senders.map((): number[] => [])
  senders.forEach((sender, i) => {
    sender.onAcknowledged = count => { for (const sentMs of waiting[i]!.splice(0, count)) latencies.push(performance.now() - sentMs) }
  })
  const before = countsOf(site, pids)
  const startMs = performance.now()
  for (let sent = 0; performance.now() - startMs < ms;) {
    for (const due = (performance.now() - startMs) * perSecond / 1000; sent < due; sent++) {
      const i = sent % senders.length
      waiting[i]!.push(performance.now())
      senders[i]!.send(1)
    }
    await sleep(1)
  }
  await settled(senders, [receiver, ...others])
  const cpuMs = countsOf(site, pids).cpuMs - before.cpuMs
  for (const sender of senders) sender.onAcknowledged = () => {}
  latencies.sort((a, b) => a - b)
  return { cpuMs, reports: latencies.length, unacknowledged: waiting.flat().length, medianMs: latencies[latencies.length >> 1] ?? NaN, p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? NaN }
}

/** Of so many payloads that arrive, how many hold an address of the homes in a spelling of theirs. */
async function leaks ({ site, payloads }: LeakQuestion): Promise<{ checked: number, leaking: number }> {
  const { senders, receiver } = siteOf(site)
  const seen: string[] = []
  receiver.onPayload = payload => { if (seen.length < payloads) seen.push(payload.toString('latin1')) }
  const deadline = performance.now() + SETTLE_MS
  while (seen.length < payloads && performance.now() < deadline) {
    for (const sender of senders) sender.send(1)
    await sleep(20)
  }
  receiver.onPayload = undefined
  await settled(senders, [receiver])
  return { checked: seen.length, leaking: seen.filter(text => looksLeaky(text, planted)).length }
}

function siteOf (name: string): Site {
  const site = sites.get(name)
  if (site === undefined) throw new Error(`no site ${name}`)
  return site
}

async function answer (question: Question): Promise<unknown> {
  switch (question.do) {
    case 'prepare': return prepare(question.connections, question.listed)
    case 'open': return await open(question)
    case 'round': return await round(question)
    case 'paced': return await paced(question)
    case 'leaks': return await leaks(question)
    case 'flood': return await flood(question)
    case 'fill': return await fill(question)
    case 'collect': return await collect(question)
  }
}

process.on('message', (question: Question) => {
  answer(question).then(result => process.send?.({ result }), error => process.send?.({ error: String(error) }))
})
process.on('disconnect', () => process.exit())
