/** `npm run bench`: prints the figures and writes them to `bench/results/`. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpus } from 'node:os'
import Table from 'cli-table3'
import { benchFilter } from './filter.js'

const figures = await benchFilter('config')
const table = new Table({ head: ['filter alone', 'row', 'median bytes', 'disclosed', 'short way', 'ratio: min', 'median', 'max', 'µs a report'], style: { head: [], border: [] } })
for (const { size, row, reports, rounds, medianBytes, disclosed, filtered, minimum, median, maximum, workMs } of figures) {
  table.push([size, row, medianBytes, disclosed, filtered, minimum.toFixed(2), median.toFixed(2), maximum.toFixed(2), (workMs * 1000 / (reports / rounds)).toFixed(1)])
}
console.log(table.toString())
console.log('ratio: CPU time of the filter / CPU time of JSON.parse + JSON.stringify, Buffer to Buffer, of the same bytes, in turn; ten recipients against one')
const folder = join('bench', 'results')
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'filter.json'), JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, filter: figures }, undefined, 2) + '\n')
