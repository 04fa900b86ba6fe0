/** From start to end: folder, play, display, Ctrl-C or time, checks, and a clean place. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { found, UsageError } from '../failure.js'
import { note, print, width } from '../terminal.js'
import { showDemo } from './display.js'
import { Play } from './play.js'
import { endAtSecondInterrupt } from './second-interrupt.js'
import { selfCheck } from './self-check.js'
import { summary } from './summary.js'
import { takeView } from './take-view.js'

export interface DemoOptions {
  readonly config: string
  readonly homes: number
  readonly rate?: number
  readonly seed: string
  readonly seconds?: number
  /** A temporary folder where absent, removed at the end. */
  readonly data?: string
  readonly plain?: true
}

const READ_MS = 200
const COUNT_MS = 2_000
const CHANGE_MS = 15_000
const SHORTEST_CHANGE_MS = 1_500
const RATE_OF_HOME = 3
const LEAST_WIDTH = 80

/** Sets the exit code to 1 where a check failed. @throws UsageError; CurtilageError as `startGateway` does */
export async function runDemo (options: DemoOptions): Promise<void> {
  const { data } = options
  if (data !== undefined && existsSync(data) && readdirSync(data).length > 0) throw new UsageError('--data wants a folder that is empty or not there: the demo fills it with homes that do not exist')
  const folder = data ?? mkdtempSync(join(tmpdir(), 'curtilage-demo-'))
  const removal = (): void => { if (data === undefined) rmSync(folder, { recursive: true, force: true }) }
  process.once('exit', removal)
  try {
    await perform(options, folder)
  } finally {
    removal()
    process.removeListener('exit', removal)
  }
}

async function perform (options: DemoOptions, data: string): Promise<void> {
  const { config, homes, seed, seconds, rate = homes * RATE_OF_HOME, plain = false } = options
  const end = new EndOfShow()
  note(`curtilage: ${homes} homes move in`)
  const changeEveryMs = seconds === undefined ? CHANGE_MS : Math.min(CHANGE_MS, Math.max(SHORTEST_CHANGE_MS, seconds * 1000 / 3))
  const play = await Play.start({ config, data, homes, rate, seed, changeEveryMs })
  try {
    const timers = [setInterval(() => play.read(), READ_MS), setInterval(() => { play.waiting.count().catch(() => {}) }, COUNT_MS)]
    const display = showDemo(() => takeView(play), plain)
    await end.comes(seconds)
    timers.forEach(timer => clearInterval(timer))
    display.end()
    await conclude(play, data, options.data !== undefined)
  } finally {
    await play.end()
  }
}

async function conclude (play: Play, data: string, isKept: boolean): Promise<void> {
  await play.silence()
  const view = takeView(play)
  const checks = selfCheck(play)
  print(summary({ ...view, change: undefined }, checks, Math.max(LEAST_WIDTH, width()) - 1))
  if (isKept) print(`\nWhat left is in ${join(data, 'recipients')}`)
  if (checks.some(({ ok }) => !ok)) found()
}

/** Ctrl-C, the end of its service, or the time that was given, whichever is first. A second Ctrl-C ends at once. */
class EndOfShow {
  readonly #asked = new Promise<void>(resolve => {
    const end = (): void => {
      resolve()
      endAtSecondInterrupt()
    }
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  })

  /** Counts the time from this call; a signal from before it counts, too. */
  async comes (seconds: number | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>(resolve => { if (seconds !== undefined) timer = setTimeout(resolve, seconds * 1000) })
    await Promise.race([this.#asked, over])
    clearTimeout(timer)
  }
}
