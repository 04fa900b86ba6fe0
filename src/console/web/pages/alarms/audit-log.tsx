/** Who did what, newest first, page by page. */

import { useState } from 'preact/hooks'
import { ask } from '../../api/request.js'
import { Badge } from '../../parts/badge.js'
import { DataTable, type Column } from '../../parts/data-table.js'
import { Loading } from '../../parts/loading.js'
import { Pager } from '../../parts/pager.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { countText, timeText } from '../../words/format.js'

const PAGE = 25

interface Entry {
  readonly id: string
  readonly at: number
  readonly action: string
  readonly outcome: string
  readonly actor?: string
  readonly token?: string
  readonly account?: string
  readonly subject?: string
  readonly count?: number
}

const COLUMNS: readonly Column<Entry>[] = [
  { title: 'Time', head: true, cell: ({ at }) => timeText(at) },
  { title: 'Action', cell: ({ action, count }) => <>{action}{count !== undefined && count > 1 && <span class='soft'> × {countText(count)}</span>}</> },
  { title: 'Outcome', cell: ({ outcome }) => outcome === 'done' ? 'done' : <Badge tone={outcome === 'begun' ? 'plain' : 'alarm'}>{outcome}</Badge> },
  { title: 'By', cell: ({ actor, token }) => <>{actor ?? ''}{token !== undefined && <><br /><small class='soft'>token {token.slice(0, 12)}</small></>}</> },
  { title: 'Account', cell: ({ account }) => account ?? '' },
  { title: 'About', cell: ({ subject }) => subject === undefined ? '' : subject.length > 20 ? <code title={subject}>{subject.slice(0, 12)}…</code> : subject }
]

export function AuditLog () {
  const [before, setBefore] = useState<readonly string[]>([])
  const [{ account, action }, setFilter] = useState({ account: '', action: '' })
  const after = before.at(-1)
  const { value, problem, reload } = useLoaded(async signal => {
    const query = new URLSearchParams({ order: 'newest', limit: String(PAGE + 1), ...(account !== '' && { account }), ...(action !== '' && { action }), ...(after !== undefined && { after }) })
    return (await ask<{ entries: Entry[] }>(`/v1/audit?${query}`, { signal })).entries
  }, [account, action, after])
  const rows = value?.slice(0, PAGE) ?? []
  const last = rows.at(-1)?.id
  const set = (changed: { account?: string, action?: string }): void => { setBefore([]); setFilter(old => ({ ...old, ...changed })) }
  return (
    <section class='panel stack' aria-labelledby='audit'>
      <div class='panel-head'>
        <div>
          <h2 id='audit'>Audit log</h2>
          <p class='soft small'>What operators, auditors and apps did, newest first. It stands in the ledger's chain.</p>
        </div>
        <div class='row'>
          <label class='visually-hidden' for='audit-account'>Account</label>
          <input id='audit-account' placeholder='Account' autocomplete='off' spellcheck={false} value={account} onChange={event => set({ account: event.currentTarget.value.trim() })} />
          <label class='visually-hidden' for='audit-action'>Action</label>
          <input id='audit-action' placeholder='Action, e.g. account.erase' autocomplete='off' spellcheck={false} value={action} onChange={event => set({ action: event.currentTarget.value.trim() })} />
        </div>
      </div>
      {value === undefined || problem !== undefined
        ? <Loading problem={problem} reload={reload} />
        : <DataTable label='Audit log' columns={COLUMNS} rows={rows} keyOf={({ id }) => id} empty={<><strong>Nothing</strong>No entry fits.</>} />}
      <Pager onPrevious={before.length === 0 ? undefined : () => setBefore(before.slice(0, -1))} onNext={(value?.length ?? 0) <= PAGE || last === undefined ? undefined : () => setBefore([...before, last])} />
    </section>
  )
}
