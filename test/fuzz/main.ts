/**
 * `npm run fuzz -- --target NAME [--seconds N] [--seed N] [--save]`: fuzzes one target, or each in turn.
 *
 * The attempts run in a thread of their own, so that one that never ends can be ended and told. Exits with 1 at a
 * finding; the input that shows it is written beside the corpus, to be mended and then moved into it.
 */

import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { addToCorpus, writeInput } from './corpus.js'
import { TARGETS } from './targets.js'
import { inputIn, sharedInput, type Report, type Task } from './worker.js'

const STUCK_SECONDS = 20
const FINDINGS = resolve('test/fuzz/findings')

const { values } = parseArgs({
  options: { target: { type: 'string' }, seconds: { type: 'string', default: '60' }, seed: { type: 'string' }, save: { type: 'boolean', default: false } }
})
const names = values.target === undefined ? TARGETS.map(({ name }) => name) : [values.target]
for (const name of names) {
  if (!TARGETS.some(target => target.name === name)) throw new Error(`no such target; there are ${TARGETS.map(target => target.name).join(', ')}`)
  const seed = Number(values.seed ?? Date.now() % 2 ** 32)
  const report = await run({ name, seed, seconds: Number(values.seconds), shared: sharedInput() })
  console.log(`${name}: ${report.runs} attempts, ${report.blocks} blocks, ${report.pool.length} inputs kept, seed ${seed}`)
  if (report.finding !== undefined) tell(name, report.finding)
  if (values.save) console.log(`${name}: ${addToCorpus(name, report.pool)} inputs added to the corpus`)
}

async function run (task: Task): Promise<Report> {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: task })
  let [attempts, stuck] = [0, 0]
  return await new Promise((resolve, reject) => {
    const watch = setInterval(() => {
      const seen = inputIn(task.shared)
      stuck = seen.attempts === attempts ? stuck + 1 : 0
      attempts = seen.attempts
      if (attempts > 0 && stuck >= STUCK_SECONDS) resolve({ runs: attempts, blocks: 0, pool: [], finding: { error: `no end after ${STUCK_SECONDS} s`, input: seen.input } })
    }, 1000)
    worker.on('message', resolve)
    worker.on('error', reject)
    worker.on('exit', () => clearInterval(watch))
  }).finally(async () => await worker.terminate()) as Report
}

function tell (name: string, { error, input }: NonNullable<Report['finding']>): void {
  mkdirSync(FINDINGS, { recursive: true })
  process.exitCode = 1
  console.log(`${name}: FOUND ${error}\n  ${writeInput(join(FINDINGS, name), input)}`)
}
