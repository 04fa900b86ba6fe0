/** CPU a report where ten recipients get it instead of one, each of them over MQTT and durable. */

import { checkFigure, measuredFigure } from '../figures/figure.js'
import { paceOf, type BenchResult, type BenchRun } from '../run.js'
import { all, clean } from './checks.js'
import { listedReports } from './homes.js'
import type { Peer } from './peer.js'
import { GATEWAY, TEN_RECIPIENTS } from './peers.js'
import { benchRelay, ratiosOf } from './relay.js'
import { relayTable } from './tables.js'

const MOST = 3

export async function recipientsRow (run: BenchRun): Promise<BenchResult> {
  const detail = await benchRelay({ connections: run.short ? 10 : 50, qos: 1 }, await listedReports(), { ...paceOf(run), peers: [GATEWAY, TEN_RECIPIENTS], folder: run.folder }, run.note)
  const samplesOf = ({ name }: Peer) => detail.figures.find(({ peer }) => peer === name)?.samples ?? []
  return {
    figures: [
      measuredFigure('ten recipients: CPU a report, against one recipient', ratiosOf(samplesOf(TEN_RECIPIENTS), samplesOf(GATEWAY), 'cpuMicros'), { atMost: MOST }),
      checkFigure('ten recipients: what is measured', detail.figures.flatMap(figure => [...all(figure), ...clean(figure)]))
    ],
    tables: [relayTable(detail, 'one recipient')],
    detail
  }
}
