/** What becomes of a draft: its files for the configuration folder. */

import { saveFile } from '../../parts/saved.js'
import type { Verdict } from '../../words/verdict.js'
import type { Draft } from './try-data.js'

interface Shown {
  readonly draft: Draft
  readonly inForce: Readonly<Record<string, string>>
  readonly verdict: Verdict
  readonly failed: number
  readonly onInForce: () => void
}

export function PutInForce ({ draft }: Shown) {
  return (
    <section class='panel' aria-labelledby='in-force'>
      <div class='panel-head'><h2 id='in-force' tabIndex={-1}>Put in force</h2></div>
      <DraftFiles draft={draft} />
    </section>
  )
}

function DraftFiles ({ draft }: { draft: Draft }) {
  return (
    <ul class='draft-files'>
      {Object.entries(draft).map(([file, text]) => (
        <li key={file} class='row'>
          <code>{file}</code>
          {text === null
            ? <span class='soft'>left out</span>
            : <button type='button' class='compact' onClick={() => saveFile(file.split('/').at(-1) ?? file, new Blob([text], { type: 'application/yaml' }))}>Download {file.split('/').at(-1)}</button>}
        </li>
      ))}
    </ul>
  )
}
