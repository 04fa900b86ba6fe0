/** `npm run chaos`: the gateway under kills and trouble. Exits 1 where a figure is not reached. */

import { runRows } from '../figures/run-rows.js'
import { ROWS } from './rows.js'

// a row that failed may have left something open
process.exit(await runRows('under kills and trouble', ROWS, process.argv.slice(2)) ? 0 : 1)
