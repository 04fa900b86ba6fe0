/** The files of the configuration: read by everybody of the staff, drafted by those who may. */

import { useId, useMemo, useState } from 'preact/hooks'
import type { Place } from '../../editor/codemirror.js'
import { YamlEditor } from '../../editor/yaml-editor.js'
import { countOf } from '../../words/format.js'
import { draft, setFile } from './draft.js'
import type { Problem } from './try-data.js'

export interface Opened {
  readonly file: string
  readonly place?: Place
}

interface Shown {
  readonly files: Readonly<Record<string, string>>
  readonly problems: readonly Problem[]
  readonly readOnly: boolean
  readonly opened: Opened
  readonly onOpen: (opened: Opened) => void
}

export function RulesInput ({ files, problems, readOnly, opened: { file, place }, onOpen }: Shown) {
  const id = useId()
  const names = [...new Set([...Object.keys(files), ...Object.keys(draft.value)])].sort()
  const text = draft.value[file] === undefined ? files[file] ?? '' : draft.value[file]
  const marks = useMemo(() => problems.filter(problem => problem.file === file), [problems, file])
  return (
    <div class='stack'>
      <div class='field'>
        <label for={id}>File</label>
        <select id={id} value={file} onChange={event => onOpen({ file: event.currentTarget.value })}>
          {foldersOf(names).map(([folder, inside]) => (
            <optgroup key={folder} label={folder === '' ? 'the configuration' : folder}>
              {inside.map(name => <option key={name} value={name}>{name}{markOf(name, files)}</option>)}
            </optgroup>
          ))}
        </select>
      </div>
      {text === null
        ? <p class='empty'>The draft leaves this file out.</p>
        : <YamlEditor label={file} text={text} marks={marks} readOnly={readOnly} place={place} onChange={written => setFile(file, written, files)} />}
      {!readOnly && <FileActions file={file} files={files} onOpen={onOpen} />}
      <Problems problems={problems} onOpen={onOpen} />
    </div>
  )
}

function FileActions ({ file, files, onOpen }: { file: string, files: Shown['files'], onOpen: Shown['onOpen'] }) {
  const id = useId()
  const [name, setName] = useState('')
  const isDrafted = draft.value[file] !== undefined
  const isKnown = files[name] !== undefined || draft.value[name] !== undefined
  return (
    <div class='row file-actions'>
      <button
        type='button' class='compact' disabled={!isDrafted} onClick={() => {
          setFile(file, files[file] ?? null, files)
          if (files[file] === undefined) onOpen({ file: Object.keys(files)[0] ?? '' })
        }}
      >Undo changes of this file
      </button>
      <button type='button' class='compact' disabled={draft.value[file] === null} onClick={() => setFile(file, null, files)}>Leave it out</button>
      <form
        class='row' onSubmit={event => {
          event.preventDefault()
          setFile(name, '', files)
          onOpen({ file: name })
          setName('')
        }}
      >
        <label class='visually-hidden' for={id}>Path of a new file</label>
        <input id={id} class='mono' placeholder='recipients/new.yaml' autocomplete='off' spellcheck={false} value={name} onInput={event => setName(event.currentTarget.value.trim())} />
        <button type='submit' class='compact' disabled={isKnown || !/^[\w.-]+(\/[\w.-]+)?\.yaml$/.test(name)}>Add file</button>
      </form>
    </div>
  )
}

function Problems ({ problems, onOpen }: { problems: readonly Problem[], onOpen: Shown['onOpen'] }) {
  return (
    <div role='status'>
      {problems.length > 0 && (
        <div class='note alarm'>
          <p><strong>{countOf(problems.length, 'problem')}</strong></p>
          <ul class='problems'>
            {problems.map(({ file, line, column, message }) => (
              <li key={`${file}:${line}:${column} ${message}`}>
                <button type='button' class='rule-link' onClick={() => onOpen({ file, place: { line, column } })}><code>{file}:{line}:{column}</code></button> {message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}

function foldersOf (names: readonly string[]): [string, string[]][] {
  const folders = new Map<string, string[]>()
  for (const name of names) {
    const folder = name.includes('/') ? name.slice(0, name.indexOf('/')) : ''
    folders.set(folder, [...folders.get(folder) ?? [], name])
  }
  return [...folders].sort(([a], [b]) => a < b ? -1 : 1)
}

function markOf (file: string, files: Shown['files']): string {
  const drafted = draft.value[file]
  if (drafted === undefined) return ''
  return drafted === null ? ' (left out)' : files[file] === undefined ? ' (new)' : ' (changed)'
}
