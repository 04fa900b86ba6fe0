/**
 * Suggestions for the report files of a configuration, as YAML to review.
 *
 * What is suggested together passes `check`: where a coordinate lacks its other half, coordinates are left out; where names
 * would come to stand beside a key placeholder, all of them.
 */

import type { Configuration } from '../policy/compile.js'
import { compileSources } from '../policy/compile.js'
import type { DriftField } from './drift-book.js'
import { addToFields, fieldLine } from './patch.js'
import { Suggester, type SuggestedEntry } from './suggest.js'

export interface SuggestedField extends DriftField {
  /** Absent: its name says nothing, or it is not shown. */
  readonly suggestion?: SuggestedEntry
}

export interface ReportSuggestions {
  readonly report: string
  /** Relative to the configuration folder. */
  readonly file: string
  readonly paths: readonly string[]
  /** Lines for `fields` of the file. */
  readonly yaml: string
  /** The same as a patch; absent where the file's `fields` are not written one a line. */
  readonly patch?: string
}

type Given = Pick<Configuration, 'policy' | 'sources'>

/** Without those that the configuration lists by now. */
export function withSuggestions (fields: readonly DriftField[], { policy }: Given): SuggestedField[] {
  const suggester = new Suggester(policy)
  return fields.filter(field => !suggester.isListed(field)).map(field => {
    const suggestion = suggester.suggest(field)
    return suggestion === undefined ? field : { ...field, suggestion }
  })
}

export function suggestionsByReport (fields: readonly SuggestedField[], configuration: Given): ReportSuggestions[] {
  return [...configuration.policy.reports.values()].flatMap(({ name, rule }) => {
    const own = fields.filter(({ report, suggestion }) => report === name && suggestion !== undefined)
    const file = rule.slice(0, rule.lastIndexOf(':'))
    const chosen = [own, own.filter(({ suggestion }) => suggestion?.axis === undefined)].find(some => some.length > 0 && passes(some, file, configuration))
    return chosen === undefined ? [] : [suggestionsOf(name, file, chosen, configuration)]
  })
}

function suggestionsOf (report: string, file: string, fields: readonly SuggestedField[], { sources }: Given): ReportSuggestions {
  const lines = fields.map(field => lineOf(field, remarkOn(field)))
  const patch = addToFields(file, sources.get(file) ?? '', lines)?.patch
  return { report, file, paths: fields.map(({ path }) => path), yaml: `fields:\n${lines.map(line => `  ${line}\n`).join('')}`, ...(patch !== undefined && { patch }) }
}

/** With these lines the configuration compiles. */
function passes (fields: readonly SuggestedField[], file: string, { sources }: Given): boolean {
  const text = addToFields(file, sources.get(file) ?? '', fields.map(field => lineOf(field)))?.text
  return text === undefined || 'policy' in compileSources(new Map([...sources, [file, text]]))
}

function lineOf ({ path, suggestion }: SuggestedField, remark?: string): string {
  return suggestion === undefined ? '' : fieldLine(path, suggestion, remark)
}

function remarkOn ({ count, firstMs, lastMs, forms, firmware }: DriftField): string {
  const [first, last] = [firstMs, lastMs].map(ms => new Date(ms).toISOString().slice(0, 10))
  return [`${count} seen, ${first === last ? first : `${first} to ${last}`}`, forms.join(' or '), ...(firmware.length === 0 ? [] : [`firmware ${firmware.join(', ')}`])].join('; ')
}
