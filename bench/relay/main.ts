/** `node dist/bench/relay/main.js`: reports through the gateway and through its peers; prints a table, writes `bench/results/relay.json`. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { readConfiguration } from '../../src/core.js'
import { benchRelay, type RelayCase, type RelayFigure } from './relay.js'
import type { Spread } from './spread.js'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    connections: { type: 'string', default: '50,1000' },
    qos: { type: 'string', default: '0,1' },
    only: { type: 'string', multiple: true }
  }
})
const { policy } = await readConfiguration('config')
const listed = policy.recipients.find(({ name }) => name === 'product-analytics')?.reports ?? new Set<string>()
const options = { ...(values.short ? { rounds: 2, warmUpMs: 500, ms: 1000 } : { rounds: 5, warmUpMs: 1000, ms: 4000 }), ...(values.only !== undefined && { only: values.only }) }
const cases: RelayCase[] = numbers(values.connections).flatMap(connections => numbers(values.qos).map(qos => ({ connections, qos: qos === 1 ? 1 : 0 })))
const figures: RelayFigure[] = []
for (const each of cases) {
  const own = await benchRelay(each, listed, options, text => process.stderr.write(`${text}\n`))
  figures.push(...own)
  console.log(tableOf(each, own))
}
mkdirSync(join('bench', 'results'), { recursive: true })
writeFileSync(join('bench', 'results', 'relay.json'), JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, relay: figures }, undefined, 2) + '\n')

function tableOf ({ connections, qos }: RelayCase, rows: readonly RelayFigure[]): string {
  const table = new Table({ head: [`${connections} connections, QoS ${qos}`, 'reports a second', 'times plain aedes', 'µs of CPU', 'times plain aedes', 'with an address', "load's core"], style: { head: [], border: [] } })
  for (const { peer, missing, perSecond, rateRatio, cpuMicros, cpuRatio, leaking, loadShare } of rows) {
    table.push(missing !== undefined
      ? [peer, { colSpan: 6, content: missing }]
      : [peer, spell(perSecond, 0), spell(rateRatio, 2), spell(cpuMicros, 1), spell(cpuRatio, 2), leaking === undefined ? '' : `${leaking.leaking} of ${leaking.checked}`, spell(loadShare, 2)])
  }
  return table.toString()
}

function spell (spread: Spread | undefined, digits: number): string {
  return spread === undefined ? '' : `${spread.median.toFixed(digits)} (${spread.minimum.toFixed(digits)}–${spread.maximum.toFixed(digits)})`
}

function numbers (text: string): number[] {
  return text.split(',').map(Number)
}
