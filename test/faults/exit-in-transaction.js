/** Something unforeseen in the middle of a transaction of the store, while its writer waits for this thread. */

import { pino } from 'pino'
import { endOnUnforeseen } from '../../dist/src/cli/unforeseen.js'
import { openStore } from '../../dist/src/store/store.js'

endOnUnforeseen(pino(pino.destination({ fd: 2, sync: true })))
const store = openStore(process.argv[2] ?? '')
await store.transaction(() => { process.emit('uncaughtException', new Error('unforeseen')) })
