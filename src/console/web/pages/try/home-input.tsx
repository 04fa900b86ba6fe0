/** Whose report it is: a home that is made up, with the consent it gave, or a registered account as it stands now. */

import { useId } from 'preact/hooks'
import { ask } from '../../api/request.js'
import { Segments } from '../../parts/segments.js'
import { useLoaded } from '../../parts/use-loaded.js'
import type { Choices, Consent, GivenState, Home, MadeUpHome } from './try-data.js'

const FEW = 200
const STATES = [['', 'nothing said'], ['granted', 'granted'], ['denied', 'denied'], ['withdrawn', 'withdrawn']] as const

interface Shown {
  readonly choices: Choices
  readonly home: Home
  readonly onChange: (home: Home) => void
}

export function HomeInput ({ choices, home, onChange }: Shown) {
  const isAccount = 'account' in home
  return (
    <div class='stack'>
      <Segments
        label='Whose report' options={[['made-up', 'A home made up'], ['account', 'A registered account']]} value={isAccount ? 'account' : 'made-up'}
        onChange={kind => onChange(kind === 'account' ? { account: '' } : { home: startingHome(choices) })}
      />
      {isAccount ? <AccountInput account={home.account} onChange={account => onChange({ account })} /> : <MadeUp choices={choices} home={home.home} onChange={changed => onChange({ home: changed })} />}
    </div>
  )
}

/** A home that said yes to better products, so that there is something to see. */
export function startingHome ({ regimes, defaultRegion, purposes }: Choices): MadeUpHome {
  const granted = purposes.filter(({ purpose, required }) => !required && purpose === 'improve-products')
  return {
    regime: regimes.find(regime => regime === 'opt-in') ?? regimes[0] ?? 'opt-in',
    region: defaultRegion,
    minor: false,
    optOutSignal: false,
    consents: granted.map(({ purpose }) => ({ purpose, state: 'granted' }))
  }
}

function AccountInput ({ account, onChange }: { account: string, onChange: (account: string) => void }) {
  const id = useId()
  const { value } = useLoaded(signal => ask<{ accounts: string[] }>(`/v1/accounts?limit=${FEW}`, { signal }), [])
  return (
    <div class='field'>
      <label for={id}>Account</label>
      <input id={id} list={`${id}l`} autocomplete='off' spellcheck={false} value={account} aria-describedby={`${id}h`} onInput={event => onChange(event.currentTarget.value.trim())} />
      <datalist id={`${id}l`}>{value?.accounts.map(one => <option key={one} value={one} />)}</datalist>
      <p class='hint' id={`${id}h`}>Its regime, region, marks and consent as they stand now. That it was looked at stands in the audit log.</p>
    </div>
  )
}

function MadeUp ({ choices, home, onChange }: { choices: Choices, home: MadeUpHome, onChange: (home: MadeUpHome) => void }) {
  const id = useId()
  const set = (purpose: string, recipient: string | undefined, state: GivenState | ''): void => {
    const others = home.consents.filter(consent => consent.purpose !== purpose || consent.recipient !== recipient)
    const added: Consent[] = state === '' ? [] : [{ purpose, state, ...(recipient !== undefined && { recipient }) }]
    onChange({ ...home, consents: [...others, ...added] })
  }
  const stateOf = (purpose: string, recipient?: string): GivenState | '' =>
    home.consents.find(consent => consent.purpose === purpose && consent.recipient === recipient)?.state ?? ''
  return (
    <>
      <div class='pair'>
        <div class='field'>
          <label for={`${id}g`}>Regime</label>
          <select id={`${id}g`} value={home.regime} onChange={event => onChange({ ...home, regime: event.currentTarget.value })}>
            {choices.regimes.map(regime => <option key={regime} value={regime}>{regime}</option>)}
          </select>
        </div>
        <div class='field'>
          <label for={`${id}r`}>Region</label>
          <select id={`${id}r`} value={home.region} onChange={event => onChange({ ...home, region: event.currentTarget.value })}>
            {choices.regions.map(region => <option key={region} value={region}>{region}</option>)}
          </select>
        </div>
      </div>
      <div class='row'>
        <label class='check'><input type='checkbox' checked={home.minor} onChange={event => onChange({ ...home, minor: event.currentTarget.checked })} /> A minor's account</label>
        <label class='check'><input type='checkbox' checked={home.optOutSignal} onChange={event => onChange({ ...home, optOutSignal: event.currentTarget.checked })} /> Opt-out signal on</label>
      </div>
      <fieldset class='consents'>
        <legend>What it said, purpose by purpose</legend>
        {choices.purposes.filter(({ required }) => !required).map(({ purpose }) => <StateInput key={purpose} label={purpose} state={stateOf(purpose)} onChange={state => set(purpose, undefined, state)} />)}
        {choices.recipients.filter(({ needsNaming }) => needsNaming).map(({ recipient, purpose }) => (
          <StateInput key={`to ${recipient}`} label={`${purpose}, to ${recipient} by name`} state={stateOf(purpose, recipient)} onChange={state => set(purpose, recipient, state)} />
        ))}
      </fieldset>
    </>
  )
}

function StateInput ({ label, state, onChange }: { label: string, state: GivenState | '', onChange: (state: GivenState | '') => void }) {
  const id = useId()
  return (
    <div class='line'>
      <label for={id}>{label}</label>
      <select id={id} value={state} onChange={event => onChange(event.currentTarget.value as GivenState | '')}>
        {STATES.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </div>
  )
}
