/** A labelled choice among names. */

import { useId } from 'preact/hooks'

interface Shown {
  readonly label: string
  readonly hint?: string
  readonly names: readonly string[]
  /** The choice of none of them. */
  readonly all?: string
  readonly value: string
  readonly onChange: (value: string) => void
}

export function Select ({ label, hint, names, all, value, onChange }: Shown) {
  const id = useId()
  return (
    <div class='field'>
      <label for={id}>{label}</label>
      <select id={id} value={value} aria-describedby={hint === undefined ? undefined : `${id}-hint`} onChange={event => onChange(event.currentTarget.value)}>
        {all !== undefined && <option value=''>{all}</option>}
        {names.map(name => <option key={name} value={name}>{name}</option>)}
      </select>
      {hint !== undefined && <p class='hint' id={`${id}-hint`}>{hint}</p>}
    </div>
  )
}
