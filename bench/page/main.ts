/** `npm run figures`: the tables of docs/performance.md and its plot, from what `npm run bench` wrote to `bench/results/`. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readResults } from '../results.js'
import { PAGE, PLOT, pageWith } from './page.js'
import { plotOf } from './plot.js'

const results = readResults('bench/results')
writeFileSync(PAGE, pageWith(readFileSync(PAGE, 'utf8'), results))
mkdirSync(dirname(PLOT), { recursive: true })
writeFileSync(PLOT, plotOf(results))
