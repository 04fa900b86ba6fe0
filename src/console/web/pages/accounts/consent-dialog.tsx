/** Grants, denies or withdraws: for a purpose as a whole, or narrowed to a recipient, a category, a device. */

import { useState } from 'preact/hooks'
import { ask, part } from '../../api/request.js'
import { Confirm } from '../../parts/confirm.js'
import { Select } from '../../parts/select.js'
import { useLoaded } from '../../parts/use-loaded.js'
import type { Device, RecordedState, Vocabulary } from './account-data.js'

export interface Statement {
  readonly purpose: string
  readonly state: RecordedState
  readonly recipient: string
  readonly category: string
  readonly device: string
  readonly expires: string
}

const STATES: readonly RecordedState[] = ['granted', 'denied', 'withdrawn']
const ACT: Readonly<Record<RecordedState, string>> = { granted: 'Grant', denied: 'Deny', withdrawn: 'Withdraw' }

interface Asked {
  readonly account: string
  readonly vocabulary: Vocabulary
  /** What is chosen when it opens. */
  readonly first: Partial<Statement>
  readonly onDone: () => void
  readonly onClose: () => void
}

export function ConsentDialog ({ account, vocabulary, first, onDone, onClose }: Asked) {
  // a required purpose needs no consent, but a recipient that consent has to name may have it
  const open = vocabulary.purposes.filter(({ purpose, required }) => !required || vocabulary.recipients.some(one => one.purpose === purpose && one.kind === 'integration')).map(({ purpose }) => purpose)
  const [stated, setStated] = useState<Statement>({ purpose: open[0] ?? '', state: 'granted', recipient: '', category: '', device: '', expires: '', ...first })
  const { value: devices = [] } = useLoaded(async signal => (await ask<{ devices: Device[] }>(`/v1/accounts/${part(account)}/devices?limit=1000`, { signal })).devices, [account])
  const { purpose, state, recipient, category, device, expires } = stated
  const set = (changed: Partial<Statement>): void => setStated(before => ({ ...before, ...changed }))
  const act = async (): Promise<void> => {
    await ask(`/v1/accounts/${part(account)}/consents`, {
      method: 'POST',
      body: {
        purpose,
        state,
        source: 'console',
        ...(recipient !== '' && { recipient }),
        ...(category !== '' && { category }),
        ...(device !== '' && { device }),
        ...(expires !== '' && state === 'granted' && { expires: new Date(expires).getTime() })
      }
    })
    onDone()
  }
  return (
    <Confirm title={`${ACT[state]} consent of ${account}`} act={ACT[state]} danger={state !== 'granted'} onAct={act} onClose={onClose}>
      <p class='soft'>{state === 'granted' ? 'Holds at once. A narrower record that says otherwise wins.' : 'Answered when nothing leaves any more that it forbids, not even what was waiting.'}</p>
      <div class='pair'>
        <Select label='Purpose' names={open} value={purpose} onChange={purpose => set({ purpose, recipient: '' })} />
        <Select label='State' names={STATES} value={state} onChange={state => set({ state: state as RecordedState })} />
        <Select label='Recipient' all='all' names={vocabulary.recipients.filter(one => one.purpose === purpose).map(one => one.recipient)} value={recipient} onChange={recipient => set({ recipient })} />
        <Select label='Category' all='all' names={vocabulary.categories} value={category} onChange={category => set({ category })} />
        <Select label='Device' all='all' names={devices.map(one => one.device)} value={device} onChange={device => set({ device })} />
        {state === 'granted' && (
          <div class='field'>
            <label for='consent-expires'>Runs out (optional)</label>
            <input id='consent-expires' type='datetime-local' value={expires} onInput={event => set({ expires: event.currentTarget.value })} />
          </div>
        )}
      </div>
    </Confirm>
  )
}
