/**
 * Golden files: for every sample report of every shipped report type, what each shipped recipient gets of a home that
 * granted everything. `CURTILAGE_WRITE_GOLDEN=1 npx tap test/golden` writes them anew; review the difference.
 */

import t from 'tap'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { loadConfiguration } from '../../src/policy/load.js'
import { grantedAll, outcomes, samples, take, type Sample } from '../fixtures/path.js'
import type { CompiledPolicy } from '../../src/model/policy.js'

const WRITE = process.env.CURTILAGE_WRITE_GOLDEN === '1'
const root = join(import.meta.dirname, '../..')
const loaded = await loadConfiguration(join(root, 'config'))
if ('problems' in loaded) throw new Error('the shipped configuration does not load')
const { policy } = loaded

/** The digest changes with every comment of the configuration; it has no place in a golden file. */
function golden (sample: Sample, within: CompiledPolicy): string {
  const rows = [...outcomes(take(within, grantedAll(within), sample.report, sample.json))].map(([recipient, text]) => {
    if (text.startsWith('<')) return [recipient, { withheld: text.slice(1, -1) }]
    return [recipient, { ...JSON.parse(text) as object, policy: '(digest)' }]
  })
  return JSON.stringify(Object.fromEntries(rows), undefined, 2) + '\n'
}

t.test('golden: every shipped report type -> has a sample', async t => {
  const sampled = new Set(samples().map(({ report }) => report))
  const derived = (name: string): boolean => sampled.has(name) || name === 'energy' || name === 'energy-imported' || name.startsWith('trigger-log-')
  t.same([...policy.reports.keys()].filter(name => !derived(name)), [])
})

for (const sample of samples()) {
  // one sample of trigger logs stands for the topics of each kind of sensor as well
  const reports = sample.report === 'trigger-log' ? [...policy.reports.keys()].filter(name => name.startsWith('trigger-log')) : [sample.report]
  for (const report of reports) {
    const name = report === sample.report ? sample.name : report
    t.test(`golden: ${name} -> what each recipient gets`, async t => {
      const path = join(import.meta.dirname, 'files', `${name}.json`)
      const text = golden({ ...sample, report }, policy)
      if (WRITE) {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, text)
      }
      t.equal(existsSync(path) ? readFileSync(path, 'utf8') : 'no golden file', text)
    })
  }
}
