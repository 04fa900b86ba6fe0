/** The short form of `npm run bench`: that each row measures what it says. Its figures mean nothing. */

import t from 'tap'
import { runRow } from '../../bench/figures/run-rows.js'
import { readResults, saveResult, stateNow } from '../../bench/results.js'
import { ROWS } from '../../bench/rows.js'
import { checksOf } from '../../bench/relay/checks.js'
import type { RelayFigure } from '../../bench/relay/relay.js'

const SETTINGS = { accounts: 1_000, qos: [0, 1], only: ['aedes, naive filter in its hook'] } as const

for (const name of ['filter', 'relay', 'recipients', 'latency', 'consent']) {
  t.test(`bench: ${name}, short form -> all that its figures rest on holds`, async t => {
    const figures = await runRow(name, async run => [...(await ROWS[name]!({ ...run, ...SETTINGS })).figures], true)
    for (const { what, seen, pass, measured } of figures) t.ok(pass || measured !== undefined, `${what}: ${seen}`)
    for (const { what, measured } of figures) if (measured !== undefined) t.ok(Number.isFinite(measured.median), what)
  })
}

t.test('bench: what must hold, and does not -> each is told', async t => {
  const sample = { perSecond: 100, cpuMicros: 1, loadShare: 0, missing: 0, unacknowledged: 0 }
  const spread = { minimum: 100, median: 100, maximum: 100 }
  const sound: RelayFigure = { connections: 1, qos: 1, peer: 'Curtilage', samples: [sample], perSecond: spread, lost: 0, leaking: { checked: 10, leaking: 0 }, kept: { acknowledged: 5, arrived: 5 } }
  const plain: RelayFigure = { ...sound, peer: 'plain aedes', leaking: { checked: 10, leaking: 10 } }
  const failures = (own: Partial<RelayFigure>, other: Partial<RelayFigure> = {}) => checksOf({ figures: [{ ...plain, ...other }, { ...sound, ...own }] }, '.').length
  t.equal(failures({}), 0)
  t.equal(failures({ lost: 1 }), 1, 'a report that did not come')
  t.equal(failures({ lost: -1 }), 1, 'a report that came twice')
  t.equal(failures({ samples: [{ ...sample, unacknowledged: 1 }] }), 1, 'no PUBACK')
  t.equal(failures({ samples: [{ ...sample, perSecond: 0 }] }), 1, 'nothing arrives')
  t.equal(failures({ leaking: { checked: 10, leaking: 1 } }), 1, 'an address leaves')
  t.equal(failures({ leaking: { checked: 0, leaking: 0 } }), 1, 'nothing was searched')
  t.equal(failures({ kept: { acknowledged: 5, arrived: 4 } }), 1, 'acknowledged, and gone after a kill')
  t.equal(failures({}, { leaking: { checked: 10, leaking: 0 } }), 1, 'the search finds nothing where nothing is filtered')
  t.equal(failures({}, { loadShare: { minimum: 0.9, median: 0.9, maximum: 0.9 } }), 1, 'the load is the limit')
})

t.test('bench: a result -> is written with the state of the sources, and read again', async t => {
  const folder = t.testdir()
  const result = { row: 'x', ...stateNow(), seconds: 1, figures: [{ what: 'w', reach: 'r', seen: 's', pass: true }] }
  saveResult(folder, result)
  t.strictSame(readResults(folder), [result])
})
