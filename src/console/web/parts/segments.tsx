/** One of a few, chosen by buttons side by side. */

interface Shown<T extends string> {
  readonly label: string
  readonly options: readonly (readonly [T, string])[]
  readonly value: T
  readonly onChange: (value: T) => void
}

export function Segments<T extends string> ({ label, options, value, onChange }: Shown<T>) {
  return (
    <div class='segments' role='group' aria-label={label}>
      {options.map(([name, text]) => <button key={name} type='button' class='compact' aria-pressed={name === value} onClick={() => onChange(name)}>{text}</button>)}
    </div>
  )
}
