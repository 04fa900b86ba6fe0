/** Stops or resumes delivery to one recipient. */

import { useId, useState } from 'preact/hooks'
import { ask, part } from '../../api/request.js'
import { Confirm } from '../../parts/confirm.js'
import { countOf } from '../../words/format.js'

interface Asked {
  readonly recipient: string
  readonly waiting: number
  readonly onDone: () => void
  readonly onClose: () => void
}

export function PauseDialog ({ recipient, onDone, onClose }: Asked) {
  const [reason, setReason] = useState('')
  const field = useId()
  const act = async (): Promise<void> => {
    await ask(`/v1/recipients/${part(recipient)}/pause`, { method: 'POST', body: { reason: reason.trim() } })
    onDone()
  }
  return (
    <Confirm title={`Pause ${recipient}?`} act='Pause delivery' danger ready={reason.trim() !== ''} onAct={act} onClose={onClose}>
      <p>Nothing is delivered to it until it is resumed, also after a restart. What comes for it waits.</p>
      <div class='field'>
        <label for={field}>Reason</label>
        <input id={field} value={reason} maxLength={200} required autocomplete='off' aria-describedby={`${field}-hint`} onInput={event => setReason(event.currentTarget.value)} />
        <p class='hint' id={`${field}-hint`}>Shown to everybody who looks at the recipient.</p>
      </div>
    </Confirm>
  )
}

export function ResumeDialog ({ recipient, waiting, onDone, onClose }: Asked) {
  const act = async (): Promise<void> => {
    await ask(`/v1/recipients/${part(recipient)}/resume`, { method: 'POST' })
    onDone()
  }
  return (
    <Confirm title={`Resume ${recipient}?`} act='Resume delivery' onAct={act} onClose={onClose}>
      <p>{waiting === 0 ? 'Nothing waits for it.' : `${countOf(waiting, 'disclosure')} ${waiting === 1 ? 'waits' : 'wait'} for it. Consent and policy are asked once more before each leaves.`}</p>
    </Confirm>
  )
}
