/** The short form of `npm run chaos`: the built gateway under kills and trouble. */

import t from 'tap'
import { ROWS } from '../../bench/chaos/rows.js'
import { runRow } from '../../bench/figures/run-rows.js'

for (const [name, row] of Object.entries(ROWS)) {
  t.test(`chaos: ${name}, short form -> every figure is reached`, async t => {
    for (const { what, reach, seen, pass } of await runRow(name, row, true)) t.ok(pass, `${what}: to reach ${reach}, seen ${seen}`)
  })
}
