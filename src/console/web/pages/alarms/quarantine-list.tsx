/** Payloads that could not be read: reason, report type, size, a fingerprint. Nothing of what they held. */

import { useState } from 'preact/hooks'
import { ask } from '../../api/request.js'
import { Loading } from '../../parts/loading.js'
import { DataTable, type Column } from '../../parts/data-table.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { bytesText, countOf, countText, timeText } from '../../words/format.js'
import { quarantinedText } from '../../words/reason.js'
import { Pager } from '../../parts/pager.js'

const PAGE = 25

interface Entry {
  readonly atMs: number
  readonly reason: string
  readonly report: string
  readonly bytes: number
  readonly fingerprint: string
}

const COLUMNS: readonly Column<Entry>[] = [
  { title: 'Time', head: true, cell: ({ atMs }) => timeText(atMs) },
  { title: 'Reason', cell: ({ reason }) => quarantinedText(reason) },
  { title: 'Report type', cell: ({ report }) => report },
  { title: 'Size', number: true, cell: ({ bytes }) => bytesText(bytes) },
  { title: 'Fingerprint', cell: ({ fingerprint }) => <code>{fingerprint}</code> }
]

export function QuarantineList () {
  const [page, setPage] = useState(0)
  const { value, problem, reload } = useLoaded(async signal => (await ask<{ entries: Entry[] }>('/v1/quarantine', { signal })).entries, [])
  if (value === undefined || problem !== undefined) return <Loading problem={problem} reload={reload} />
  const reasons = new Map<string, number>()
  for (const { reason } of value) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  return (
    <section class='panel stack' aria-labelledby='quarantine'>
      <div class='panel-head'>
        <div>
          <h2 id='quarantine'>Quarantine</h2>
          <p class='soft small'>The latest {countOf(value.length, 'payload')} that could not be read, of at most 1,000 since the start. Equal fingerprints are equal payloads, within one day.</p>
        </div>
        <button type='button' class='compact' onClick={reload}>Refresh</button>
      </div>
      {reasons.size > 0 && <dl class='tiles'>{[...reasons].sort(([, a], [, b]) => b - a).map(([reason, count]) => <div class='tile' key={reason}><dt>{quarantinedText(reason)}</dt><dd>{countText(count)}</dd></div>)}</dl>}
      <DataTable label='Quarantine' columns={COLUMNS} rows={value.slice(page * PAGE, (page + 1) * PAGE)} keyOf={({ atMs, fingerprint }) => `${atMs} ${fingerprint}`} empty={<><strong>Empty</strong>Everything that came in could be read.</>} />
      {value.length > PAGE && <Pager onPrevious={page === 0 ? undefined : () => setPage(page - 1)} onNext={(page + 1) * PAGE >= value.length ? undefined : () => setPage(page + 1)} />}
    </section>
  )
}
