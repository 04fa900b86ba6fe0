/**
 * How long a PUBACK takes at an even 2,000 reports a second, 50 connections, kept on disk before it is answered: the gateway
 * against an aedes that writes what comes into a file, one fdatasync for all that came meanwhile. In turn within each round.
 *
 * The time is from the write of a report to its PUBACK, in the process that sends.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PASSWORD } from '../figures/register-homes.js'
import { spreadOf, type Spread } from '../figures/spread.js'
import { LEAST_BYTES, reportersOf } from './homes.js'
import { LoadProcess } from './load-process.js'
import type { Peer, RunningPeer } from './peer.js'
import { FDATASYNC, GATEWAY } from './peers.js'

const CONNECTIONS = 50
const PER_SECOND = 2_000

export interface LatencyFigure {
  readonly peer: string
  readonly medianMs: Spread
  readonly p99Ms: Spread
  /** Against the file of aedes in the same round. */
  readonly p99Ratio: Spread
  readonly cpuMicros: Spread
  /** Answered of those sent. */
  readonly answered: number
  readonly unanswered: number
  /** Whether the file holds at least what was answered; undefined without one. */
  readonly isKept: boolean | undefined
}

interface Sample {
  readonly medianMs: number
  readonly p99Ms: number
  readonly cpuMicros: number
  readonly reports: number
  readonly unacknowledged: number
}

export async function benchLatency (listed: ReadonlySet<string>, { rounds, ms, folder }: { readonly rounds: number, readonly ms: number, readonly folder: string }, say: (text: string) => void): Promise<LatencyFigure[]> {
  const load = new LoadProcess()
  const running = new Map<Peer, RunningPeer>()
  try {
    const { reporters } = reportersOf(CONNECTIONS, listed)
    await load.ask({ do: 'prepare', connections: CONNECTIONS, listed: [...listed] })
    for (const peer of [FDATASYNC, GATEWAY]) {
      const own = join(folder, String(running.size))
      mkdirSync(own)
      const server = await peer.start(own, reporters, 1)
      running.set(peer, server)
      await load.ask({ do: 'open', site: peer.name, port: server.port, connections: CONNECTIONS, qos: 1, password: PASSWORD, subscribers: server.subscribers })
      await load.ask({ do: 'paced', site: peer.name, ms, perSecond: PER_SECOND, pids: server.pids })
    }
    const samples = new Map([...running.keys()].map(peer => [peer, [] as Sample[]]))
    for (let round = 0; round < rounds; round++) {
      for (const [peer, { pids }] of running) {
        const answer = await load.ask({ do: 'paced', site: peer.name, ms, perSecond: PER_SECOND, pids })
        samples.get(peer)?.push({ ...answer, cpuMicros: answer.cpuMs * 1000 / answer.reports })
      }
      say(`${PER_SECOND} reports a second, round ${round + 1}: ${[...samples].map(([peer, all]) => `${peer.name} ${all.at(-1)!.p99Ms.toFixed(2)} ms`).join(', ')}`)
    }
    const [base = []] = samples.values()
    return [...samples].map(([peer, own]) => ({
      peer: peer.name,
      answered: sum(own.map(({ reports }) => reports)),
      unanswered: sum(own.map(({ unacknowledged }) => unacknowledged)),
      isKept: isKept(running.get(peer), own),
      medianMs: spreadOf(own.map(({ medianMs }) => medianMs)),
      p99Ms: spreadOf(own.map(({ p99Ms }) => p99Ms)),
      p99Ratio: spreadOf(own.map(({ p99Ms }, round) => p99Ms / (base[round]?.p99Ms ?? NaN))),
      cpuMicros: spreadOf(own.map(({ cpuMicros }) => cpuMicros))
    }))
  } finally {
    load.end()
    for (const server of running.values()) await server.end()
  }
}

function isKept (server: RunningPeer | undefined, own: readonly Sample[]): boolean | undefined {
  const bytes = server?.keptBytes?.()
  return bytes === undefined ? undefined : bytes >= LEAST_BYTES * sum(own.map(({ reports }) => reports))
}

function sum (figures: readonly number[]): number {
  return figures.reduce((all, figure) => all + figure, 0)
}
