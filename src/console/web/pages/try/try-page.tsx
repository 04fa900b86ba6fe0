/** Try it: a report, a home and a draft of the rules, and at once what would leave and why. */

import { useState } from 'preact/hooks'
import { Badge } from '../../parts/badge.js'
import { Changes } from '../../parts/changes.js'
import { Loading } from '../../parts/loading.js'
import { Note } from '../../parts/note.js'
import { PageHead } from '../../parts/page-head.js'
import type { OnRule } from '../../parts/rule-link.js'
import { Tabs } from '../../parts/tabs.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { goTo, linkTo } from '../../router.js'
import { mayWrite } from '../../session.js'
import { countOf } from '../../words/format.js'
import { verdictText, verdictTone, type Verdict } from '../../words/verdict.js'
import { answerText, type Answer } from '../policies/policies-data.js'
import { Cases } from './cases.js'
import { draft, hasDraft } from './draft.js'
import { HomeInput, startingHome } from './home-input.js'
import { Outcome } from './outcome.js'
import { PutInForce } from './put-in-force.js'
import { isJson, ReportInput, reportOf, type Given } from './report-input.js'
import { RulesInput, type Opened } from './rules-input.js'
import { choices, samples, type Choices, type Home, type Tried } from './try-data.js'
import { useTried } from './use-tried.js'

const FIRST_SAMPLE = 'motion'
const FIRST_FILE = 'recipients/product-analytics.yaml'

export function TryPage ({ rest: [part = 'report'] }: { rest: readonly string[] }) {
  const { value, problem, reload } = useLoaded(async signal => await Promise.all([choices(signal), samples(signal)]), [])
  const [told, setTold] = useState('')
  const onInForce = (answer: Answer): void => {
    draft.value = {}
    setTold(answerText(answer))
    reload()
  }
  return (
    <div class='page'>
      <PageHead title='Try it' about='What a report would come to, value by value, and why. Nothing here is delivered, kept or logged.' />
      <div role='status'>{told !== '' && <Note>{told} Its files belong in the configuration folder as well. <a href={linkTo('policies')}>Policies</a></Note>}</div>
      {value === undefined ? <Loading problem={problem} reload={reload} /> : <Trial choices={value[0]} samples={value[1]} part={part} onInForce={onInForce} />}
    </div>
  )
}

interface TrialShown {
  readonly choices: Choices
  readonly samples: Readonly<Record<string, string>>
  readonly part: string
  readonly onInForce: (answer: Answer) => void
}

function Trial ({ choices, samples, part, onInForce }: TrialShown) {
  const [given, setGiven] = useState(() => firstReport(samples))
  const [home, setHome] = useState<Home>(() => ({ home: startingHome(choices) }))
  const [opened, setOpened] = useState<Opened>(() => ({ file: choices.files[FIRST_FILE] === undefined ? Object.keys(choices.files)[0] ?? '' : FIRST_FILE }))
  const isDrafted = hasDraft()
  const { tried, payload, problem, isBusy } = useTried({ draft: isDrafted ? draft.value : undefined, report: given.report, payload: given.payload, home })
  const onRule: OnRule = (file, place) => {
    setOpened({ file, place })
    goTo('try', 'rules')
  }
  const tabs = [
    { to: ['try', 'report'], title: 'Report' },
    { to: ['try', 'home'], title: 'Home' },
    { to: ['try', 'rules'], title: mayWrite.value ? 'Rules, to edit' : 'Rules', more: <Marks tried={tried} /> }
  ]
  return (
    <div class='try' data-part={part}>
      <section class='panel given' aria-label='What is tried'>
        <Tabs label='What is tried' tabs={tabs} current={tabs.find(({ to }) => to[1] === part) ?? tabs[0]} />
        {part === 'home'
          ? <HomeInput choices={choices} home={home} onChange={setHome} />
          : part === 'rules'
            ? <RulesInput files={choices.files} problems={tried?.problems ?? []} readOnly={!mayWrite.value} opened={opened} onOpen={setOpened} />
            : <ReportInput samples={samples} reports={choices.reports} given={given} onChange={setGiven} />}
      </section>
      <div class='stack found' aria-busy={isBusy}>
        {problem !== undefined && <div role='alert'><Note tone='alarm'>{problem}</Note></div>}
        {tried !== undefined && <Found tried={tried} payload={payload} choices={choices} isDrafted={isDrafted} onRule={onRule} onInForce={onInForce} />}
        {tried === undefined && problem === undefined && <Loading problem={undefined} reload={() => {}} />}
      </div>
    </div>
  )
}

