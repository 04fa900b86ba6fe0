/** A finding: a configuration that can be used, and says something that nobody can have meant, or that a person should look at. */

import type { SourcePath } from './source.js'

/** Stable codes; the texts beside them say what each means. */
export const findingCodes = {
  'rule-unused': 'an allow entry covers no field of the reports that its recipient gets',
  'report-closed': 'a recipient lists a report of which it can get nothing',
  'report-unused': 'nothing of a report leaves for any recipient',
  'recipient-unreached': 'no account reaches a recipient that is switched on, whatever it consents to',
  'category-unused': 'no report has a field of a category',
  'epoch-too-long': 'pseudonyms last longer than the notice says',
  'text-kept': 'text that a person wrote leaves as it is',
  'accept-unused': 'an accepted finding is not there any more'
} as const

export type FindingCode = keyof typeof findingCodes

/** Those that can be accepted. */
export const acceptableCodes = Object.keys(findingCodes).filter(code => code !== 'accept-unused') as [FindingCode, ...FindingCode[]]

export interface Finding {
  readonly code: FindingCode
  readonly file: string
  readonly path: SourcePath
  /** What it is about: a category, an allow entry, a report, a recipient. */
  readonly key: string
  readonly message: string
}

export interface PlacedFinding extends Omit<Finding, 'path'> {
  readonly line: number
  readonly column: number
  /** Why it may stay; absent: it is open. */
  readonly accepted?: string
}

/** The form in which people and editors read it. */
export function spellFinding ({ file, line, column, code, message }: PlacedFinding, folder: string): string {
  const prefix = folder === '' || folder === '.' ? '' : `${folder.replace(/\/+$/, '')}/`
  return `${prefix}${file}:${line}:${column} ${code}: ${message}`
}
