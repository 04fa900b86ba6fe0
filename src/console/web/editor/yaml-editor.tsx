/** A file of the configuration to be read or written, loaded when the first one is shown. */

import { useEffect, useRef, useState } from 'preact/hooks'
import type { Editor, Mark, Place } from './codemirror.js'

interface Shown {
  /** What it is, to those who do not see it. */
  readonly label: string
  readonly text: string
  readonly marks: readonly Mark[]
  readonly readOnly?: boolean
  /** Where the caret goes; a new object each time it shall go there. */
  readonly place?: Place | undefined
  readonly onChange: (text: string) => void
}

export function YamlEditor ({ label, text, marks, readOnly = false, place, onChange }: Shown) {
  const host = useRef<HTMLDivElement>(null)
  const change = useRef(onChange)
  change.current = onChange
  const latest = useRef({ label, text })
  latest.current = { label, text }
  const [editor, setEditor] = useState<Editor>()

  useEffect(() => {
    let made: Editor | undefined
    let gone = false
    import('./codemirror.js').then(({ Editor }) => {
      if (gone || host.current === null) return
      made = new Editor(host.current, latest.current.label, latest.current.text, { readOnly, onChange: written => change.current(written) })
      setEditor(made)
    }, () => {})
    return () => {
      gone = true
      made?.destroy()
    }
  }, [readOnly])
  useEffect(() => { editor?.show(label, text) }, [editor, label, text])
  useEffect(() => { editor?.mark(marks) }, [editor, label, marks])
  useEffect(() => { if (place !== undefined) editor?.goTo(place) }, [editor, place])

  return <div class='editor' ref={host} />
}
