/** Consents in memory: a look, bytes of an account, the first right answer after a start, and the fill. */

import Table from 'cli-table3'
import { benchConsent } from './consent.js'
import { measuredFigure, type Figure } from './figures/figure.js'
import type { Spread } from './figures/spread.js'
import type { BenchResult, BenchRun } from './run.js'

const FULL_ACCOUNTS = 1_000_000
const MOST_FULL_SECONDS = 60

/** Every look must find what was recorded, else the row fails. */
export async function consentRow ({ short, folder, note, accounts }: BenchRun): Promise<BenchResult> {
  const count = short ? 2_000 : accounts
  const detail = await benchConsent(folder, count, note)
  const of = `${count.toLocaleString('en')} accounts with 12 purposes`
  const table = new Table({ head: ['consent', of], style: { head: [], border: [] } })
  for (const [name, figure] of Object.entries(detail)) table.push([name, Number(figure).toLocaleString('en', { maximumFractionDigits: 1 })])
  return {
    figures: [
      measuredFigure(`consent, ${of}: CPU of a look at random`, { minimum: detail.standingNsLeast, median: detail.standingNs, maximum: detail.standingNsMost }, { atMost: 300 }, 'ns'),
      once(`consent, ${of}: memory of an account`, detail.standingBytes, 100, 'B'),
      once(`consent, ${of}: first right answer after a start`, detail.firstAnswerMs, 1000, 'ms'),
      once(`consent, ${of}: all in memory`, detail.fillSeconds, MOST_FULL_SECONDS * count / FULL_ACCOUNTS, 's')
    ],
    tables: [table.toString()],
    detail
  }
}

function once (what: string, figure: number, atMost: number, unit: string): Figure {
  const spread: Spread = { minimum: figure, median: figure, maximum: figure }
  return measuredFigure(what, spread, { atMost }, unit)
}
