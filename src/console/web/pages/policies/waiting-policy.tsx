/** A policy that waits: what it changes, who has approved it, and the approval itself. */

import { useState } from 'preact/hooks'
import { Badge } from '../../parts/badge.js'
import { Changes, type Change } from '../../parts/changes.js'
import { ConfirmReason } from '../../parts/confirm-reason.js'
import { mayWrite } from '../../session.js'
import { countOf, timeText } from '../../words/format.js'
import { verdictText, verdictTone, type Verdict } from '../../words/verdict.js'
import { activate, approve, shortDigest, type Answer, type Approvals } from './policies-data.js'

interface Shown {
  readonly digest: string
  readonly active: string
  readonly verdict: Verdict
  readonly approvals: Approvals
  /** Absent where they are shown already. */
  readonly changes?: readonly Change[]
  readonly onAnswer: (answer: Answer) => void
}

export function WaitingPolicy ({ digest, active, verdict, approvals: { needed, given }, changes, onAnswer }: Shown) {
  const [asking, setAsking] = useState<'approve' | 'keep'>()
  return (
    <div class='stack'>
      <p class='row'><Badge tone={verdictTone(verdict)}>{verdict}</Badge> <span>{verdictText(verdict)}</span></p>
      {changes !== undefined && <Changes changes={changes} />}
      <div class='stack tight'>
        <p><strong>{given.length} of {needed}</strong> {needed === 1 ? 'approval' : 'approvals, each with a token of its own'}</p>
        {given.length > 0 && <ul class='approvals'>{given.map(one => <li key={one.atMs}>{one.by}, {timeText(one.atMs)}: {one.reason}{one.token !== undefined && <> <code class='soft'>{one.token}</code></>}</li>)}</ul>}
      </div>
      {mayWrite.value
        ? (
          <div class='row'>
            <button type='button' class='primary' onClick={() => setAsking('approve')}>Approve</button>
            <button type='button' onClick={() => setAsking('keep')}>Keep what is in force</button>
          </div>
          )
        : <p class='soft'>Your token may look and not approve.</p>}
      {asking === 'approve' && (
        <ConfirmReason title='Approve this policy?' act='Approve' danger onClose={() => setAsking(undefined)} onAct={async reason => onAnswer(await approve(digest, reason))}>
          <p>{needed - given.length > 1 ? `It takes the approval of ${countOf(needed - given.length - 1, 'more token')} after yours.` : 'It takes force at once, for every report from then on.'} <code>{shortDigest(digest)}</code></p>
        </ConfirmReason>
      )}
      {asking === 'keep' && (
        <ConfirmReason title='Keep what is in force?' act='Keep' onClose={() => setAsking(undefined)} onAct={async reason => onAnswer(await activate(active, reason))}>
          <p>What waits is set aside until it is asked for again.</p>
        </ConfirmReason>
      )}
    </div>
  )
}
