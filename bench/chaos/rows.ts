/** The rows of `npm run chaos`, by name. */

import type { Rows } from '../figures/run-rows.js'
import { diskFull } from './disk-full.js'
import { kill } from './kill.js'
import { recipientDown } from './recipient-down.js'
import { trouble } from './trouble.js'
import { withdrawal } from './withdrawal.js'

export const ROWS: Rows = { kill, 'recipient-down': recipientDown, withdrawal, trouble, 'disk-full': diskFull }
