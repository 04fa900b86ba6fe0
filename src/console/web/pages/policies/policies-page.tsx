/** Policies: which is in force, what waits, how each came to be, and the way back. */

import { useState } from 'preact/hooks'
import { ConfirmReason } from '../../parts/confirm-reason.js'
import { Loading } from '../../parts/loading.js'
import { More } from '../../parts/more.js'
import { Note } from '../../parts/note.js'
import { PageHead } from '../../parts/page-head.js'
import { usePages } from '../../parts/use-pages.js'
import { mayWrite } from '../../session.js'
import { countOf, timeText } from '../../words/format.js'
import { ComparePolicies } from './compare-policies.js'
import { History } from './history.js'
import { activate, answerText, policyPage, reload as lookAtFolder, rollback, shortDigest, type Answer, type Policies } from './policies-data.js'
import { WaitingPolicy } from './waiting-policy.js'

export function PoliciesPage () {
  const { value, problem, reload, more } = usePages(policyPage, [])
  const [first] = value ?? []
  const [told, setTold] = useState<{ text: string, isBad: boolean }>()
  const onAnswer = (answer: Answer): void => {
    setTold({ text: answerText(answer), isBad: answer.outcome === 'refused' })
    reload()
  }
  return (
    <div class='page'>
      <PageHead title='Policies' about='Which rules are in force, which wait, how each came to be, and the way back. What is wider than the rules in force takes an approval.'>
        {mayWrite.value && <button type='button' onClick={() => { lookAtFolder().then(onAnswer, (error: Error) => setTold({ text: error.message, isBad: true })) }}>Look at the folder now</button>}
      </PageHead>
      <div role='status'>{told !== undefined && <Note {...(told.isBad && { tone: 'alarm' as const })}>{told.text}</Note>}</div>
      {first === undefined ? <Loading problem={problem} reload={reload} /> : <Known known={{ ...first, policies: value?.flatMap(page => page.policies) ?? [] }} more={more} onAnswer={onAnswer} />}
    </div>
  )
}

function Known ({ known, more, onAnswer }: { known: Policies, more: (() => void) | undefined, onAnswer: (answer: Answer) => void }) {
  const { active, waiting, folder, policies } = known
  const [compared, setCompared] = useState<readonly [before: string, after: string]>()
  const [asking, setAsking] = useState<'rollback' | { readonly digest: string }>()
  const current = policies.find(({ digest }) => digest === active)
  const previous = current?.activations.at(-1)?.before
  const compare = (before: string, after: string): void => {
    setCompared([before, after])
    requestAnimationFrame(() => document.getElementById('comparison')?.focus())
  }
  return (
    <>
      {waiting !== undefined && (
        <section class='panel stack waiting' aria-labelledby='waiting'>
          <div>
            <h2 id='waiting'>Waits: <code>{shortDigest(waiting.digest)}</code></h2>
            <p class='soft'>Since {timeText(waiting.sinceMs)}, {waiting.why === 'folder' ? 'because the configuration folder changed' : `asked for by ${waiting.by}`}{waiting.reason !== undefined && <>: {waiting.reason}</>}</p>
          </div>
          <WaitingPolicy {...waiting} active={active} onAnswer={onAnswer} />
        </section>
      )}
      {folder?.state === 'refused' && (
        <Note tone='alarm'>
          <p>The configuration folder has {countOf(folder.problems.length, 'problem')}; the rules in force hold on.</p>
          <ul class='problems'>{folder.problems.map(({ file, line, column, message }) => <li key={`${file}:${line}:${column} ${message}`}><code>{file}:{line}:{column}</code> {message}</li>)}</ul>
        </Note>
      )}
      {folder?.state === 'set-aside' && <Note><p>The configuration folder holds another policy, <code>{shortDigest(folder.digest ?? '')}</code>, which was set aside when the one in force was asked for. It is looked at again when the folder changes.</p></Note>}
      <section class='panel stack' aria-labelledby='history'>
        <div class='panel-head'>
          <h2 id='history'>History</h2>
          {mayWrite.value && previous !== undefined && <button type='button' class='danger' onClick={() => setAsking('rollback')}>Roll back to {shortDigest(previous)}</button>}
        </div>
        <History policies={policies} active={active} mayWrite={mayWrite.value} onCompare={compare} onActivate={digest => setAsking({ digest })} />
        <More shown={countOf(policies.length, 'policy', 'policies')} onMore={more} />
      </section>
      {compared !== undefined && <ComparePolicies policies={policies} before={compared[0]} after={compared[1]} onChange={(before, after) => setCompared([before, after])} />}
      {asking === 'rollback' && (
        <ConfirmReason title='Roll back?' act='Roll back' danger onClose={() => setAsking(undefined)} onAct={async given => onAnswer(await rollback(given))}>
          <p>The policy before, <code>{shortDigest(previous ?? '')}</code>, takes the place of the one in force, for every report from then on. Where it is wider it waits for approval.</p>
        </ConfirmReason>
      )}
      {typeof asking === 'object' && (
        <ConfirmReason title='Put this policy in force?' act='Put in force' danger onClose={() => setAsking(undefined)} onAct={async given => onAnswer(await activate(asking.digest, given))}>
          <p><code>{shortDigest(asking.digest)}</code> takes the place of the one in force. Where it is wider it waits for approval.</p>
        </ConfirmReason>
      )}
    </>
  )
}
