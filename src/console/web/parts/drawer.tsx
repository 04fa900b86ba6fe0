/** Details beside the page: a modal dialog, so that the keyboard stays in it and Escape ends it. */

import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

export function Drawer ({ title, onClose, children, side = true }: { title: ComponentChildren, onClose: () => void, children: ComponentChildren, side?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const shown = dialog.current
    if (shown !== null && !shown.open) shown.showModal()
  }, [])
  return (
    <dialog ref={dialog} class={side ? 'drawer' : ''} aria-labelledby={heading} onClose={onClose} onClick={event => { if (event.target === dialog.current) dialog.current?.close() }}>
      <div class='drawer-head'>
        <h2 id={heading}>{title}</h2>
        <button type='button' class='compact' onClick={() => dialog.current?.close()}>Close</button>
      </div>
      {children}
    </dialog>
  )
}
