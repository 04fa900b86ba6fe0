/** Reports a second and CPU a report, against plain aedes and the other peers: 50 connections, and 1,000. */

import { checkFigure, measuredFigure, type Figure } from '../figures/figure.js'
import { paceOf, type BenchResult, type BenchRun } from '../run.js'
import { checksOf, gatewayOf } from './checks.js'
import { listedReports } from './homes.js'
import { GATEWAY, MOSQUITTO, PEERS, PLAIN } from './peers.js'
import { benchRelay, ratiosOf, type RelayCase, type RelayResult } from './relay.js'
import { relayTable } from './tables.js'
import type { Peer } from './peer.js'

interface Reach {
  readonly rate: readonly [number, number]
  /** Where CPU has a figure to reach as well. */
  readonly cpu?: readonly [number, number]
}

export async function relayRow (run: BenchRun): Promise<BenchResult> {
  const peers = PEERS.filter(peer => peer === GATEWAY || run.only === undefined || run.only.includes(peer.name))
  return await relayed(run, run.short ? 10 : 50, [PLAIN, ...peers], { rate: [4, 4], cpu: [0.25, 0.5] })
}

/** Without the slower peers. */
export async function crowdRow (run: BenchRun): Promise<BenchResult> {
  return await relayed(run, run.short ? 50 : 1_000, [PLAIN, GATEWAY, MOSQUITTO], { rate: [2.5, 2.5] })
}

async function relayed (run: BenchRun, connections: number, peers: readonly Peer[], reach: Reach): Promise<BenchResult> {
  const listed = await listedReports()
  const [figures, tables, detail]: [Figure[], string[], object[]] = [[], [], []]
  for (const qos of run.qos) {
    const relayCase = { connections, qos }
    const result = await benchRelay(relayCase, listed, { ...paceOf(run), peers, folder: run.folder }, run.note)
    figures.push(...figuresOf(relayCase, result, reach), checkFigure(`${spelled(relayCase)}: what is measured`, checksOf(result, run.folder)))
    tables.push(relayTable(result, PLAIN.name))
    detail.push({ ...relayCase, ...result })
  }
  return { figures, tables, detail }
}

function figuresOf (relayCase: RelayCase, { figures }: RelayResult, reach: Reach): Figure[] {
  const samplesOf = ({ name }: Peer) => figures.find(({ peer }) => peer === name)?.samples ?? []
  const own = gatewayOf(figures).samples
  const against = (peer: Peer, of: 'perSecond' | 'cpuMicros') => ratiosOf(own, samplesOf(peer), of)
  const what = spelled(relayCase)
  const { qos } = relayCase
  return [
    measuredFigure(`${what}: reports a second, against plain aedes`, against(PLAIN, 'perSecond'), { atLeast: reach.rate[qos] }),
    ...reach.cpu === undefined ? [] : [measuredFigure(`${what}: CPU a report, against plain aedes`, against(PLAIN, 'cpuMicros'), { atMost: reach.cpu[qos] })],
    ...samplesOf(MOSQUITTO).length === 0
      ? []
      : [
          measuredFigure(`${what}: reports a second, against unfiltered mosquitto`, against(MOSQUITTO, 'perSecond'), { atLeast: 1 }),
          ...reach.cpu === undefined ? [] : [measuredFigure(`${what}: CPU a report, against unfiltered mosquitto`, against(MOSQUITTO, 'cpuMicros'), { atMost: 1 })]
        ]
  ]
}

function spelled ({ connections, qos }: RelayCase): string {
  return `${connections.toLocaleString('en')} connections, QoS ${qos === 0 ? '0' : '1, durable'}`
}
