/** Asks before something is done that others notice. Focus stays within, Escape is no, and afterwards it is where it was. */

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { Note } from './note.js'

interface Asked {
  readonly title: string
  readonly children?: ComponentChildren
  /** On the button that does it. */
  readonly act: string
  readonly danger?: boolean
  /** False: something that is asked for is still missing. */
  readonly ready?: boolean
  /** Rejects with what went wrong: it is told, and the dialog stays. */
  readonly onAct: () => Promise<void>
  readonly onClose: () => void
}

export function Confirm ({ title, children, act, danger = false, ready = true, onAct, onClose }: Asked) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    const before = document.activeElement
    const shown = dialog.current
    if (shown !== null && !shown.open) shown.showModal()
    return () => {
      shown?.close()
      const back = before instanceof HTMLElement && before.isConnected ? before : document.querySelector<HTMLElement>('main h1')
      back?.focus()
    }
  }, [])

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (busy || !ready) return
    setBusy(true)
    setProblem('')
    try {
      await onAct()
      onClose()
    } catch (error) {
      setProblem((error as Error).message)
      setBusy(false)
    }
  }

  return (
    <dialog ref={dialog} aria-labelledby={heading} onClose={onClose}>
      <form class='stack' onSubmit={submit}>
        <h2 id={heading}>{title}</h2>
        {children}
        <div role='alert'>{problem !== '' && <Note tone='alarm'>{problem}</Note>}</div>
        <div class='dialog-actions'>
          <button type='button' onClick={() => dialog.current?.close()}>Cancel</button>
          <button type='submit' class={danger ? 'danger' : 'primary'} disabled={busy || !ready}>{act}</button>
        </div>
      </form>
    </dialog>
  )
}
