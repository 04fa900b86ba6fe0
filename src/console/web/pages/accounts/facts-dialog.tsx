/** Changes what is known of an account: regime, region, a minor's mark, the opt-out signal. */

import { useState } from 'preact/hooks'
import { ask, part } from '../../api/request.js'
import { Confirm } from '../../parts/confirm.js'
import { Select } from '../../parts/select.js'
import type { AccountFacts, Vocabulary } from './account-data.js'

export function FactsDialog ({ facts, vocabulary, onDone, onClose }: { facts: AccountFacts, vocabulary: Vocabulary, onDone: () => void, onClose: () => void }) {
  const [{ regime, region, minor, optOutSignal }, setChosen] = useState(facts)
  const act = async (): Promise<void> => {
    await ask(`/v1/accounts/${part(facts.account)}`, { method: 'PATCH', body: { regime, region, minor, optOutSignal } })
    onDone()
  }
  const set = (changed: Partial<AccountFacts>): void => setChosen(before => ({ ...before, ...changed }))
  return (
    <Confirm title={`Change ${facts.account}`} act='Record' onAct={act} onClose={onClose}>
      <Select label='Regime' hint='What holds where the account has said nothing.' names={vocabulary.regimes} value={regime} onChange={regime => set({ regime })} />
      <Select label='Region' hint='Which recipients it may go to at all.' names={vocabulary.regions} value={region} onChange={region => set({ region })} />
      <label class='check'><input type='checkbox' checked={minor} onChange={event => set({ minor: event.currentTarget.checked })} /> A minor's: nothing beyond required purposes, and what waits is taken back</label>
      <label class='check'><input type='checkbox' checked={optOutSignal} onChange={event => set({ optOutSignal: event.currentTarget.checked })} /> Opt-out signal (GPC or DNT)</label>
    </Confirm>
  )
}
