/** The filter alone against JSON.parse + JSON.stringify of the same bytes. */

import Table from 'cli-table3'
import { checkFigure, measuredFigure } from './figures/figure.js'
import { benchFilter, type FilterFigure } from './filter.js'
import type { BenchResult, BenchRun } from './run.js'

const MOST = 0.5

export async function filterRow ({ short, note }: BenchRun): Promise<BenchResult> {
  const detail = await benchFilter('config', short ? { reports: 200, rounds: 2 } : { reports: 10_000, rounds: 10 }, note)
  return {
    figures: [
      ...detail.filter(({ row }) => row === 'warm').map(figure => measuredFigure(`filter alone, reports of ${figure.size}: CPU, against JSON.parse + JSON.stringify`, figure, { atMost: MOST })),
      checkFigure('filter alone: what is measured', detail.filter(({ row }) => row === 'warm').flatMap(failures))
    ],
    tables: [tableOf(detail)],
    detail
  }
}

function failures ({ size, reports, filtered, compared, disclosed, differing }: FilterFigure): string[] {
  return [
    ...differing === 0 ? [] : [`${size}: other bytes leave than by the reference in ${differing} of ${compared}`],
    ...disclosed === compared ? [] : [`${size}: something leaves of ${disclosed} of ${compared} reports only`],
    ...filtered > reports / 2 ? [] : [`${size}: ${filtered} of ${reports} reports take the short way`]
  ]
}

function tableOf (figures: readonly FilterFigure[]): string {
  const table = new Table({ head: ['filter alone', 'row', 'median bytes', 'short way', 'ratio: least', 'median', 'most', 'µs a report'], style: { head: [], border: [] } })
  for (const { size, row, reports, medianBytes, filtered, minimum, median, maximum, workMicros } of figures) {
    table.push([size, row, medianBytes, `${filtered} of ${reports}`, minimum.toFixed(2), median.toFixed(2), maximum.toFixed(2), workMicros.toFixed(1)])
  }
  return table.toString()
}
