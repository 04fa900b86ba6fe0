/** Lines for report files, to review: copied, saved, or taken into a draft. Nothing applies them by itself. */

import { useState } from 'preact/hooks'
import { saveFile } from '../../parts/saved.js'
import { countOf } from '../../words/format.js'

export interface Suggestion {
  readonly report: string
  readonly file: string
  readonly paths: readonly string[]
  readonly yaml: string
  readonly patch?: string
}

export function Suggestions ({ suggestions }: { suggestions: readonly Suggestion[] }) {
  if (suggestions.length === 0) return null
  const patches = suggestions.flatMap(({ patch }) => patch ?? [])
  return (
    <section class='panel stack' aria-labelledby='suggestions'>
      <div class='panel-head'>
        <h2 id='suggestions'>Suggestions to review</h2>
        {patches.length > 0 && <button type='button' onClick={() => saveFile('fields.patch', new Blob([patches.join('')], { type: 'text/x-patch' }))}>Download as one patch</button>}
      </div>
      <p class='soft'>Guessed from names and from what values look like. A field that is listed leaves only where a recipient's rules allow its category.</p>
      {suggestions.map(one => <One key={one.report} suggestion={one} />)}
    </section>
  )
}

function One ({ suggestion: { report, file, paths, yaml, patch } }: { suggestion: Suggestion }) {
  const [copied, setCopied] = useState('')
  const copy = (): void => { navigator.clipboard.writeText(yaml).then(() => setCopied('Copied.'), () => setCopied('The browser does not allow that: select the lines and copy them.')) }
  return (
    <section class='suggestion stack tight' aria-label={report}>
      <div class='panel-head'>
        <h3>{report} <span class='soft small'>{countOf(paths.length, 'field')} for <code>{file}</code></span></h3>
        <div class='row'>
          <span class='small soft' role='status'>{copied}</span>
          <button type='button' class='compact' onClick={copy}>Copy<span class='visually-hidden'> the lines for {report}</span></button>
          {patch !== undefined && <button type='button' class='compact' onClick={() => saveFile(`${report}.patch`, new Blob([patch], { type: 'text/x-patch' }))}>Download patch<span class='visually-hidden'> for {report}</span></button>}
        </div>
      </div>
      <pre class='code' tabIndex={0} aria-label={`Lines for ${file}`}>{yaml}</pre>
    </section>
  )
}
