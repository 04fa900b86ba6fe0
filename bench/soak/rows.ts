/** The rows of `npm run soak`, by name. */

import type { Rows } from '../figures/run-rows.js'
import { connections } from './connections.js'
import { hog } from './hog.js'
import { inFlight } from './in-flight.js'
import { stuckSubscriber } from './stuck-subscriber.js'
import { unfinishedConnect } from './unfinished-connect.js'

export const ROWS: Rows = { connections, 'unfinished-connect': unfinishedConnect, 'in-flight': inFlight, hog, 'stuck-subscriber': stuckSubscriber }
