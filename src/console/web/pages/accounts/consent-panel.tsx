/** Consent of an account: now or at a time past, purpose by purpose; granted and withdrawn here. */

import { useState } from 'preact/hooks'
import { ask, part } from '../../api/request.js'
import { Badge } from '../../parts/badge.js'
import { Loading } from '../../parts/loading.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { mayWrite, session } from '../../session.js'
import { groundsText } from '../../words/consent.js'
import { dayText, timeText } from '../../words/format.js'
import { isConsent, type Answer, type Consents, type PurposeConsent, type RecordedState, type Vocabulary } from './account-data.js'
import { ConsentDialog, type Statement } from './consent-dialog.js'
import { ConsentHistory, historyOf } from './consent-history.js'

export function ConsentPanel ({ account, vocabulary, round }: { account: string, vocabulary: Vocabulary, round: number }) {
  const [at, setAt] = useState('')
  const atMs = at === '' ? undefined : new Date(at).getTime()
  const { value, problem, reload } = useLoaded(async signal =>
    await ask<Consents>(`/v1/accounts/${part(account)}/consents${atMs === undefined ? '' : `?at=${atMs}`}`, { signal }), [account, atMs, round])
  const [asked, setAsked] = useState<Partial<Statement>>()
  const mayState = (mayWrite.value || session.value?.role === 'account') && atMs === undefined
  const byConsent = value?.purposes.filter(({ required }) => !required) ?? []
  const required = value?.purposes.filter(purpose => purpose.required) ?? []
  return (
    <section class='panel stack' aria-labelledby='consent'>
      <div class='panel-head'>
        <h2 id='consent'>Consent</h2>
        <div class='row'>
          <label for='consent-at' class='small soft'>As it stood at</label>
          <input id='consent-at' type='datetime-local' value={at} onInput={event => setAt(event.currentTarget.value)} />
          {at !== '' && <button type='button' class='compact' onClick={() => setAt('')}>Now</button>}
          {mayState && <button type='button' class='compact' onClick={() => setAsked({})}>With a scope…</button>}
        </div>
      </div>
      {value === undefined || problem !== undefined
        ? <Loading problem={problem} reload={reload} />
        : (
          <>
            <ul class='purposes'>
              {byConsent.map(purpose => <Purpose key={purpose.purpose} purpose={purpose} consents={value} mayState={mayState} onAsk={setAsked} />)}
            </ul>
            <details class='as-table'>
              <summary>Needed for the service, cannot be refused ({required.length})</summary>
              <ul class='purposes'>{required.map(purpose => <Purpose key={purpose.purpose} purpose={purpose} consents={value} mayState={mayState} onAsk={setAsked} />)}</ul>
            </details>
          </>
          )}
      {asked !== undefined && <ConsentDialog account={account} vocabulary={vocabulary} first={asked} onDone={reload} onClose={() => setAsked(undefined)} />}
    </section>
  )
}

interface PurposeShown {
  readonly purpose: PurposeConsent
  readonly consents: Consents
  readonly mayState: boolean
  readonly onAsk: (statement: Partial<Statement>) => void
}

function Purpose ({ purpose: one, consents, mayState, onAsk }: PurposeShown) {
  const { purpose, required, recipients } = one
  const records = historyOf(consents.records, purpose)
  const button = (state: RecordedState, text: string) => <button type='button' class='compact' aria-label={`${text} ${purpose}`} onClick={() => onAsk({ purpose, state })}>{text}</button>
  return (
    <li class='purpose'>
      <div class='purpose-head'>
        <h3>{purpose}</h3>
        <AnswerBadge answer={one} />
        <span class='soft small'>{why(one, consents)}</span>
        {mayState && !required && <span class='row purpose-acts'>{one.state === 'granted' ? button('withdrawn', 'Withdraw') : button('granted', 'Grant')}</span>}
      </div>
      {recipients.length > 0 && (
        <ul class='purpose-recipients' aria-label={`Recipients for ${purpose}`}>
          {recipients.map(recipient => (
            <li key={recipient.recipient}>
              <span>{recipient.recipient}</span> <AnswerBadge answer={recipient} /> {!recipient.enabled && <Badge>switched off</Badge>} <span class='soft small'>{why(recipient, consents)}</span>
              {recipient.exceptions.map(exception => (
                <p key={`${exception.category} ${exception.device}`} class='small exception'>
                  but {[exception.category, exception.device && `device ${exception.device}`].filter(Boolean).join(', ')}: <AnswerBadge answer={exception} /> <span class='soft'>{why(exception, consents)}</span>
                </p>
              ))}
            </li>
          ))}
        </ul>
      )}
      {records.length > 0 && <ConsentHistory purpose={purpose} records={records} />}
    </li>
  )
}

function AnswerBadge ({ answer: { answer } }: { answer: Answer }) {
  return answer === 'yes' ? <Badge tone='leaves'>yes</Badge> : <Badge tone='stays'>no</Badge>
}

function why ({ state, grounds, reason }: Answer, { records }: Consents): string {
  const record = records.filter(isConsent).find(({ id }) => id === grounds)
  const text = groundsText(state, grounds, reason, record === undefined ? undefined : dayText(record.at))
  return record?.expires !== undefined && state === 'granted' ? `${text}, until ${timeText(record.expires)}` : text
}
