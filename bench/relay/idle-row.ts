/** Resident memory of an idle connection against plain aedes. */

import { measuredFigure } from '../figures/figure.js'
import { spreadOf } from '../figures/spread.js'
import type { BenchResult, BenchRun } from '../run.js'
import { benchIdle, type IdleFigure } from './idle.js'
import { idleTable } from './tables.js'

const MOST = 1.2

/** Every connection must stand, else the row fails. */
export async function idleRow (run: BenchRun): Promise<BenchResult> {
  const connections = run.short ? 400 : 10_000
  const rounds: (readonly IdleFigure[])[] = []
  for (let left = run.short ? 1 : 3; left > 0; left--) rounds.push(await benchIdle(connections, run.note))
  const ratios = spreadOf(rounds.map(figures => figures.at(-1)?.ratio ?? NaN))
  return {
    figures: [measuredFigure(`${connections.toLocaleString('en')} idle connections: resident memory of one, against plain aedes`, ratios, { atMost: MOST })],
    tables: [idleTable(rounds.flat())],
    detail: rounds
  }
}
