#!/usr/bin/env node
/** The command `curtilage`. */

import { report } from './failure.js'
import { createProgram } from './program.js'
import { endWithReader } from './terminal.js'

endWithReader()
try {
  await createProgram().parseAsync()
} catch (error) {
  process.exitCode = report(error, process.argv.includes('--json'))
}
