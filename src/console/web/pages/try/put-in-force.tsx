/** What becomes of a draft: asked to be put in force, approved where it is wider, and its files for the configuration folder. */

import { useState } from 'preact/hooks'
import { ConfirmReason } from '../../parts/confirm-reason.js'
import { Note } from '../../parts/note.js'
import { saveFile } from '../../parts/saved.js'
import { countOf } from '../../words/format.js'
import type { Verdict } from '../../words/verdict.js'
import { answerText, propose, type Answer } from '../policies/policies-data.js'
import { WaitingPolicy } from '../policies/waiting-policy.js'
import type { Draft } from './try-data.js'

interface Shown {
  readonly draft: Draft
  /** Digest of the draft, and of the policy that it was made of. */
  readonly digest: string
  readonly of: string
  readonly verdict: Verdict
  /** Cases that turn out otherwise. */
  readonly failed: number
  readonly onInForce: (answer: Answer) => void
}

export function PutInForce ({ draft, digest, of, verdict, failed, onInForce }: Shown) {
  const [isAsking, setAsking] = useState(false)
  const [answer, setAnswer] = useState<Answer>()
  const onAnswer = (next: Answer): void => {
    setAnswer(next)
    if (next.outcome === 'taken') onInForce(next)
  }
  const waits = answer?.outcome === 'waiting' && answer.digest === digest && answer.approvals !== undefined ? answer.approvals : undefined
  const isWider = verdict === 'wider' || verdict === 'different'
  return (
    <section class='panel stack' aria-labelledby='in-force'>
      <h2 id='in-force' tabIndex={-1}>Put in force</h2>
      <p>
        {isWider ? 'More would leave: it waits until it is approved.' : 'Nothing more would leave: it takes force at once.'}
        {failed > 0 && <> <strong>{countOf(failed, 'case')} would turn out otherwise.</strong></>}
      </p>
      <div role='status'>{answer !== undefined && <Note {...(answer.outcome === 'refused' && { tone: 'alarm' as const })}>{answerText(answer)}</Note>}</div>
      {waits !== undefined
        ? <WaitingPolicy digest={digest} active={of} verdict={verdict} approvals={waits} onAnswer={onAnswer} />
        : <div class='row'><button type='button' class='primary' onClick={() => setAsking(true)}>{isWider ? 'Ask for it' : 'Put it in force'}</button></div>}
      <div class='stack tight'>
        <p class='soft'>The gateway does not write the configuration folder. Put the files there as well: what the folder says takes over when it changes next.</p>
        <DraftFiles draft={draft} />
      </div>
      {isAsking && (
        <ConfirmReason title={isWider ? 'Ask for this draft?' : 'Put this draft in force?'} act={isWider ? 'Ask for it' : 'Put it in force'} onClose={() => setAsking(false)} onAct={async given => onAnswer(await propose(of, draft, given))}>
          <p>{isWider ? 'It is kept with its files, and waits for approval.' : 'It holds for every report from then on.'}</p>
        </ConfirmReason>
      )}
    </section>
  )
}

function DraftFiles ({ draft }: { draft: Draft }) {
  return (
    <ul class='draft-files'>
      {Object.entries(draft).map(([file, text]) => (
        <li key={file} class='row'>
          <code>{file}</code>
          {text === null
            ? <span class='soft'>left out: remove it there</span>
            : <button type='button' class='compact' onClick={() => saveFile(nameOf(file), new Blob([text], { type: 'application/yaml' }))}>Download {nameOf(file)}</button>}
        </li>
      ))}
    </ul>
  )
}

function nameOf (file: string): string {
  return file.split('/').at(-1) ?? file
}
