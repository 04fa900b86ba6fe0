/** As `Confirm`, for what auditors read later: who, and why. */

import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { Confirm } from './confirm.js'

export interface Given {
  readonly reason: string
  /** Absent: by the role of the token. */
  readonly by?: string
}

interface Asked {
  readonly title: string
  readonly act: string
  readonly danger?: boolean
  readonly children?: ComponentChildren
  readonly onAct: (given: Given) => Promise<void>
  readonly onClose: () => void
}

const LONGEST = 200

export function ConfirmReason ({ title, act, danger = false, children, onAct, onClose }: Asked) {
  const id = useId()
  const [reason, setReason] = useState('')
  const [by, setBy] = useState('')
  const given = { reason: reason.trim(), ...(by.trim() !== '' && { by: by.trim() }) }
  return (
    <Confirm title={title} act={act} danger={danger} ready={given.reason !== ''} onAct={async () => await onAct(given)} onClose={onClose}>
      {children}
      <div class='field'>
        <label for={`${id}r`}>Reason</label>
        <input id={`${id}r`} maxLength={LONGEST} autocomplete='off' value={reason} aria-describedby={`${id}h`} onInput={event => setReason(event.currentTarget.value)} />
        <p class='hint' id={`${id}h`}>It stands in the history of policies and in the audit log, for good.</p>
      </div>
      <div class='field'>
        <label for={`${id}b`}>Your name</label>
        <input id={`${id}b`} maxLength={LONGEST} autocomplete='off' value={by} aria-describedby={`${id}n`} onInput={event => setBy(event.currentTarget.value)} />
        <p class='hint' id={`${id}n`}>May be left empty; the id of your token is kept in any case.</p>
      </div>
    </Confirm>
  )
}
