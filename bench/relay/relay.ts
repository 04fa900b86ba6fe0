/**
 * Reports through the gateway against the same reports through other brokers, in turn within each round.
 *
 * The server has one core, devices and subscriber together the other. A rate is that of the reports which arrive at the
 * subscriber and, at QoS 1, were acknowledged: the lower of the two. CPU is that of the server's processes, all threads.
 */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PASSWORD } from '../figures/register-homes.js'
import { reportersOf } from './homes.js'
import { LoadProcess } from './load-process.js'
import { PEERS, PLAIN, type Peer, type RunningPeer } from './peers.js'
import { spreadOf, type Spread } from './spread.js'

export interface RelayCase {
  readonly connections: number
  readonly qos: 0 | 1
}

export interface RelayOptions {
  readonly rounds: number
  readonly warmUpMs: number
  readonly ms: number
  /** The first is what the others are held against. */
  readonly peers: readonly Peer[]
}

/** Plain aedes, and those of all others that are named; all where none is. */
export function peersOf (only: readonly string[] | undefined): Peer[] {
  return [PLAIN, ...PEERS].filter(peer => peer === PLAIN || only === undefined || only.includes(peer.name))
}

export interface RelayFigure extends RelayCase {
  readonly peer: string
  readonly missing?: string
  readonly perSecond?: Spread
  /** Against the first peer in the same round. */
  readonly rateRatio?: Spread
  readonly cpuMicros?: Spread
  readonly cpuRatio?: Spread
  readonly leaking?: { readonly checked: number, readonly leaking: number }
  /** Of its core, that the load used. */
  readonly loadShare?: Spread
}

interface Sample {
  readonly perSecond: number
  readonly cpuMicros: number
  readonly loadShare: number
}

const WINDOW = 64
const LEAK_PAYLOADS = 2_000

export async function benchRelay (relayCase: RelayCase, listed: ReadonlySet<string>, options: RelayOptions, say: (text: string) => void): Promise<RelayFigure[]> {
  const { connections, qos } = relayCase
  const { peers } = options
  const folder = mkdtempSync(join(tmpdir(), 'curtilage-relay-'))
  const load = new LoadProcess()
  const running = new Map<Peer, RunningPeer>()
  try {
    const { reporters } = reportersOf(connections, listed)
    await load.ask({ do: 'prepare', connections, listed: [...listed] })
    for (const peer of peers.filter(({ missing }) => missing === undefined)) {
      const own = join(folder, String(running.size))
      mkdirSync(own)
      const server = await peer.start(own, reporters, qos)
      running.set(peer, server)
      await load.ask({ do: 'open', site: peer.name, port: server.port, connections, qos, password: PASSWORD, subscribers: server.subscribers })
    }
    const samples = new Map([...running.keys()].map(peer => [peer, [] as Sample[]]))
    for (let round = 0; round < options.rounds; round++) {
      for (const [peer, { pids }] of running) {
        const { seconds, received, acknowledged, cpuMs, loadCpuMs } = await load.ask({ do: 'round', site: peer.name, warmUpMs: options.warmUpMs, ms: options.ms, pids, window: WINDOW })
        const reports = qos === 0 ? received : Math.min(received, acknowledged)
        samples.get(peer)?.push({ perSecond: reports / seconds, cpuMicros: cpuMs * 1000 / reports, loadShare: loadCpuMs / 1000 / seconds })
      }
      say(`${connections} connections, QoS ${qos}, round ${round + 1}: ${[...samples].map(([peer, all]) => `${peer.name} ${Math.round(all.at(-1)!.perSecond)}/s`).join(', ')}`)
    }
    const figures: RelayFigure[] = []
    const [base] = samples.values()
    for (const peer of peers) {
      const own = samples.get(peer)
      if (own === undefined) { figures.push({ ...relayCase, peer: peer.name, ...(peer.missing !== undefined && { missing: peer.missing }) }); continue }
      const leaking = await load.ask({ do: 'leaks', site: peer.name, payloads: LEAK_PAYLOADS })
      figures.push({ ...relayCase, peer: peer.name, ...figureOf(own, base ?? []), leaking })
    }
    return figures
  } finally {
    load.end()
    for (const server of running.values()) await server.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

function figureOf (own: readonly Sample[], base: readonly Sample[]) {
  return {
    perSecond: spreadOf(own.map(({ perSecond }) => perSecond)),
    rateRatio: spreadOf(own.map(({ perSecond }, round) => perSecond / (base[round]?.perSecond ?? NaN))),
    cpuMicros: spreadOf(own.map(({ cpuMicros }) => cpuMicros)),
    cpuRatio: spreadOf(own.map(({ cpuMicros }, round) => cpuMicros / (base[round]?.cpuMicros ?? NaN))),
    loadShare: spreadOf(own.map(({ loadShare }) => loadShare))
  }
}
