/** `npm run chaos`: the gateway under kills and trouble. Exits 1 where a figure is not reached. */

import { runRows } from '../figures/run-rows.js'
import { ROWS } from './rows.js'

process.exitCode = await runRows('under kills and trouble', ROWS, process.argv.slice(2)) ? 0 : 1
