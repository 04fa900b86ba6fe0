/** The page on performance against the results that it is generated from. */

import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { PAGE, pageWith, PLOT } from '../../bench/page/page.js'
import { plotOf } from '../../bench/page/plot.js'
import { readResults } from '../../bench/results.js'
import { ROWS } from '../../bench/rows.js'

const results = readResults('bench/results')

t.test('performance.md and its plot: against bench/results -> as `npm run figures` makes them', async t => {
  const page = readFileSync(PAGE, 'utf8')
  t.equal(pageWith(page, results), page)
  t.equal(plotOf(results), readFileSync(PLOT, 'utf8'))
})

t.test('results: those that are committed -> each of a row that there is, by its name', async t => {
  t.ok(results.length > 0)
  t.strictSame(results.map(({ row }) => row).filter(row => ROWS[row] === undefined), [])
  t.strictSame(readdirSync('bench/results').sort(), results.map(({ row }) => `${row}.json`).sort())
})

t.test('performance.md: every row of the bench -> has words on what it measures', async t => {
  const page = readFileSync(PAGE, 'utf8')
  t.strictSame(Object.keys(ROWS).filter(name => !page.includes(`\n| \`${name}\` | `)), [])
})
