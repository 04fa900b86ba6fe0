/**
 * Reports through the gateway against the same reports through other brokers, in turn within each round.
 *
 * The server has one core, devices and subscriber together the other. A rate is that of the reports which arrive at the
 * subscriber and, at QoS 1, were acknowledged: the lower of the two. CPU is that of the server's processes, all threads, from
 * the first report of a round until nothing comes any more, for each report of it.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PASSWORD } from '../figures/register-homes.js'
import { spreadOf, type Spread } from '../figures/spread.js'
import type { Pace } from '../run.js'
import { reportersOf, type Reporter } from './homes.js'
import { LoadProcess } from './load-process.js'
import type { Peer, RunningPeer } from './peer.js'
import { SINK } from './peers.js'

export interface RelayCase {
  readonly connections: number
  readonly qos: 0 | 1
}

export interface RelayOptions extends Pace {
  /** The first is what the others are held against. */
  readonly peers: readonly Peer[]
  readonly folder: string
}

/** One round of one peer. */
export interface Sample {
  readonly perSecond: number
  readonly cpuMicros: number
  readonly loadShare: number
  /** Did not come, or where negative came of the round before; was not acknowledged. */
  readonly missing: number
  readonly unacknowledged: number
}

export interface RelayFigure extends RelayCase {
  readonly peer: string
  /** Why it did not run; then nothing else is there. */
  readonly absent?: string
  readonly samples: readonly Sample[]
  readonly perSecond?: Spread
  /** Against the first peer in the same round. */
  readonly rateRatio?: Spread
  readonly cpuMicros?: Spread
  readonly cpuRatio?: Spread
  readonly leaking?: { readonly checked: number, readonly leaking: number }
  /** Of its core, that the load used. */
  readonly loadShare?: Spread
  /** Neither came in any of the rounds nor was withheld. */
  readonly lost?: number
  /** By the rules, of the reports in all rounds. */
  readonly withheld?: number
  /** Acknowledged and not withheld while no subscriber was there, and what came of it after a kill. */
  readonly kept?: { readonly acknowledged: number, readonly arrived: number }
}

export interface RelayResult {
  readonly figures: readonly RelayFigure[]
  /** Reports a second of the load against a server that swallows them. */
  readonly ceiling: number
}

/** Reports under way to a peer: with few connections many of each, with many few. */
const UNDER_WAY = 3_200
const KEPT_EACH = 20

/** Peers whose `missing` says why are left out; one that fails ends the run with an error. */
export async function benchRelay (relayCase: RelayCase, listed: ReadonlySet<string>, options: RelayOptions, say: (text: string) => void): Promise<RelayResult> {
  const relay = new Relay(relayCase, reportersOf(relayCase.connections, listed).reporters, options, say)
  try {
    await relay.open(listed)
    for (let round = 1; round <= options.rounds; round++) await relay.round(round)
    const figures: RelayFigure[] = []
    for (const peer of options.peers) figures.push(await relay.figure(peer))
    return { figures, ceiling: await relay.ceiling() }
  } finally {
    await relay.end()
  }
}

class Relay {
  readonly #case: RelayCase
  readonly #reporters: readonly Reporter[]
  readonly #options: RelayOptions
  readonly #say: (text: string) => void
  readonly #load = new LoadProcess()
  readonly #running = new Map<Peer, RunningPeer>()
  readonly #samples = new Map<Peer, Sample[]>()

  constructor (relayCase: RelayCase, reporters: readonly Reporter[], options: RelayOptions, say: (text: string) => void) {
    this.#case = relayCase
    this.#reporters = reporters
    this.#options = options
    this.#say = text => say(`${relayCase.connections} connections, QoS ${relayCase.qos}, ${text}`)
  }

