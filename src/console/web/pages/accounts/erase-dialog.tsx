/** Erases an account, once its id was written again. */

import { useState } from 'preact/hooks'
import { ask, part } from '../../api/request.js'
import { Confirm } from '../../parts/confirm.js'
import { countOf } from '../../words/format.js'

interface Erased {
  readonly existed: boolean
  readonly devices: number
  readonly lines: number
  readonly waiting: number
  readonly notices: Readonly<Record<string, number>>
}

export function EraseDialog ({ account, onErased, onClose }: { account: string, onErased: (told: string) => void, onClose: () => void }) {
  const [written, setWritten] = useState('')
  const act = async (): Promise<void> => {
    onErased(erasedText(account, await ask<Erased>(`/v1/accounts/${part(account)}/erasure`, { method: 'POST', body: { confirm: account } })))
  }
  return (
    <Confirm title={`Erase ${account}?`} act='Erase for good' danger ready={written === account} onAct={act} onClose={onClose}>
      <p>Its records, devices, tokens and keys go, what waits for delivery, and its lines in the gateway's own files. Recipients that know its devices get a notice. This cannot be undone.</p>
      <div class='field'>
        <label for='erase-id'>Write <code>{account}</code> to go on</label>
        <input id='erase-id' value={written} autocomplete='off' spellcheck={false} onInput={event => setWritten(event.currentTarget.value)} />
      </div>
    </Confirm>
  )
}

function erasedText (account: string, { existed, devices, lines, waiting, notices }: Erased): string {
  if (!existed) return `No account ${account} is registered: erased before, or never there.`
  const told = Object.keys(notices)
  return `Account ${account} is erased: ${countOf(devices, 'device')}, ${countOf(lines, 'line')} in files, ${countOf(waiting, 'waiting disclosure')}. ${told.length === 0 ? 'No recipient knows its devices by a name.' : `A notice goes to ${told.join(', ')}.`}`
}
