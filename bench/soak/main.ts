/** `npm run soak`: the gateway under crowds and bad manners. Exits 1 where a figure is not reached. */

import { runRows } from '../figures/run-rows.js'
import { ROWS } from './rows.js'

process.exitCode = await runRows('under crowds and bad manners', ROWS, process.argv.slice(2)) ? 0 : 1
