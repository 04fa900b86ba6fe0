/** What left of an account: counts by recipient, category and day, for as long as they are kept. */

import { useMemo, useState } from 'preact/hooks'
import { ask, part } from '../../api/request.js'
import { Chart } from '../../parts/chart.js'
import type { Colors } from '../../parts/colors.js'
import { DataTable, type Column } from '../../parts/data-table.js'
import type { Option } from '../../parts/echarts.js'
import { Loading } from '../../parts/loading.js'
import { Segments } from '../../parts/segments.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { countOf, countText } from '../../words/format.js'
import type { DisclosedDay } from './account-data.js'
import { byCategory, byDay, daysBack, type CategoryRow, type DayRow } from './disclosed-sums.js'

type Span = '7' | '30' | '90' | 'all'
const SPANS: readonly (readonly [Span, string])[] = [['7', '7 days'], ['30', '30 days'], ['90', '90 days'], ['all', 'All kept']]
const DAY_MS = 86_400_000

export function DisclosedPanel ({ account }: { account: string }) {
  const [span, setSpan] = useState<Span>('30')
  const since = span === 'all' ? '' : daysBack(Date.now(), Number(span) - 1)
  const { value, problem, reload } = useLoaded(async signal =>
    await ask<{ keptMs: number, days: DisclosedDay[] }>(`/v1/accounts/${part(account)}/disclosures${since === '' ? '' : `?since=${since}`}`, { signal }), [account, since])
  const days = value?.days ?? []
  const recipients = [...new Set(days.map(({ recipient }) => recipient))].sort()
  const total = days.reduce((sum, { disclosures }) => sum + disclosures, 0)
  return (
    <section class='panel stack' aria-labelledby='disclosed'>
      <div class='panel-head'>
        <div>
          <h2 id='disclosed'>What left</h2>
          {value !== undefined && <p class='soft small'>{countOf(total, 'disclosure')} to {countOf(recipients.length, 'recipient')}. Days in UTC; counts are kept for {countOf(value.keptMs / DAY_MS, 'day')}.</p>}
        </div>
        <Segments label='Time' options={SPANS} value={span} onChange={setSpan} />
      </div>
      {value === undefined || problem !== undefined
        ? <Loading problem={problem} reload={reload} />
        : total === 0
          ? <div class='empty'><strong>Nothing left</strong>No disclosure about this account was delivered in this time.</div>
          : <Disclosed days={days} recipients={recipients} />}
    </section>
  )
}

function Disclosed ({ days, recipients }: { days: readonly DisclosedDay[], recipients: readonly string[] }) {
  const rows = useMemo(() => byDay(days), [days])
  const option = useMemo(() => (colors: Colors) => optionOf(rows, recipients, colors), [rows, recipients.join(' ')])
  const byRecipient = <T extends { readonly counts: ReadonlyMap<string, number> }>(): Column<T>[] => recipients.map(recipient => ({ title: recipient, number: true, cell: ({ counts }) => countText(counts.get(recipient) ?? 0) }))
  const categories: Column<CategoryRow>[] = [{ title: 'Category', head: true, cell: ({ category }) => <code>{category}</code> }, ...byRecipient<CategoryRow>()]
  const dayColumns: Column<DayRow>[] = [{ title: 'Day', head: true, cell: ({ day }) => day }, ...byRecipient<DayRow>(), { title: 'Categories', cell: one => one.categories.join(', ') }]
  return (
    <>
      {rows.length > 1 && <Chart label={`Disclosures by day and recipient, over ${countOf(rows.length, 'day')}. The table by day says the same.`} heightRem={14} option={option} />}
      <h3>By category: disclosures that held it</h3>
      <DataTable label='Disclosures by category' columns={categories} rows={byCategory(days)} keyOf={({ category }) => category} />
      <details class='as-table'>
        <summary>By day ({rows.length})</summary>
        <DataTable label='Disclosures by day' columns={dayColumns} rows={rows.toReversed()} keyOf={({ day }) => day} />
      </details>
    </>
  )
}

function optionOf (rows: readonly DayRow[], recipients: readonly string[], colors: Colors): Option {
  return {
    color: [colors.leaves, colors.accent, colors.strong, colors.stays, colors.alarm],
    legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: colors.ink } },
    grid: { left: 4, right: 4, top: 36, bottom: 4, containLabel: true },
    tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
    xAxis: { type: 'category', data: rows.map(({ day }) => day), axisLine: { lineStyle: { color: colors.strong } }, axisTick: { show: false }, axisLabel: { color: colors.soft, hideOverlap: true } },
    yAxis: { type: 'value', minInterval: 1, axisLabel: { color: colors.soft }, splitLine: { lineStyle: { color: colors.line } } },
    series: recipients.map(recipient => ({ type: 'bar' as const, name: recipient, stack: 'all', barMaxWidth: 28, data: rows.map(({ counts }) => counts.get(recipient) ?? 0) }))
  }
}
