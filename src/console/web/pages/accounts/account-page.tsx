/** One account: what is known, consent now and over time, what left, devices, export, erasure. */

import { useState } from 'preact/hooks'
import { ask, part, request } from '../../api/request.js'
import { Loading } from '../../parts/loading.js'
import { Note } from '../../parts/note.js'
import { PageHead } from '../../parts/page-head.js'
import { saveFile } from '../../parts/saved.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { mayWrite, session } from '../../session.js'
import { dayText } from '../../words/format.js'
import type { AccountFacts, Vocabulary } from './account-data.js'
import { ConsentPanel } from './consent-panel.js'
import { DevicesPanel } from './devices-panel.js'
import { DisclosedPanel } from './disclosed-panel.js'
import { EraseDialog } from './erase-dialog.js'
import { FactBadges } from './fact-badges.js'
import { FactsDialog } from './facts-dialog.js'

export function AccountPage ({ account }: { account: string }) {
  const [round, setRound] = useState(0)
  const changed = (): void => setRound(before => before + 1)
  const { value, problem, reload } = useLoaded(async signal => await Promise.all([
    ask<AccountFacts>(`/v1/accounts/${part(account)}`, { signal }),
    ask<Vocabulary>('/v1/vocabulary', { signal })
  ]), [account, round])
  const [asked, setAsked] = useState<'facts' | 'erase'>()
  const [erased, setErased] = useState('')
  const [exportProblem, setExportProblem] = useState('')
  const isOwn = session.value?.role === 'account'

  const download = async (): Promise<void> => {
    setExportProblem('')
    try {
      saveFile(`${account}.json`, await (await request(`/v1/accounts/${part(account)}/export`)).blob())
    } catch (error) {
      setExportProblem((error as Error).message)
    }
  }

  const known = erased === '' && problem === undefined ? value : undefined
  const about = erased !== '' ? 'Erased.' : known === undefined ? 'An account.' : `${isOwn ? 'Your home' : 'Registered'} since ${dayText(known[0].addedMs)}.`
  return (
    <div class='page'>
      <PageHead title={account} about={<>{about} {!isOwn && <a href='#/accounts'>All accounts</a>}</>}>
        {known !== undefined && <button type='button' class='compact' onClick={() => { download().catch(() => {}) }}>Export</button>}
        {known !== undefined && mayWrite.value && <button type='button' class='compact danger' onClick={() => setAsked('erase')}>Erase…</button>}
      </PageHead>
      <div role='status'>{erased !== '' && <Note tone='stays'>{erased}</Note>}</div>
      {exportProblem !== '' && <div role='alert'><Note tone='alarm'>{exportProblem}</Note></div>}
      {erased === '' && known === undefined && <Loading problem={problem} reload={reload} />}
      {known !== undefined && <Known facts={known[0]} vocabulary={known[1]} round={round} onChange={() => setAsked('facts')} />}
      {isOwn && <p class='soft'>To have everything erased, ask the operator of this gateway.</p>}
      {known !== undefined && asked === 'facts' && <FactsDialog facts={known[0]} vocabulary={known[1]} onDone={changed} onClose={() => setAsked(undefined)} />}
      {asked === 'erase' && <EraseDialog account={account} onErased={setErased} onClose={() => setAsked(undefined)} />}
    </div>
  )
}

function Known ({ facts, vocabulary, round, onChange }: { facts: AccountFacts, vocabulary: Vocabulary, round: number, onChange: () => void }) {
  const { account, regime, region } = facts
  return (
    <>
      <section class='panel' aria-labelledby='facts'>
        <div class='panel-head'>
          <h2 id='facts'>What is known</h2>
          {mayWrite.value && <button type='button' class='compact' onClick={onChange}>Change…</button>}
        </div>
        <dl class='facts'>
          <dt>Regime</dt><dd>{regime}</dd>
          <dt>Region</dt><dd>{region}</dd>
          <dt>Marks</dt><dd><FactBadges facts={facts} /></dd>
        </dl>
      </section>
      <ConsentPanel account={account} vocabulary={vocabulary} round={round} />
      <DisclosedPanel account={account} />
      <DevicesPanel account={account} />
    </>
  )
}
