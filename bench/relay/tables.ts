/** The figures of the relay as tables for a terminal. */

import Table from 'cli-table3'
import type { Spread } from '../figures/spread.js'
import type { IdleFigure } from './idle.js'
import type { LatencyFigure } from './latency.js'
import type { RelayResult } from './relay.js'

const PLAIN = { style: { head: [], border: [] } }

export function relayTable ({ figures, ceiling }: RelayResult, base: string): string {
  const { connections = 0, qos = 0 } = figures[0] ?? {}
  const table = new Table({ ...PLAIN, head: [`${connections} connections, QoS ${qos}`, 'reports a second', `times ${base}`, 'µs of CPU', `times ${base}`, 'with an address', 'lost', 'withheld', "load's core"] })
  for (const { peer, absent, lost = 0, withheld = 0, perSecond, rateRatio, cpuMicros, cpuRatio, leaking, loadShare } of figures) {
    table.push(absent !== undefined
      ? [peer, { colSpan: 8, content: `skipped: ${absent}` }]
      : [peer, spell(perSecond, 0), spell(rateRatio, 2), spell(cpuMicros, 1), spell(cpuRatio, 2), leaking === undefined ? '' : `${leaking.leaking} of ${leaking.checked}`, lost, withheld, spell(loadShare, 2)])
  }
  table.push(['the load alone, into a sink-hole', Math.round(ceiling), { colSpan: 7, content: '' }])
  return table.toString()
}

export function latencyTable (rows: readonly LatencyFigure[]): string {
  const table = new Table({ ...PLAIN, head: ['2,000 reports a second, durable', 'median ms', '99th ms', 'times the file', 'µs of CPU'] })
  for (const { peer, medianMs, p99Ms, p99Ratio, cpuMicros } of rows) table.push([peer, spell(medianMs, 2), spell(p99Ms, 2), spell(p99Ratio, 2), spell(cpuMicros, 1)])
  return table.toString()
}

export function idleTable (rows: readonly IdleFigure[]): string {
  const table = new Table({ ...PLAIN, head: ['idle connections', 'KiB each', 'of them heap', 'times plain aedes'] })
  for (const { peer, connections, residentKib, heapKib, ratio } of rows) table.push([`${peer}, ${connections}`, residentKib.toFixed(1), heapKib.toFixed(1), ratio.toFixed(2)])
  return table.toString()
}

function spell (spread: Spread | undefined, digits: number): string {
  return spread === undefined ? '' : `${spread.median.toFixed(digits)} (${spread.minimum.toFixed(digits)}–${spread.maximum.toFixed(digits)})`
}
