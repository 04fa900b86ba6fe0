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
  /** An account whose reports show it. */
  readonly example?: Example
  /** Registered accounts that it reaches. */
  readonly accounts?: number
}

interface Example {
  readonly regime: string
  readonly region: string
  readonly minor: boolean
  readonly optOutSignal: boolean
  readonly consents: readonly { readonly purpose: string, readonly state: string, readonly recipient?: string }[]
}

/** Changes that one rule makes alike, of whatever reports and fields. */
interface Alike extends Omit<Change, 'report' | 'path' | 'accounts'> {
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
  for (const { report, path, accounts, ...change } of changes) {
    const key = JSON.stringify([change.effect, change.aspect, change.recipient, change.old, change.new, change.oldRule, change.newRule])
    const place = [report, path].filter(part => part !== undefined).join(' ')
    const { of, example = change.example } = groups.get(key) ?? { of: [] }
    groups.set(key, { ...change, ...(example !== undefined && { example }), of: [...of, ...(place === '' ? [] : [place])] })
  }
  return [...groups.values()]
}

function exampleText ({ regime, region, minor, optOutSignal, consents }: Example): string {
  const said = consents.map(({ purpose, state, recipient }) => `${purpose}${recipient === undefined ? '' : ` to ${recipient}`} ${state}`)
  return [`${regime} in ${region}`, ...(minor ? ['a minor\'s'] : []), ...(optOutSignal ? ['opt-out signal on'] : []), ...said].join(', ')
}

function Where ({ change: { recipient, aspect, of, example } }: { change: Alike }) {
  return (
    <div class='where'>
      <span>{recipient ?? 'all recipients'}</span>
      <small class='soft'>{aspect}{of.length === 1 && <> of <code>{of[0]}</code></>}</small>
      {example !== undefined && <small class='soft'>shown by a home: {exampleText(example)}</small>}
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
