/**
 * `node dist/bench/relay/main.js`: reports through the gateway and through its peers; prints tables, writes
 * `bench/results/relay.json`.
 *
 *     --short              fewer and shorter rounds
 *     --row NAME           relay, recipients, latency or idle; all where none is given
 *     --connections 50     of the relay; more than one parted by commas
 *     --qos 0
 *     --only PEER          beside plain aedes
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfiguration } from '../../src/core.js'
import { benchIdle } from './idle.js'
import { benchLatency } from './latency.js'
import { GATEWAY, TEN_RECIPIENTS } from './peers.js'
import { benchRelay, peersOf } from './relay.js'
import { idleTable, latencyTable, relayTable } from './tables.js'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    row: { type: 'string', multiple: true, default: ['relay', 'recipients', 'latency', 'idle'] },
    connections: { type: 'string', default: '50,1000' },
    qos: { type: 'string', default: '0,1' },
    only: { type: 'string', multiple: true }
  }
})
const { policy } = await readConfiguration('config')
const listed = policy.recipients.find(({ name }) => name === 'product-analytics')?.reports ?? new Set<string>()
const pace = values.short ? { rounds: 2, warmUpMs: 500, ms: 1000 } : { rounds: 5, warmUpMs: 1000, ms: 4000 }
const say = (text: string): void => { process.stderr.write(`${text}\n`) }

for (const row of values.row) {
  switch (row) {
    case 'relay': {
      const cases = numbers(values.connections).flatMap(connections => numbers(values.qos).map(qos => ({ connections, qos: qos === 1 ? 1 : 0 } as const)))
      const figures = []
      for (const each of cases) {
        const own = await benchRelay(each, listed, { ...pace, peers: peersOf(values.only) }, say)
        console.log(relayTable(own, 'plain aedes'))
        figures.push(...own)
      }
      keep('relay', figures)
      break
    }
    case 'recipients': {
      const figures = await benchRelay({ connections: 50, qos: 1 }, listed, { ...pace, peers: [GATEWAY, TEN_RECIPIENTS] }, say)
      console.log(relayTable(figures, 'one recipient'))
      keep('recipients', figures)
      break
    }
    case 'latency': {
      const figures = await benchLatency(listed, pace, say)
      console.log(latencyTable(figures))
      keep('latency', figures)
      break
    }
    case 'idle': {
      const figures = await benchIdle(values.short ? 1_000 : 10_000, say)
      console.log(idleTable(figures))
      keep('idle', figures)
      break
    }
    default: throw new TypeError(`no row ${row}; there are relay, recipients, latency, idle`)
  }
}

/** Rows that were not measured stay as they were. */
function keep (row: string, figures: unknown): void {
  const file = join('bench', 'results', 'relay.json')
  mkdirSync(join('bench', 'results'), { recursive: true })
  let before: object = {}
  try { before = JSON.parse(readFileSync(file, 'utf8')) as object } catch {}
  writeFileSync(file, JSON.stringify({ ...before, node: process.version, cpu: cpus()[0]?.model, [row]: { at: new Date().toISOString(), ...pace, figures } }, undefined, 2) + '\n')
}

function numbers (text: string): number[] {
  return text.split(',').map(Number)
}
