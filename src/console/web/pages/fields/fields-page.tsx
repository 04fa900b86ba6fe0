/** Fields that devices send and that no report type lists, and what a report file could say of them. */

import { useState } from 'preact/hooks'
import { ask, part } from '../../api/request.js'
import { DataTable } from '../../parts/data-table.js'
import { Loading } from '../../parts/loading.js'
import { More } from '../../parts/more.js'
import { PageHead } from '../../parts/page-head.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { usePages } from '../../parts/use-pages.js'
import { countOf, countText, timeText } from '../../words/format.js'
import { Suggestions, type Suggestion } from './suggestions.js'

interface Field {
  readonly id: string
  readonly report: string
  readonly path: string
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
  readonly forms: readonly string[]
  readonly firmware: readonly string[]
  readonly suggestion?: { readonly category: string, readonly yaml: string }
}

interface Page {
  readonly fields: readonly Field[]
  readonly next?: string
}

const A_PAGE = 200

export function FieldsPage () {
  const [report, setReport] = useState('')
  const { value: pages, problem, reload, more } = usePages(async (after, signal) => await ask<Page>(`/v1/fields?limit=${A_PAGE}${after === undefined ? '' : `&after=${part(after)}`}`, { signal }), [])
  const suggested = useLoaded(async signal => (await ask<{ suggestions: Suggestion[] }>('/v1/fields/suggestions', { signal })).suggestions, [])
  const reloadAll = (): void => { reload(); suggested.reload() }
  return (
    <div class='page'>
      <PageHead title='Fields' about='What devices send and no report type lists. None of it leaves, whatever the rules say; of names that are not in the dictionary only a * is kept.'>
        <button type='button' onClick={reloadAll}>Look again</button>
      </PageHead>
      {pages === undefined || suggested.value === undefined
        ? <Loading problem={problem ?? suggested.problem} reload={reloadAll} />
        : <Found fields={pages.flatMap(page => page.fields)} more={more} suggestions={suggested.value} report={report} onReport={setReport} />}
    </div>
  )
}

interface Shown {
  readonly fields: readonly Field[]
  readonly more: (() => void) | undefined
  readonly suggestions: readonly Suggestion[]
  readonly report: string
  readonly onReport: (report: string) => void
}

function Found ({ fields, more, suggestions, report, onReport }: Shown) {
  const reports = [...new Set(fields.map(field => field.report))].sort()
  const isShown = (one: { readonly report: string }): boolean => report === '' || one.report === report
  const shown = fields.filter(isShown)
  return (
    <>
      <section class='panel stack' aria-labelledby='unclassified'>
        <div class='panel-head'>
          <h2 id='unclassified'>Unclassified</h2>
          <div class='against'>
            <label for='report'>Report type</label>
            <select id='report' value={report} onChange={event => onReport(event.currentTarget.value)}>
              <option value=''>all, {countOf(fields.length, 'field')}{more === undefined ? '' : ' and more'}</option>
              {reports.map(name => <option key={name} value={name}>{name}</option>)}
            </select>
          </div>
        </div>
        <DataTable
          label='Unclassified fields' rows={shown} keyOf={({ id }) => id}
          empty={<><strong>Nothing unclassified was seen.</strong>Every field that devices sent is listed by a report type.</>}
          columns={[
            { title: 'Field', head: true, cell: field => <div class='where'><code>{field.path}</code><small class='soft'>{field.report}</small></div> },
            { title: 'Seen', number: true, cell: ({ count }) => countText(count) },
            { title: 'First and last', cell: ({ firstMs, lastMs }) => <div class='where small'><span>{timeText(firstMs)}</span><span>{timeText(lastMs)}</span></div> },
            { title: 'Looks like', cell: ({ forms }) => forms.join(', ') },
            { title: 'Firmware', cell: ({ firmware }) => firmware.length === 0 ? <span class='soft'>not told</span> : <span class='small'>{firmware.join(', ')}</span> },
            { title: 'Could be', cell: ({ suggestion }) => suggestion === undefined ? <span class='soft'>no suggestion</span> : <code>{suggestion.category}</code> }
          ]}
        />
        <More shown={countOf(fields.length, 'field')} onMore={more} />
      </section>
      <Suggestions suggestions={suggestions.filter(isShown)} />
    </>
  )
}
