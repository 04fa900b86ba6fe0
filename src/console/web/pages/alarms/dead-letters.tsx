/** What recipients refused for good: sent again, or thrown away. */

import { useState } from 'preact/hooks'
import { ask } from '../../api/request.js'
import { Confirm } from '../../parts/confirm.js'
import { DataTable, type Column } from '../../parts/data-table.js'
import { Loading } from '../../parts/loading.js'
import { Note } from '../../parts/note.js'
import { Pager } from '../../parts/pager.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { mayWrite } from '../../session.js'
import { bytesText, countOf, countText, timeText } from '../../words/format.js'

const PAGE = 25

interface Letter {
  readonly id: string
  readonly recipient: string
  readonly report: string
  readonly reason: string
  readonly firstMs: number
  readonly lastMs: number
  readonly refusals: number
  readonly bytes: number
}

const COLUMNS: readonly Column<Letter>[] = [
  { title: 'Disclosure', head: true, cell: ({ id }) => <code title={id}>{id.slice(0, 12)}…</code> },
  { title: 'Recipient', cell: ({ recipient }) => recipient },
  { title: 'Report type', cell: ({ report }) => report },
  { title: 'Reason', cell: ({ reason }) => reason },
  { title: 'Refused', cell: ({ refusals, firstMs, lastMs }) => refusals === 1 ? timeText(lastMs) : `${countText(refusals)} times, ${timeText(firstMs)} to ${timeText(lastMs)}` },
  { title: 'Size', number: true, cell: ({ bytes }) => bytesText(bytes) }
]

type Deed = 'retry' | 'discard'

export function DeadLetters () {
  const [before, setBefore] = useState<readonly string[]>([])
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [asked, setAsked] = useState<Deed>()
  const [told, setTold] = useState('')
  const after = before.at(-1)
  const { value, problem, reload } = useLoaded(async signal =>
    (await ask<{ deadLetters: Letter[] }>(`/v1/outbox/dead?limit=${PAGE + 1}${after === undefined ? '' : `&after=${after}`}`, { signal })).deadLetters, [after])
  if (value === undefined || problem !== undefined) return <Loading problem={problem} reload={reload} />
  const rows = value.slice(0, PAGE)
  const last = rows.at(-1)?.id
  const toggle = (id: string): void => setChosen(old => { const next = new Set(old); if (!next.delete(id)) next.add(id); return next })
  const choice: Column<Letter> = { title: 'Chosen', untitled: true, cell: ({ id }) => <input type='checkbox' aria-label={`Choose ${id.slice(0, 12)}`} checked={chosen.has(id)} onChange={() => toggle(id)} /> }
  const all = rows.length > 0 && rows.every(({ id }) => chosen.has(id))
  const done = (deed: Deed, count: number): void => {
    setTold(`${countOf(count, 'dead letter')} ${deed === 'retry' ? 'sent again' : 'thrown away'}.`)
    setChosen(new Set())
    setBefore([])
    reload()
  }
  return (
    <section class='panel stack' aria-labelledby='dead'>
      <div class='panel-head'>
        <div>
          <h2 id='dead'>Dead letters</h2>
          <p class='soft small'>Disclosures that a recipient refused for good. Sent again, consent and policy are asked once more.</p>
        </div>
        <div class='row'>
          {mayWrite.value && rows.length > 0 && (
            <>
              <button type='button' class='compact' onClick={() => setChosen(all ? new Set() : new Set(rows.map(({ id }) => id)))}>{all ? 'Choose none' : 'Choose all on this page'}</button>
              <button type='button' class='compact' disabled={chosen.size === 0} onClick={() => setAsked('retry')}>Retry…</button>
              <button type='button' class='compact danger' disabled={chosen.size === 0} onClick={() => setAsked('discard')}>Discard…</button>
            </>
          )}
          <button type='button' class='compact' onClick={reload}>Refresh</button>
        </div>
      </div>
      <div role='status'>{told !== '' && <Note>{told}</Note>}</div>
      <DataTable label='Dead letters' columns={mayWrite.value ? [choice, ...COLUMNS] : COLUMNS} rows={rows} keyOf={({ id }) => id} empty={<><strong>None</strong>No recipient refused anything for good.</>} />
      {(before.length > 0 || value.length > PAGE) && <Pager onPrevious={before.length === 0 ? undefined : () => setBefore(before.slice(0, -1))} onNext={value.length <= PAGE || last === undefined ? undefined : () => setBefore([...before, last])} />}
      {asked !== undefined && <DeedDialog deed={asked} ids={[...chosen]} onDone={done} onClose={() => setAsked(undefined)} />}
    </section>
  )
}

function DeedDialog ({ deed, ids, onDone, onClose }: { deed: Deed, ids: readonly string[], onDone: (deed: Deed, count: number) => void, onClose: () => void }) {
  const act = async (): Promise<void> => onDone(deed, (await ask<{ count: number }>(`/v1/outbox/dead/${deed}`, { method: 'POST', body: { ids } })).count)
  const what = countOf(ids.length, 'dead letter')
  return deed === 'retry'
    ? <Confirm title={`Send ${what} again?`} act='Retry' onAct={act} onClose={onClose}><p>What the recipient refuses once more comes back here.</p></Confirm>
    : <Confirm title={`Discard ${what}?`} act='Discard' danger onAct={act} onClose={onClose}><p>They are thrown away and reach nobody. This cannot be undone.</p></Confirm>
}
