/** The 99th of a hundred PUBACKs at an even 2,000 reports a second, durable, against one fdatasync for each batch. */

import { checkFigure, measuredFigure } from '../figures/figure.js'
import { paceOf, type BenchResult, type BenchRun } from '../run.js'
import { isOnDisk } from './checks.js'
import { listedReports } from './homes.js'
import { benchLatency, type LatencyFigure } from './latency.js'
import { GATEWAY } from './peers.js'
import { latencyTable } from './tables.js'

const MOST = 1.5

export async function latencyRow (run: BenchRun): Promise<BenchResult> {
  const detail = await benchLatency(await listedReports(), { ...paceOf(run), folder: run.folder }, run.note)
  const own = detail.find(({ peer }) => peer === GATEWAY.name)
  if (own === undefined) throw new TypeError('the gateway is always measured')
  return {
    figures: [
      measuredFigure('2,000 reports a second, durable: 99th percentile to PUBACK, against aedes with one fdatasync for each batch', own.p99Ratio, { atMost: MOST }),
      checkFigure('latency: what is measured', [...detail.flatMap(failures), ...isOnDisk(run.folder) ? [] : ['the folder for temporary files is no disk']])
    ],
    tables: [latencyTable(detail)],
    detail
  }
}

function failures ({ peer, answered, unanswered, isKept }: LatencyFigure): string[] {
  return [
    ...answered > 0 && unanswered === 0 ? [] : [`${peer}: ${unanswered} reports without PUBACK, ${answered} with one`],
    ...isKept === false ? [`${peer}: the file holds less than what was acknowledged`] : []
  ]
}
