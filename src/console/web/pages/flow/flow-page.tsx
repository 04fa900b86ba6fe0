/** Live: what enters, what leaves to whom, what stays and why. */

import { useId, useMemo, useState } from 'preact/hooks'
import { ask } from '../../api/request.js'
import { Note } from '../../parts/note.js'
import { PageHead } from '../../parts/page-head.js'
import { Segments } from '../../parts/segments.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { useNarrow } from '../../parts/use-narrow.js'
import { clockText } from '../../words/format.js'
import { FlowChart, leavingText } from './flow-chart.js'
import { pictureOf, type Filter, type FlowNode } from './flow-links.js'
import { FlowTables } from './flow-tables.js'
import { FlowTiles } from './flow-tiles.js'
import { LiveBadge } from './live-badge.js'
import { RecipientsPanel, type Recipient } from './recipients-panel.js'
import { useLive, type Seen } from './use-live.js'

type Span = 'minute' | 'all'
const SPANS: readonly (readonly [Span, string])[] = [['minute', 'Last minute'], ['all', 'Since opened']]

export function FlowPage () {
  const [frozen, setFrozen] = useState(false)
  const [span, setSpan] = useState<Span>('minute')
  const { state, seen } = useLive(frozen)
  const paused = seen?.last.outbox.filter(line => line.paused).map(({ recipient }) => recipient).join(' ') ?? ''
  const { value: recipients = [], problem, reload } = useLoaded(async signal => (await ask<{ recipients: Recipient[] }>('/v1/recipients', { signal })).recipients, [paused])
  return (
    <div class='page'>
      <PageHead title='Flow' about='What devices report, what leaves to whom, and what stays, second by second.'>
        <LiveBadge state={state} frozen={frozen} />
        <Segments label='Time' options={SPANS} value={span} onChange={setSpan} />
        <button type='button' class='compact' aria-pressed={frozen} onClick={() => setFrozen(!frozen)}>Freeze</button>
      </PageHead>
      {state.is === 'refused' && <Note tone='alarm'>{state.why}</Note>}
      {state.is === 'lost' && <Note tone='alarm'>{state.why} {seen !== undefined && `What is shown stood at ${clockText(seen.last.atMs)}.`}</Note>}
      {problem !== undefined && <Note tone='alarm'>{problem}</Note>}
      {seen === undefined
        ? state.is !== 'lost' && state.is !== 'refused' && <p class='loading'>Waiting for the first second…</p>
        : (
          <>
            <FlowTiles sums={seen[span]} lines={seen.last.outbox} atMs={seen.last.atMs} />
            <FlowPanel seen={seen} span={span} recipients={recipients} />
            <RecipientsPanel recipients={recipients} lines={seen.last.outbox} sums={seen[span]} atMs={seen.last.atMs} onChanged={reload} />
          </>
          )}
    </div>
  )
}

function FlowPanel ({ seen, span, recipients }: { seen: Seen, span: Span, recipients: readonly Recipient[] }) {
  const [filter, setFilter] = useState<Filter>({ recipient: '', report: '' })
  const narrow = useNarrow()
  const picture = useMemo(() => pictureOf(seen[span].flows, seen.all.flows, filter), [seen, span, filter])
  const reports = [...new Set(seen.all.flows.map(({ report }) => report))].sort()
  const choose = ({ side, name }: FlowNode): void => {
    if (side === 'from' && name !== '') setFilter(before => ({ ...before, report: before.report === name ? '' : name }))
    if (side === 'to' && name !== '') setFilter(before => ({ ...before, recipient: before.recipient === name ? '' : name }))
  }
  return (
    <section class='panel' aria-labelledby='flow'>
      <div class='panel-head'>
        <div>
          <h2 id='flow'>From reports to recipients</h2>
          <p class='soft small'>{leavingText(picture)}. Each is about one category of one report for one recipient.</p>
        </div>
        <div class='row'>
          <Choice label='Report type' all='all report types' names={reports} value={filter.report} onChange={report => setFilter({ ...filter, report })} />
          <Choice label='Recipient' all='all recipients' names={recipients.map(({ recipient }) => recipient)} value={filter.recipient} onChange={recipient => setFilter({ ...filter, recipient })} />
        </div>
      </div>
      <p class='key flow-key'>
        <span class='leaves'><i aria-hidden='true' /> may leave</span>
        <span class='stays'><i aria-hidden='true' /> stays, by reason</span>
        {narrow && <span>from categories; report types are in the tables</span>}
      </p>
      {picture.decisions === 0
        ? <div class='empty'><strong>Nothing to show</strong>{filter.recipient === '' && filter.report === '' ? 'No report came in that a recipient lists.' : 'Nothing came in that fits what you chose.'}</div>
        : <FlowChart picture={picture} narrow={narrow} onChoose={choose} />}
      <FlowTables picture={picture} />
    </section>
  )
}

function Choice ({ label, all, names, value, onChange }: { label: string, all: string, names: readonly string[], value: string, onChange: (value: string) => void }) {
  const id = useId()
  return (
    <>
      <label class='visually-hidden' for={id}>{label}</label>
      <select id={id} value={value} onChange={event => onChange(event.currentTarget.value)}>
        <option value=''>{all}</option>
        {names.map(name => <option key={name} value={name}>{name}</option>)}
      </select>
    </>
  )
}
