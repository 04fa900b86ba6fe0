/** What a report comes to: for each recipient, and for one of them value by value, as sent beside what leaves. */

import { useState } from 'preact/hooks'
import { Badge } from '../../parts/badge.js'
import { Note } from '../../parts/note.js'
import type { OnRule } from '../../parts/rule-link.js'
import { quarantinedText, stayedText } from '../../words/reason.js'
import { leavesOf } from './rows.js'
import { SideBySide } from './side-by-side.js'
import type { Explained, Explanation } from './try-data.js'
import { Why } from './why.js'

interface Shown {
  readonly payload: string
  readonly explanation: Explanation
  readonly inForce: Explanation | undefined
  readonly onRule: OnRule
}

export function Outcome ({ payload, explanation: { recipients, quarantined }, inForce, onRule }: Shown) {
  const [name, setName] = useState<string>()
  const chosen = recipients.find(({ recipient }) => recipient === name) ?? recipients.find(({ outcome }) => outcome === 'disclosed') ?? recipients[0]
  if (quarantined !== undefined) return <Note tone='stays'><p>Quarantined: {quarantinedText(quarantined)}. It reaches no recipient; what is kept is the reason and the size.</p></Note>
  if (chosen === undefined) return <p class='empty'>There is no recipient.</p>
  const before = inForce?.recipients.find(({ recipient }) => recipient === chosen.recipient)
  return (
    <div class='stack'>
      <div class='recipients' role='group' aria-label='Recipient'>
        {recipients.map(one => (
          <button key={one.recipient} type='button' aria-pressed={one === chosen} onClick={() => setName(one.recipient)}>
            <strong>{one.recipient}</strong>
            <span class={one.outcome === 'disclosed' ? 'leaves' : 'stays'}>{summaryOf(one)}</span>
          </button>
        ))}
      </div>
      <Verdict explained={chosen} onRule={onRule} />
      <SideBySide report={JSON.parse(payload)} explained={chosen} before={before} onRule={onRule} />
      {chosen.disclosure !== undefined && (
        <details>
          <summary>The disclosure as {chosen.recipient} would get it</summary>
          <pre class='code' tabIndex={0} aria-label='Disclosure'>{JSON.stringify(chosen.disclosure, null, 2)}</pre>
        </details>
      )}
    </div>
  )
}

function summaryOf (explained: Explained): string {
  const values = explained.leaves.filter(({ isKey }) => isKey !== true).length
  return explained.outcome === 'disclosed' ? `${leavesOf(explained)} of ${values} values leave` : `withheld: ${stayedText(explained.reason ?? '')}`
}

function Verdict ({ explained, onRule }: { explained: Explained, onRule: OnRule }) {
  const leaves = explained.outcome === 'disclosed'
  return (
    <div class='row verdict'>
      {leaves ? <Badge tone='leaves'>leaves</Badge> : <Badge tone='stays'>withheld</Badge>}
      {!leaves && <span>{stayedText(explained.reason ?? '')}</span>}
      <Why why={explained} onRule={onRule} />
    </div>
  )
}
