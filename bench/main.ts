/**
 * `npm run bench`: prints figures against those to reach, each with its spread, and writes them to `bench/results/`, a file
 * for each row. Exits with 1 where a figure is not reached or something does not hold that it rests on.
 *
 *     --short            small counts: every check alive, the figures mean nothing; nothing is written
 *     --row NAME         one row; may be given again
 *     --results FOLDER   to write to
 *     --accounts 100000  in the ledger of the row consent
 *     --qos 0            of the rows relay and crowd
 *     --only PEER        in the row relay, beside the gateway and plain aedes; may be given again
 */

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Figure } from './figures/figure.js'
import { runRow, tableOf } from './figures/run-rows.js'
import { saveResult, stateNow } from './results.js'
import { ROWS } from './rows.js'
import type { BenchResult } from './run.js'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    row: { type: 'string', multiple: true, default: Object.keys(ROWS) },
    results: { type: 'string' },
    accounts: { type: 'string', default: '100000' },
    qos: { type: 'string', default: '0,1' },
    only: { type: 'string', multiple: true }
  }
})
const unknown = values.row.find(name => ROWS[name] === undefined)
if (unknown !== undefined) throw new TypeError(`no row ${unknown}; there are ${Object.keys(ROWS).join(', ')}`)
const settings = { accounts: Number(values.accounts), qos: values.qos.split(',').map(qos => qos === '1' ? 1 : 0 as 0 | 1), only: values.only }
const folder = values.results ?? (values.short ? undefined : join('bench', 'results'))

const figures: Figure[] = []
for (const name of values.row) figures.push(...await bench(name))
console.log(tableOf('what', figures))
process.exitCode = figures.every(({ pass }) => pass) ? 0 : 1

async function bench (name: string): Promise<readonly Figure[]> {
  const state = stateNow()
  const startMs = performance.now()
  let result: BenchResult | undefined
  const figures = await runRow(name, async run => {
    result = await ROWS[name]!({ ...run, ...settings })
    return [...result.figures]
  }, values.short)
  const seconds = (performance.now() - startMs) / 1000
  for (const table of result?.tables ?? []) console.log(table)
  process.stderr.write(`${name}: done in ${seconds.toFixed(0)} s\n`)
  if (folder !== undefined) saveResult(folder, { row: name, ...state, seconds, figures, detail: result?.detail })
  return figures
}
