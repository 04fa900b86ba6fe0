/** The rows of `npm run soak`, by name. */

import type { Rows } from '../figures/run-rows.js'

export const ROWS: Rows = {}