interface FoundShown {
  readonly tried: Tried
  readonly payload: string
  readonly choices: Choices
  readonly isDrafted: boolean
  readonly onRule: OnRule
  readonly onInForce: (answer: Answer) => void
}

function Found ({ tried: { problems, explanation, inForce, comparison, cases, digest }, payload, choices, isDrafted, onRule, onInForce }: FoundShown) {
  const failed = cases?.filter(({ ok }) => !ok).length ?? 0
  return (
    <>
      {isDrafted && comparison !== undefined && cases !== undefined && <Summary verdict={comparison.verdict} cases={cases.length} failed={failed} />}
      <section class='panel' aria-labelledby='what-leaves'>
        <div class='panel-head'>
          <h2 id='what-leaves'>What leaves</h2>
          <p class='soft small'>{isDrafted ? 'by the draft, changes against the rules in force marked' : 'by the rules in force'}</p>
        </div>
        {problems.length > 0 && <Note tone='alarm'><p>The draft has {countOf(problems.length, 'problem')}: nothing can be tried by it until they are mended.</p></Note>}
        {explanation !== undefined && (explanation.quarantined !== undefined || isJson(payload)) && <Outcome payload={payload} explanation={explanation} inForce={inForce} onRule={onRule} />}
      </section>
      {isDrafted && comparison !== undefined && (
        <section class='panel' aria-labelledby='changes'>
          <div class='panel-head'>
            <h2 id='changes' tabIndex={-1}>Against what is in force</h2>
            <p class='row'><Badge tone={verdictTone(comparison.verdict)}>{comparison.verdict}</Badge> <span class='soft small'>{verdictText(comparison.verdict)}</span></p>
          </div>
          <Changes changes={comparison.changes} onRule={onRule} />
        </section>
      )}
      {isDrafted && cases !== undefined && (
        <section class='panel' aria-labelledby='cases'>
          <div class='panel-head'><h2 id='cases' tabIndex={-1}>Tests</h2></div>
          <Cases cases={cases} onRule={onRule} />
        </section>
      )}
      {isDrafted && digest !== undefined && comparison !== undefined && <PutInForce key={digest} draft={draft.value} digest={digest} of={choices.digest} verdict={comparison.verdict} failed={failed} onInForce={onInForce} />}
    </>
  )
}

/** Where the draft stands, and the way to each part further down. */
function Summary ({ verdict, cases, failed }: { verdict: Verdict, cases: number, failed: number }) {
  const show = (id: string): void => {
    const heading = document.getElementById(id)
    heading?.scrollIntoView()
    heading?.focus({ preventScroll: true })
  }
  return (
    <div class='panel row draft' role='group' aria-label='The draft'>
      <strong>The draft</strong>
      <button type='button' class='compact' onClick={() => show('changes')}><Badge tone={verdictTone(verdict)}>{verdict}</Badge> {verdict === 'wider' || verdict === 'narrower' ? 'than' : 'as against'} what is in force</button>
      <button type='button' class='compact' onClick={() => show('cases')}><Badge tone={failed === 0 ? 'stays' : 'alarm'}>{cases - failed} of {cases}</Badge> cases as expected</button>
      <button type='button' class='compact' onClick={() => show('in-force')}>Put in force</button>
    </div>
  )
}

function Marks ({ tried }: { tried: Tried | undefined }) {
  const [files, problems] = [Object.keys(draft.value).length, tried?.problems.length ?? 0]
  if (problems > 0) return <> <Badge tone='alarm'>{countOf(problems, 'problem')}</Badge></>
  return files === 0 ? null : <> <Badge tone='accent'>{files} changed</Badge></>
}

function firstReport (samples: Readonly<Record<string, string>>): Given {
  const sample = samples[FIRST_SAMPLE] === undefined ? Object.keys(samples)[0] ?? '' : FIRST_SAMPLE
  return { sample, report: reportOf(sample), payload: samples[sample] ?? '' }
}
