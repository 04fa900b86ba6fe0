/** What putting one policy in the place of another changes. */

import { useId } from 'preact/hooks'
import { Badge } from '../../parts/badge.js'
import { Changes } from '../../parts/changes.js'
import { Loading } from '../../parts/loading.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { countOf, timeText } from '../../words/format.js'
import { verdictText, verdictTone } from '../../words/verdict.js'
import { diff, shortDigest, type Difference, type Policy } from './policies-data.js'

interface Shown {
  readonly policies: readonly Policy[]
  readonly before: string
  readonly after: string
  readonly onChange: (before: string, after: string) => void
}

export function ComparePolicies ({ policies, before, after, onChange }: Shown) {
  const id = useId()
  const { value, problem, reload } = useLoaded(async signal => await diff(before, after, signal), [before, after])
  const unlisted = [...new Set([before, after])].filter(digest => !policies.some(policy => policy.digest === digest))
  const options = [
    ...policies.map(policy => <option key={policy.digest} value={policy.digest}>{policyText(policy)}</option>),
    ...unlisted.map(digest => <option key={digest} value={digest}>{shortDigest(digest)}</option>)
  ]
  return (
    <section class='panel stack' aria-labelledby='comparison'>
      <h2 id='comparison' tabIndex={-1}>Compare</h2>
      <div class='pair'>
        <div class='field'><label for={`${id}b`}>Before</label><select id={`${id}b`} value={before} onChange={event => onChange(event.currentTarget.value, after)}>{options}</select></div>
        <div class='field'><label for={`${id}a`}>After</label><select id={`${id}a`} value={after} onChange={event => onChange(before, event.currentTarget.value)}>{options}</select></div>
      </div>
      {value === undefined
        ? <Loading problem={problem} reload={reload} />
        : <><p class='row' role='status'><Badge tone={verdictTone(value.verdict)}>{value.verdict}</Badge> <span>{verdictText(value.verdict)}</span>{value.accounts !== undefined && <span class='soft'>{reachText(value.accounts)}</span>}</p><Changes changes={value.changes} /></>}
    </section>
  )
}

export function policyText ({ digest, state, activations, firstSeenMs }: Policy): string {
  const when = timeText(activations.at(-1)?.atMs ?? firstSeenMs)
  return `${shortDigest(digest)}, ${state === 'active' ? 'in force since' : state === 'waiting' ? 'waits, seen' : state === 'seen' ? 'seen' : 'of'} ${when}`
}

function reachText ({ registered, touched, widened }: NonNullable<Difference['accounts']>): string {
  if (touched === 0) return `It reaches none of ${countOf(registered, 'registered account')}.`
  return `It reaches ${touched} of ${countOf(registered, 'registered account')}${widened > 0 ? `; of ${widened} more would leave` : ''}.`
}
