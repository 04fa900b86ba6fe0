/** From the command's options to homes that report: registers where asked, shows progress, ends with a summary. */

import { createLogUpdate } from 'log-update'
import { makeHomes, type Home } from '../../../simulators/home.js'
import { progressLine } from '../../../simulators/progress-line.js'
import { accountLines, writeRegistry } from '../../../simulators/registry-lines.js'
import { simulate, type Progress, type Summary } from '../../../simulators/simulate.js'
import { CurtilageError } from '../../model/errors.js'
import { endAtSecondInterrupt } from '../demo/second-interrupt.js'
import { found } from '../failure.js'
import { given } from '../options.js'
import type { SimulateCommandOptions } from '../simulate.js'
import { note, print, printJson } from '../terminal.js'
import { registerHomes } from './register-homes.js'
import { summaryText } from './summary-text.js'

const SCREEN_MS = 500
const LINE_MS = 5_000

export async function runSimulation (options: SimulateCommandOptions): Promise<void> {
  const homes = makeHomes(options.seed, options.homes)
  if (options.registry !== undefined) await writeFiles(options.registry, homes)
  if (options.register === true) await register(homes, options)
  if (options.url === undefined) return
  const summary = await run(homes, options.url, options)
  if (options.json) printJson(summary)
  else print(summaryText(summary))
  if (!isRight(summary)) found()
}

async function writeFiles (file: string, homes: readonly Home[]): Promise<void> {
  try {
    await writeRegistry(file, homes)
  } catch (error) {
    throw new CurtilageError('request-invalid', `the file of --registry cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)
  }
  for (const { account, regime, region } of accountLines(homes)) print(`curtilage account add ${account} --regime ${regime} --region ${region}`)
  note(`${homes.reduce((sum, { devices }) => sum + devices.length, 0)} devices written; next: the commands above, then curtilage device import ${file}`)
}

async function register (homes: readonly Home[], options: SimulateCommandOptions): Promise<void> {
  const { accounts, devices, notTaken, firstProblem } = await registerHomes(homes, options)
  if (options.json && options.url === undefined) printJson({ accounts, devices, notTaken })
  note(`${accounts} homes and ${devices} devices registered${notTaken === 0 ? '' : `, ${notTaken} not (${firstProblem ?? 'unknown'})`}`)
}

async function run (homes: readonly Home[], url: string, options: SimulateCommandOptions): Promise<Summary> {
  const { seed, rate, speed, duration, tour, misbehave, ca } = options
  const progress = progressDisplay()
  const simulation = simulate({
    url,
    homes,
    seed,
    ...given({ ratePerSecond: rate, speed, durationMs: duration, tour, misbehave, tls: ca === undefined ? undefined : { ca } }),
    onProgress: progress.show,
    progressMs: progress.everyMs
  })
  const stop = (): void => {
    endAtSecondInterrupt()
    simulation.stop().catch(() => {})
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  const summary = await simulation.done
  progress.end()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop)
  return summary
}

/** On standard error: one line that changes on a terminal, a line now and then elsewhere. */
function progressDisplay (): { everyMs: number, show: (progress: Progress) => void, end: () => void } {
  if (process.stderr.isTTY !== true) return { everyMs: LINE_MS, show: progress => note(progressLine(progress)), end: () => {} }
  const log = createLogUpdate(process.stderr)
  return {
    everyMs: SCREEN_MS,
    show: progress => log(progressLine(progress)),
    end: () => {
      log.clear()
      log.done()
    }
  }
}

/** Somebody was admitted, and every misdeed met what it should. */
function isRight ({ connected, misbehaviors }: Summary): boolean {
  return connected > 0 && Object.values(misbehaviors).every(({ tried, asExpected }) => tried === asExpected)
}
