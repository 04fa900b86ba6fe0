/** The short form of `npm run soak`: the built gateway under crowds and bad manners. */

import t from 'tap'
import { ROWS } from '../../bench/soak/rows.js'
import { runRow } from '../../bench/figures/run-rows.js'

for (const [name, row] of Object.entries(ROWS)) {
  t.test(`soak: ${name}, short form -> every figure is reached`, async t => {
    for (const { what, reach, seen, pass } of await runRow(name, row, true)) t.ok(pass, `${what}: to reach ${reach}, seen ${seen}`)
  })
}
