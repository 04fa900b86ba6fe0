/** As sent beside what leaves: a row a value, each with its grounds. */

import type { OnRule } from '../../parts/rule-link.js'
import { stayedText } from '../../words/reason.js'
import { transformText } from '../../words/transform.js'
import { envelopeOf, rowsOf, type Fate, type Row } from './rows.js'
import type { Explained } from './try-data.js'
import { Why } from './why.js'

const MOST_ROWS = 1_000
const DEEPEST = 8

interface Shown {
  readonly report: unknown
  readonly explained: Explained
  readonly before: Explained | undefined
  readonly onRule: OnRule
}

export function SideBySide ({ report, explained, before, onRule }: Shown) {
  const rows = rowsOf(report, explained, before)
  return (
    <div class='scroll'>
      <table class='sides' role='table' aria-label={`As sent, and what leaves to ${explained.recipient}`}>
        <thead role='rowgroup'>
          <tr role='row'><th role='columnheader' scope='col'>Field</th><th role='columnheader' scope='col'>As sent</th><th role='columnheader' scope='col'>What leaves, and why</th></tr>
        </thead>
        <tbody role='rowgroup'>
          {envelopeOf(explained).map(([name, fate]) => (
            <tr role='row' key={name}>
              <th role='rowheader' scope='row'>{name}</th>
              <td role='cell' class='soft' data-title='As sent'>by the connection</td>
              <FateCell fate={fate} given={explained.consent} onRule={onRule} />
            </tr>
          ))}
          {rows.slice(0, MOST_ROWS).map(row => <RowLine key={row.at} row={row} given={explained.consent} onRule={onRule} />)}
        </tbody>
      </table>
      {rows.length > MOST_ROWS && <p class='soft'>{rows.length - MOST_ROWS} more rows are not shown.</p>}
    </div>
  )
}

function RowLine ({ row: { depth, name, holds, sent, fate, before }, given, onRule }: { row: Row, given: string | null, onRule: OnRule }) {
  const level = Math.min(depth, DEEPEST)
  if (holds !== undefined && fate === undefined) {
    return <tr role='row' class='holds'><th role='rowheader' scope='row' data-level={level}>{name}</th><td role='cell' colSpan={2} class='soft'>{holds}</td></tr>
  }
  return (
    <tr role='row' class={before === undefined ? undefined : 'changed'}>
      <th role='rowheader' scope='row' data-level={level}>{name}</th>
      <td role='cell' data-title='As sent'><code>{valueText(sent)}</code></td>
      {fate === undefined ? <td role='cell' /> : <FateCell fate={fate} before={before} given={given} onRule={onRule} />}
    </tr>
  )
}

function FateCell ({ fate, before, given, onRule }: { fate: Fate, before?: Fate | undefined, given: string | null, onRule: OnRule }) {
  const { field, leaves, value } = fate
  return (
    <td role='cell' class={leaves ? 'leaves' : 'stays'} data-title='What leaves'>
      <div class='fate'>
        {leaves
          ? <span><code class='value'>{valueText(value)}</code> <span class='how'>{transformText(field.transform ?? '')}</span></span>
          : <span class='how'>stays: {stayedText(field.reason ?? 'nothing-left')}</span>}
        {before !== undefined && <span class='was'>{wasText(before)}</span>}
        <span class='grounds'>{field.category !== null && <code>{field.category}</code>}<Why why={field} given={given} onRule={onRule} /></span>
      </div>
    </td>
  )
}

function wasText ({ leaves, value, field }: Fate): string {
  return leaves ? `in force: ${valueText(value)}, ${transformText(field.transform ?? '')}` : `in force: stays, ${stayedText(field.reason ?? 'nothing-left')}`
}

function valueText (value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
