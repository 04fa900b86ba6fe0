/** What was recorded for one purpose, newest first, as a line through time. */

import { countOf, timeText } from '../../words/format.js'
import { isConsent, type ConsentRecord, type Consents } from './account-data.js'

export function historyOf (records: Consents['records'], purpose: string): ConsentRecord[] {
  return records.filter(isConsent).filter(record => record.purpose === purpose).toReversed()
}

export function ConsentHistory ({ purpose, records }: { purpose: string, records: readonly ConsentRecord[] }) {
  return (
    <details class='history'>
      <summary>{countOf(records.length, 'record')}<span class='visually-hidden'> of {purpose}</span></summary>
      <ol class='timeline' reversed>
        {records.map(record => (
          <li key={record.id} class={record.stands ? record.state : 'cancelled'}>
            <time dateTime={new Date(record.at).toISOString()}>{timeText(record.at)}</time>
            <p><strong>{record.state}</strong> {scopeText(record)}{record.expires !== undefined && `, until ${timeText(record.expires)}`}{!record.stands && <span class='soft'> (a later record took its place)</span>}</p>
            <p class='soft small'>by {record.actor ?? 'unknown'}{record.source !== undefined && ` via ${record.source}`}, under notice {record.notice}, record <code>{record.id}</code></p>
          </li>
        ))}
      </ol>
    </details>
  )
}

function scopeText ({ recipient, category, device }: ConsentRecord): string {
  const parts = [recipient !== undefined && `to ${recipient}`, category !== undefined && `of ${category}`, device !== undefined && `of device ${device}`].filter(part => part !== false)
  return parts.length === 0 ? 'for all recipients, categories and devices' : parts.join(', ')
}
