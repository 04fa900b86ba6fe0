/** The rows of `npm run bench`, by name. */

import { consentRow } from './consent-row.js'
import { filterRow } from './filter-row.js'
import { idleRow } from './relay/idle-row.js'
import { latencyRow } from './relay/latency-row.js'
import { crowdRow, relayRow } from './relay/relay-row.js'
import { recipientsRow } from './relay/recipients-row.js'
import type { BenchRow } from './run.js'

export const ROWS: Readonly<Record<string, BenchRow>> = {
  filter: filterRow,
  relay: relayRow,
  crowd: crowdRow,
  latency: latencyRow,
  recipients: recipientsRow,
  idle: idleRow,
  consent: consentRow
}
