/** What one policy lets out and another does not, change by change, each with the rules that make it so. */

import { countOf } from '../words/format.js'
import { transformText } from '../words/transform.js'
import { verdictTone, type Verdict } from '../words/verdict.js'
import { Badge } from './badge.js'
import { DataTable } from './data-table.js'
import { RuleLink, type OnRule } from './rule-link.js'

export interface Change {
  readonly effect: Exclude<Verdict, 'same'>
  readonly aspect: string
  readonly recipient?: string
  readonly report?: string
  readonly path?: string
  readonly old?: string
  readonly new?: string
  readonly oldRule?: string
  readonly newRule?: string
}

/** Changes that one rule makes alike, of whatever reports and fields. */
interface Alike extends Omit<Change, 'report' | 'path'> {
  /** `report` or `report path`. */
  readonly of: readonly string[]
}

export function Changes ({ changes, onRule }: { changes: readonly Change[], onRule?: OnRule | undefined }) {
  return (
    <DataTable
      label='Changes' rows={alike(changes)} keyOf={({ of, ...change }) => JSON.stringify([change, of[0]])}
      empty='Nothing changes in what leaves.'
      columns={[
        { title: 'Effect', cell: ({ effect }) => <Badge tone={verdictTone(effect)}>{effect}</Badge> },
        { title: 'Where', head: true, cell: change => <Where change={change} /> },
        { title: 'Before', cell: change => <Side change={change} text={change.old} rule={change.oldRule} /> },
        { title: 'After', cell: change => <Side change={change} text={change.new} rule={change.newRule} onRule={onRule} /> }
      ]}
    />
  )
}

export function alike (changes: readonly Change[]): Alike[] {
  const groups = new Map<string, Alike>()
  for (const { report, path, ...change } of changes) {
    const key = JSON.stringify(change)
    const place = [report, path].filter(part => part !== undefined).join(' ')
    groups.set(key, { ...change, of: [...groups.get(key)?.of ?? [], ...(place === '' ? [] : [place])] })
  }
  return [...groups.values()]
}

function Where ({ change: { recipient, aspect, of } }: { change: Alike }) {
  return (
    <div class='where'>
      <span>{recipient ?? 'all recipients'}</span>
      <small class='soft'>{aspect}{of.length === 1 && <> of <code>{of[0]}</code></>}</small>
      {of.length > 1 && (
        <details class='small'>
          <summary>{countOf(of.length, 'place')}</summary>
          <ul>{of.map(place => <li key={place}><code>{place}</code></li>)}</ul>
        </details>
      )}
    </div>
  )
}

function Side ({ change, text, rule, onRule }: { change: Alike, text: string | undefined, rule: string | undefined, onRule?: OnRule | undefined }) {
  return (
    <div class='where'>
      <span>{text === undefined ? change.old === change.new ? 'otherwise' : 'not there' : change.aspect === 'transform' ? transformText(text) : text}</span>
      {rule !== undefined && <small class='soft'><RuleLink rule={rule} onRule={onRule} /></small>}
    </div>
  )
}
