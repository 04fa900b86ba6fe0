/** The figures above the picture. */

import type { Line } from '../../api/snapshot.js'
import { ageText, countOf, countText, rateText } from '../../words/format.js'
import { stayedText } from '../../words/reason.js'
import { isHeldBack, total, type Sums } from './flow-sums.js'

export function FlowTiles ({ sums, lines, atMs }: { sums: Sums, lines: readonly Line[], atMs: number }) {
  const came = total(sums.reports)
  const left = [...sums.delivered.values()].reduce((sum, count) => sum + count, 0)
  const withheld = sums.withheld.filter(isHeldBack)
  const alarms = total(sums.withheld.filter(({ reason }) => reason === 'guard-alarm'))
  const waiting = lines.reduce((sum, line) => sum + line.waiting, 0)
  const oldestMs = Math.min(...lines.map(({ oldestMs = Infinity }) => oldestMs))
  return (
    <dl class='tiles'>
      <div class='tile'><dt>Came in</dt><dd>{countText(came)}</dd><dd class='more'>{rateText(came / sums.seconds)}, {countOf(new Set(sums.reports.map(({ report }) => report)).size, 'report type')}</dd></div>
      <div class='tile'><dt>Left</dt><dd class='leaves'>{countText(left)}</dd><dd class='more'>{rateText(left / sums.seconds)}, disclosures</dd></div>
      <div class='tile'><dt>Withheld</dt><dd class='stays'>{countText(total(withheld))}</dd><dd class='more'>{mostText(withheld)}</dd></div>
      <div class='tile'><dt>Waiting</dt><dd>{countText(waiting)}</dd><dd class='more'>{oldestMs === Infinity ? 'outbox is empty' : `oldest ${ageText(atMs - oldestMs)}`}</dd></div>
      <div class='tile'>
        <dt>Alarms</dt>
        <dd class={alarms > 0 ? 'alarm' : undefined}>{countText(alarms)}</dd>
        <dd class='more'>{countText(sums.quarantined)} in quarantine, {countText(sums.refused)} refused</dd>
      </div>
    </dl>
  )
}

function mostText (withheld: Sums['withheld']): string {
  const sums = new Map<string, number>()
  for (const { reason, count } of withheld) sums.set(reason, (sums.get(reason) ?? 0) + count)
  const [most] = [...sums].sort(([, a], [, b]) => b - a)
  return most === undefined ? 'nothing' : `most: ${stayedText(most[0])}`
}
