/** Every policy that was seen: when it took force, by whom, why, and what it changed then. */

import { Badge, type Tone } from '../../parts/badge.js'
import { DataTable } from '../../parts/data-table.js'
import { timeText } from '../../words/format.js'
import { verdictTone } from '../../words/verdict.js'
import { shortDigest, type Activation, type Policy } from './policies-data.js'

const STATE: Readonly<Record<Policy['state'], readonly [string, Tone]>> = {
  active: ['in force', 'accent'],
  waiting: ['waits', 'leaves'],
  past: ['past', 'plain'],
  seen: ['never in force', 'plain']
}

const WHY: Readonly<Record<Activation['why'], string>> = { first: 'first start', folder: 'the folder changed', activate: 'asked for', rollback: 'rolled back' }

interface Shown {
  readonly policies: readonly Policy[]
  readonly mayWrite: boolean
  readonly onCompare: (before: string, after: string) => void
  readonly onActivate: (digest: string) => void
  readonly active: string
}

export function History ({ policies, active, mayWrite, onCompare, onActivate }: Shown) {
  return (
    <DataTable
      label='History' rows={policies} keyOf={({ digest }) => digest}
      columns={[
        { title: 'Policy', head: true, cell: ({ digest }) => <code title={digest}>{shortDigest(digest)}</code> },
        { title: 'State', cell: ({ state }) => <Badge tone={STATE[state][1]}>{STATE[state][0]}</Badge> },
        { title: 'In force since', cell: policy => <Since policy={policy} /> },
        { title: 'By, and why', cell: policy => <Who activation={policy.activations.at(-1)} /> },
        {
          title: 'Against the one before',
          cell: ({ digest, activations }) => {
            const last = activations.at(-1)
            if (last?.before === undefined) return <span class='soft'>{last === undefined ? '–' : 'there was none'}</span>
            const { before, verdict = 'different' } = last
            return <span class='row'><Badge tone={verdictTone(verdict)}>{verdict}</Badge><button type='button' class='quiet compact' onClick={() => onCompare(before, digest)}>Show<span class='visually-hidden'> what {shortDigest(digest)} changed</span></button></span>
          }
        },
        {
          title: 'Actions',
          untitled: true,
          cell: ({ digest, state }) => digest === active
            ? null
            : (
              <span class='row'>
                <button type='button' class='quiet compact' onClick={() => onCompare(active, digest)}>Compare<span class='visually-hidden'> {shortDigest(digest)} with what is in force</span></button>
                {mayWrite && state !== 'waiting' && <button type='button' class='compact' onClick={() => onActivate(digest)}>Put in force<span class='visually-hidden'> {shortDigest(digest)}</span></button>}
              </span>
              )
        }
      ]}
    />
  )
}

function Since ({ policy: { activations, firstSeenMs } }: { policy: Policy }) {
  const last = activations.at(-1)
  return (
    <div class='where'>
      <span class='nowrap'>{last === undefined ? '–' : timeText(last.atMs)}</span>
      {last === undefined && <small class='soft'>seen {timeText(firstSeenMs)}</small>}
      {activations.length > 1 && <small class='soft'>{activations.length} times in force</small>}
    </div>
  )
}

function Who ({ activation }: { activation: Activation | undefined }) {
  if (activation === undefined) return null
  const { by, why, reason, approvals } = activation
  return (
    <div class='where'>
      <span>{by}, {WHY[why]}</span>
      {reason !== undefined && <small class='soft'>{reason}</small>}
      {approvals.map(approval => <small class='soft' key={approval.atMs}>approved by {approval.by}: {approval.reason}</small>)}
    </div>
  )
}
