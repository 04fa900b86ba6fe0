/** The report that is tried: a simulated one, or one of the person's own. */

import { useId } from 'preact/hooks'

export interface Given {
  /** Name of the sample; undefined: written or pasted. */
  readonly sample: string | undefined
  /** Report type. */
  readonly report: string
  readonly payload: string
}

interface Shown {
  readonly samples: Readonly<Record<string, string>>
  readonly reports: readonly string[]
  readonly given: Given
  readonly onChange: (given: Given) => void
}

export function ReportInput ({ samples, reports, given, onChange }: Shown) {
  const id = useId()
  return (
    <div class='stack'>
      <div class='field'>
        <label for={`${id}s`}>Simulated report</label>
        <select
          id={`${id}s`} value={given.sample ?? ''} onChange={event => {
            const sample = event.currentTarget.value
            onChange({ sample, report: reportOf(sample), payload: samples[sample] ?? '' })
          }}
        >
          {given.sample === undefined && <option value=''>your own</option>}
          {Object.keys(samples).map(name => <option key={name} value={name}>{sampleText(name)}</option>)}
        </select>
      </div>
      {given.sample === undefined && (
        <div class='field'>
          <label for={`${id}r`}>Report type</label>
          <select id={`${id}r`} value={given.report} onChange={event => onChange({ ...given, report: event.currentTarget.value })}>
            {reports.map(name => <option key={name} value={name}>{name}</option>)}
          </select>
        </div>
      )}
      <div class='field'>
        <label for={`${id}p`}>The report, to change or to replace by your own</label>
        <textarea
          id={`${id}p`} class='mono code' rows={18} spellcheck={false} autocomplete='off' value={given.payload} aria-describedby={`${id}h`}
          onInput={event => onChange({ ...given, sample: undefined, payload: event.currentTarget.value })}
        />
        <p class='hint' id={`${id}h`}>{isJson(given.payload) ? 'It goes to the gateway to be tried, and is neither kept nor logged there.' : 'Not JSON yet: a gateway would put it in quarantine.'}</p>
      </div>
    </div>
  )
}

export function reportOf (sample: string): string {
  return sample.split('/')[0] ?? ''
}

/** `sysinfo/first-plug` → `sysinfo, first plug` */
function sampleText (name: string): string {
  const [report = '', kind] = name.split('/')
  return kind === undefined ? report : `${report}, ${kind.replaceAll('-', ' ')}`
}

export function isJson (text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
