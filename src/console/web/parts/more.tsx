/** Below a list that goes on: the next page is added to it. When it was the last one, the focus stays here. */

import { useEffect, useRef, useState } from 'preact/hooks'

export function More ({ shown, onMore }: { shown: string, onMore: (() => void) | undefined }) {
  const [wasPressed, setPressed] = useState(false)
  const end = useRef<HTMLParagraphElement>(null)
  const isAll = wasPressed && onMore === undefined
  useEffect(() => {
    // the button that had it is gone
    if (isAll && document.activeElement === document.body) end.current?.focus()
  }, [isAll])
  if (isAll) return <p class='row soft small' ref={end} tabIndex={-1}>{shown}: all of them</p>
  if (onMore === undefined) return null
  const press = (): void => {
    setPressed(true)
    onMore()
  }
  return <p class='row'><button type='button' class='compact' onClick={press}>Show more</button><span class='soft small'>{shown} so far</span></p>
}
