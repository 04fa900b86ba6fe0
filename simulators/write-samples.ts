/** Writes `simulators/samples` anew: `node dist/simulators/write-samples.js [FOLDER]`. A test holds the files equal to what this writes. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeSamples } from './samples.js'

const folder = process.argv[2] ?? 'simulators/samples'
for (const [name, text] of makeSamples()) {
  const file = join(folder, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
