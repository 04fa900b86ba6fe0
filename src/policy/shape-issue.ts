/** Says in the words of the configuration what a schema refused, and where. */

import type { z } from 'zod'
import { nearestName } from './nearest-name.js'
import type { ParsedSource } from './parse-source.js'
import { quote } from './quote.js'
import type { SourcePath } from './source.js'

/** An issue of zod, with the keys that the mapping knows where an unknown one was found. */
export type ShapeIssue = z.core.$ZodIssue & { readonly known?: readonly string[] }

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text', number: 'a number', int: 'a whole number', boolean: 'true or false', object: 'a mapping', record: 'a mapping', array: 'a list', null: 'null'
}

/** What one value of a key is called, where the key itself does not say it. */
const NOUNS: ReadonlyMap<string, string> = new Map([['excludeOrigins', 'origin'], ['signals', 'signal']])

export function reportIssue (issue: ShapeIssue, file: ParsedSource): void {
  const path = issue.path as SourcePath
  const { reporter, source } = file
  if (issue.code === 'unrecognized_keys') return issue.keys.forEach(key => reporter.unknownKey(path, key, issue.known ?? []))
  if (!source.has(path)) return reportMissing(path, file)
  switch (issue.code) {
    case 'invalid_type': return reporter.atValue(path, 'wrong-type', spellWrongType(issue, valueAt(file.raw, path)))
    case 'invalid_value': return reportChoice(path, issue.values.map(String), file)
    case 'invalid_key': return reporter.atKey(path, 'invalid-value', `${quote(path.at(-1))} ${issue.issues[0]?.message}`)
    case 'invalid_union': return reportUnion(issue, file)
    case 'invalid_format': return reporter.atValue(path, 'invalid-value', `${quote(valueAt(file.raw, path))} ${issue.message}`)
    default: return reporter.atValue(path, 'invalid-value', `${subject(path)} ${issue.message}`)
  }
}

function reportMissing (path: SourcePath, { reporter }: ParsedSource): void {
  reporter.atValue(path, 'missing-key', `missing key ${quote(path.at(-1))}`, { key: String(path.at(-1)) })
}

function reportChoice (path: SourcePath, choices: readonly string[], file: ParsedSource): void {
  const value = valueAt(file.raw, path)
  if (typeof value === 'string' && choices.length > 1) return file.reporter.unknownChoice(nounOf(path), value, choices, path)
  file.reporter.atValue(path, 'invalid-value', `${subject(path)} must be ${choices.join(', ')}`)
}

/** Of the forms that a value may take, reports on the one that it seems to be. */
function reportUnion (issue: z.core.$ZodIssueInvalidUnion, file: ParsedSource): void {
  const path = issue.path as SourcePath
  if (issue.errors.length === 0 && 'options' in issue) return reportChoice(path, (issue.options as string[]).map(String), file)
  const forms = issue.errors as ShapeIssue[][]
  const meant = forms.filter(form => !form.every(isOfOtherType)).sort((a, b) => strangeness(a) - strangeness(b))[0] ??
    forms.find(form => typeof valueAt(file.raw, path) === 'string' && form.some(inner => inner.code === 'invalid_value'))
  if (meant === undefined) {
    const expected = forms.flatMap(form => form.map(inner => spellExpected(inner)))
    return file.reporter.atValue(path, 'wrong-type', spellType(path, [...new Set(expected)], valueAt(file.raw, path)))
  }
  for (const inner of meant) reportIssue({ ...inner, path: [...path, ...inner.path] } as ShapeIssue, file)
}

/** The fewer issues a form leaves, the likelier it is meant; a typo in one of its keys speaks for it. */
function strangeness (form: readonly ShapeIssue[]): number {
  const hasTypo = form.some(issue => issue.code === 'unrecognized_keys' && issue.keys.some(key => nearestName(key, issue.known ?? []) !== undefined))
  return form.length - (hasTypo ? 1 : 0)
}

function isOfOtherType (issue: ShapeIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

function spellWrongType (issue: ShapeIssue, value: unknown): string {
  const path = issue.path as SourcePath
  const isOwnText = !issue.message.startsWith('Invalid input')
  return isOwnText ? `${subject(path)} ${issue.message}` : spellType(path, [spellExpected(issue)], value)
}

function spellType (path: SourcePath, expected: readonly string[], value: unknown): string {
  const hint = typeof value === 'number' && expected.includes('text') && !expected.includes('a number') ? ': put it in quotes' : ''
  return `${subject(path)} must be ${expected.join(' or ')}, not ${spellTypeOf(value)}${hint}`
}

function spellExpected (issue: ShapeIssue): string {
  if (issue.code === 'invalid_type') return TYPE_NAMES[issue.expected] ?? issue.expected
  return issue.code === 'invalid_value' ? issue.values.join(' or ') : 'something else'
}

function spellTypeOf (value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'number' && !Number.isFinite(value)) return 'an infinite one'
  return TYPE_NAMES[typeof value] ?? typeof value
}

function nounOf (path: SourcePath): string {
  const name = lastName(path)
  if (path[0] === 'regimes') return 'answer'
  return path[0] === 'allow' && path.length === 2 ? 'transform' : NOUNS.get(name) ?? name
}

function subject (path: SourcePath): string {
  const name = quote(lastName(path))
  return typeof path.at(-1) === 'number' ? `an entry of ${name}` : name
}

/** The innermost key; a list's element goes by the name of its list. */
function lastName (path: SourcePath): string {
  return String(path.findLast(part => typeof part === 'string') ?? 'the file')
}

function valueAt (raw: unknown, path: SourcePath): unknown {
  return path.reduce<unknown>((value, key) => typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : undefined, raw)
}