  async open (listed: ReadonlySet<string>): Promise<void> {
    await this.#load.ask({ do: 'prepare', connections: this.#case.connections, listed: [...listed] })
    for (const peer of this.#options.peers) if (peer.missing === undefined) await this.#start(peer)
  }

  async round (number: number): Promise<void> {
    const { warmUpMs, ms } = this.#options
    const { connections, qos } = this.#case
    for (const [peer, samples] of this.#samples) {
      const { pids } = this.#runningOf(peer)
      const answer = await this.#load.ask({ do: 'round', site: peer.name, warmUpMs, ms, pids, window: Math.max(2, Math.round(UNDER_WAY / connections)) })
      const reports = qos === 0 ? answer.received : Math.min(answer.received, answer.acknowledged)
      samples.push({ ...answer, perSecond: reports / answer.seconds, cpuMicros: answer.cpuMs * 1000 / answer.sent, loadShare: answer.loadCpuMs / 1000 / answer.seconds })
    }
    this.#say(`round ${number}: ${[...this.#samples].map(([peer, all]) => `${peer.name} ${Math.round(all.at(-1)!.perSecond)}/s`).join(', ')}`)
  }

  async figure (peer: Peer): Promise<RelayFigure> {
    const samples = this.#samples.get(peer)
    if (samples === undefined) return { ...this.#case, peer: peer.name, samples: [], ...(peer.missing !== undefined && { absent: peer.missing }) }
    const [base = []] = this.#samples.values()
    const withheld = await this.#runningOf(peer).withheld?.() ?? 0
    const lost = samples.reduce((sum, { missing }) => sum + missing, 0) - withheld
    const leaking = await this.#load.ask({ do: 'leaks', site: peer.name, payloads: this.#options.leakPayloads })
    const kept = this.#case.qos === 1 && this.#runningOf(peer).again !== undefined ? await this.#kept(peer) : undefined
    return { ...this.#case, peer: peer.name, samples, ...summaryOf(samples, base), lost, withheld, leaking, ...(kept !== undefined && { kept }) }
  }

  async ceiling (): Promise<number> {
    await this.#start(SINK)
    this.#samples.delete(SINK)
    const { perSecond } = await this.#load.ask({ do: 'flood', site: SINK.name, ms: this.#options.ms })
    this.#say(`the load against a sink-hole: ${Math.round(perSecond)}/s`)
    return perSecond
  }

  async end (): Promise<void> {
    this.#load.end()
    for (const server of this.#running.values()) await server.end()
  }

  async #start (peer: Peer): Promise<void> {
    const { connections, qos } = this.#case
    const own = join(this.#options.folder, `${connections}-${qos}-${this.#running.size}`)
    mkdirSync(own)
    const server = await peer.start(own, this.#reporters, qos)
    this.#running.set(peer, server)
    await this.#load.ask({ do: 'open', site: peer.name, port: server.port, connections, qos, password: PASSWORD, subscribers: server.subscribers })
    this.#samples.set(peer, [])
  }

  /** Reports that are acknowledged while no subscriber is there, a kill, a new start on the same disk: what comes. */
  async #kept (peer: Peer): Promise<NonNullable<RelayFigure['kept']>> {
    const server = this.#runningOf(peer)
    const withheldBefore = await server.withheld?.() ?? 0
    const filled = await this.#load.ask({ do: 'fill', site: peer.name, reports: KEPT_EACH })
    const withheld = await server.withheld?.() ?? 0
    const acknowledged = filled.acknowledged - (withheld - withheldBefore) / server.subscribers.length
    const next = await server.again!()
    this.#running.set(peer, next)
    const { arrived } = await this.#load.ask({ do: 'collect', port: next.port, subscriber: next.subscribers[0]!, expected: acknowledged })
    return { acknowledged, arrived }
  }

  #runningOf (peer: Peer): RunningPeer {
    const running = this.#running.get(peer)
    if (running === undefined) throw new TypeError(`${peer.name} does not run`)
    return running
  }
}

/** Of one peer against another, round by round. */
export function ratiosOf (own: readonly Sample[], base: readonly Sample[], of: 'perSecond' | 'cpuMicros'): Spread {
  return spreadOf(own.map((sample, round) => sample[of] / (base[round]?.[of] ?? NaN)))
}

function summaryOf (own: readonly Sample[], base: readonly Sample[]) {
  return {
    perSecond: spreadOf(own.map(({ perSecond }) => perSecond)),
    rateRatio: ratiosOf(own, base, 'perSecond'),
    cpuMicros: spreadOf(own.map(({ cpuMicros }) => cpuMicros)),
    cpuRatio: ratiosOf(own, base, 'cpuMicros'),
    loadShare: spreadOf(own.map(({ loadShare }) => loadShare))
  }
}
