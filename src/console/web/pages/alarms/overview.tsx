/** What needs a look now, and counts and reasons over the last day. */

import { useMemo, useState } from 'preact/hooks'
import { ask } from '../../api/request.js'
import { Chart } from '../../parts/chart.js'
import type { Colors } from '../../parts/colors.js'
import { DataTable, type Column } from '../../parts/data-table.js'
import type { Option } from '../../parts/echarts.js'
import { Loading } from '../../parts/loading.js'
import { Segments } from '../../parts/segments.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { alarmReasonText, kindMeaning, kindText } from '../../words/alarm.js'
import { countOf, countText, dayText, shortClockText, timeText } from '../../words/format.js'
import { barsOf, byReason, type Alarms, type Bar, type ReasonRow } from './alarm-sums.js'
import { NeedsALook } from './needs-a-look.js'

type Span = 'hour' | 'day'
const SPANS: readonly (readonly [Span, string])[] = [['hour', 'Last hour'], ['day', 'Last day']]
const SPAN_MS: Readonly<Record<Span, number>> = { hour: 3_600_000, day: 24 * 3_600_000 }
const BAR_MS: Readonly<Record<Span, number>> = { hour: 5 * 60_000, day: 3_600_000 }

const REASONS: readonly Column<ReasonRow>[] = [
  { title: 'What', head: true, cell: ({ kind }) => kindText(kind) },
  { title: 'Reason', cell: ({ kind, reason }) => alarmReasonText(kind, reason) || <span class='soft'>{kindMeaning(kind)}</span> },
  { title: 'Recipient', cell: ({ recipient }) => recipient ?? '' },
  { title: 'Count', number: true, cell: ({ count }) => countText(count) }
]

export function Overview () {
  const [span, setSpan] = useState<Span>('hour')
  const { value, problem, reload } = useLoaded(async signal => await ask<Alarms>('/v1/alarms', { signal }), [])
  if (value === undefined || problem !== undefined) return <Loading problem={problem} reload={reload} />
  const fromMs = value.atMs - SPAN_MS[span]
  return (
    <>
      <NeedsALook alarms={value} />
      <section class='panel stack' aria-labelledby='over-time'>
        <div class='panel-head'>
          <div>
            <h2 id='over-time'>Over time</h2>
            <p class='soft small'>{value.sinceMs > fromMs ? `Counted since the gateway started, ${timeText(value.sinceMs)}.` : `Up to ${timeText(value.atMs)}.`}</p>
          </div>
          <div class='row'>
            <Segments label='Time' options={SPANS} value={span} onChange={setSpan} />
            <button type='button' class='compact' onClick={reload}>Refresh</button>
          </div>
        </div>
        <OverTime alarms={value} fromMs={fromMs} barMs={BAR_MS[span]} />
      </section>
    </>
  )
}

function OverTime ({ alarms, fromMs, barMs }: { alarms: Alarms, fromMs: number, barMs: number }) {
  const bars = useMemo(() => barsOf(alarms, fromMs, barMs), [alarms, fromMs, barMs])
  const rows = byReason(alarms, fromMs)
  const kinds = [...new Set(rows.map(({ kind }) => kind))]
  const option = useMemo(() => (colors: Colors) => optionOf(bars, kinds, colors), [bars, kinds.join(' ')])
  if (rows.length === 0) return <div class='empty'><strong>Nothing</strong>No alarm, no refusal, nothing in quarantine in this time.</div>
  const columns: readonly Column<Bar>[] = [
    { title: 'From', head: true, cell: ({ atMs }) => `${dayText(atMs)} ${shortClockText(atMs)}` },
    ...kinds.map((kind): Column<Bar> => ({ title: kindText(kind), number: true, cell: ({ counts }) => countText(counts.get(kind) ?? 0) }))
  ]
  return (
    <>
      <Chart label={`Counts over time, ${countOf(kinds.length, 'kind')}. The tables below say the same.`} heightRem={14} option={option} />
      <DataTable label='Counts by reason' columns={REASONS} rows={rows} keyOf={({ kind, reason, recipient }) => `${kind} ${reason} ${recipient}`} />
      <details class='as-table'>
        <summary>Over time, as a table</summary>
        <DataTable label='Counts over time' columns={columns} rows={bars.filter(({ counts }) => counts.size > 0).toReversed()} keyOf={({ atMs }) => String(atMs)} />
      </details>
    </>
  )
}

function optionOf (bars: readonly Bar[], kinds: readonly string[], colors: Colors): Option {
  return {
    color: [colors.accent, colors.leaves, colors.strong, colors.stays, colors.soft],
    legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: colors.ink } },
    grid: { left: 4, right: 4, top: 36, bottom: 4, containLabel: true },
    tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
    xAxis: { type: 'category', data: bars.map(({ atMs }) => shortClockText(atMs)), axisLine: { lineStyle: { color: colors.strong } }, axisTick: { show: false }, axisLabel: { color: colors.soft, hideOverlap: true } },
    yAxis: { type: 'value', minInterval: 1, axisLabel: { color: colors.soft }, splitLine: { lineStyle: { color: colors.line } } },
    series: kinds.map(kind => ({ type: 'bar' as const, name: kindText(kind), stack: 'all', barMaxWidth: 28, ...(kind === 'guard-alarm' && { color: colors.alarm }), data: bars.map(({ counts }) => counts.get(kind) ?? 0) }))
  }
}
