/**
 * One device sends 20,000 reports without waiting for an answer. No more than a bound are under way at one time, and the
 * others are answered nearly as fast as without it.
 */

import { setTimeout } from 'node:timers/promises'
import type { Figure, Run } from '../figures/figure.js'
import { MqttConnection } from '../figures/mqtt-connection.js'
import { PASSWORD, registerHomes } from '../figures/register-homes.js'
import { Reporter } from '../figures/reporter.js'
import type { GatewayProcess } from '../figures/gateway-process.js'
import { startWatched } from './watched-gateway.js'

const REPORTS = 20_000
const OTHERS = 5
/** Between an answer and the next report of one of the others. */
const PAUSE_MS = 5
const MAX_RATIO = 2
/** In so few rounds the machine's own unrest weighs too much. */
const MAX_SHORT_RATIO = 6
const HOME = { account: 'home', devices: ['hog', ...Array.from({ length: OTHERS }, (_, i) => `other-${i}`)] }

export async function hog ({ short, folder, note }: Run): Promise<Figure[]> {
  const [rounds, windowMs, maxRatio] = short ? [3, 1_000, MAX_SHORT_RATIO] : [10, 3_000, MAX_RATIO]
  const gateway = await startWatched(folder)
  try {
    await registerHomes(gateway.api, [HOME])
    await measure(gateway, windowMs)
    const pairs: { without: number, beside: number, answered: number }[] = []
    for (let round = 0; round < rounds; round++) {
      // in turn, and each first as often as the other: the machine's own drift falls on both
      const hogFirst = round % 2 === 1
      const first = await (hogFirst ? besideHog : measure)(gateway, windowMs)
      const second = await (hogFirst ? measure : besideHog)(gateway, windowMs)
      const [withoutHog, withHog] = hogFirst ? [second, first] : [first, second]
      pairs.push({ without: median(withoutHog.latencies), beside: median(withHog.latencies), answered: withHog.answered })
      note(`round ${round + 1}: median ${median(withoutHog.latencies).toFixed(1)} ms without it, ${median(withHog.latencies).toFixed(1)} ms beside it`)
    }
    const ratios = pairs.map(({ without, beside }) => beside / without).sort((a, b) => a - b)
    const shown = (values: number[]): string => `${median(values).toFixed(1)} ms`
    return [{
      what: `one client with ${REPORTS} reports unanswered: the others' median latency`,
      reach: `at most ${maxRatio} times, over ${rounds} rounds beside rounds without it`,
      seen: `${ratios[0]!.toFixed(2)}, median ${median(ratios).toFixed(2)}, ${ratios.at(-1)!.toFixed(2)} times (${shown(pairs.map(({ without }) => without))} to ${shown(pairs.map(({ beside }) => beside))}; the client itself had ${Math.min(...pairs.map(({ answered }) => answered))} to ${Math.max(...pairs.map(({ answered }) => answered))} answers a round)`,
      pass: median(ratios) <= maxRatio
    }]
  } finally {
    await gateway.end()
  }
}

interface Measured {
  readonly latencies: number[]
  /** Reports of the client without manners that were answered meanwhile. */
  readonly answered: number
}

async function besideHog (gateway: GatewayProcess, windowMs: number): Promise<Measured> {
  const connection = await MqttConnection.open(gateway.mqtt, { userName: 'hog', password: PASSWORD, clientId: 'hog' })
  let answered = 0
  connection.onPacket = packet => { if (packet.cmd === 'puback') answered++ }
  for (let i = 1; i <= REPORTS; i++) connection.publish('kasa/home/hog/energy-realtime', report(i), i)
  const before = answered
  const { latencies } = await measure(gateway, windowMs)
  const during = answered - before
  await connection.cut()
  // what it had under way may not weigh on the round after it
  await setTimeout(200)
  return { latencies, answered: during }
}

/** The others report at an easy pace for a while. */
async function measure ({ mqtt }: GatewayProcess, windowMs: number): Promise<Measured> {
  const latencies: number[] = []
  const reporters = Array.from({ length: OTHERS }, (_, i): Reporter => new Reporter({
    userName: `other-${i}`,
    password: PASSWORD,
    clientId: `other-${i}`,
    topic: `kasa/home/other-${i}/energy-realtime`,
    window: 1,
    payload: report,
    onAnswered: (number, ms) => {
      latencies.push(ms)
      reporters[i]!.pause()
      setTimeout(PAUSE_MS).then(() => reporters[i]!.report(number + 1))
    }
  }))
  await Promise.all(reporters.map(reporter => reporter.connect(mqtt)))
  for (const reporter of reporters) reporter.report(1)
  await setTimeout(windowMs)
  await Promise.all(reporters.map(reporter => reporter.cut()))
  return { latencies, answered: 0 }
}

function report (number: number): string {
  return JSON.stringify({ emeter: { get_realtime: { power: number, voltage: 120, current: 0.5, total: 12 } }, alias: 'lamp', model: 'HS110', mac: '50:C7:BF:0D:91:01' })
}

function median (values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
}
