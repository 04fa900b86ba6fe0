/** The rows of `npm run chaos`, by name. */

import type { Rows } from '../figures/run-rows.js'
import { kill } from './kill.js'

export const ROWS: Rows = { kill }
