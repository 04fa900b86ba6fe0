/** Expected and actual side by side, field by field: what differs stands out, what does not is short. */

import type { Json } from '../model/json.js'
import { isPseudonym, meets } from '../try/meets.js'
import { ANY_PSEUDONYM } from '../policy/cases.js'
import { table, type Row } from './table.js'
import { colors } from './terminal.js'

/** So many fields that are as expected are shown; of more, their number. */
const MOST_ALIKE = 12
const ABSENT = '-'

export interface ComparedField {
  readonly path: string
  /** Undefined where that side has no such field. */
  readonly expected: Json | undefined
  readonly actual: Json | undefined
  readonly ok: boolean
}

/** Every leaf of either side, in the order of what is expected. */
export function compareFields (expected: Json, actual: Json): ComparedField[] {
  return [...compared(expected, actual, '')]
}

export function sideBySide (expected: Json, actual: Json, width: number): string {
  const fields = compareFields(expected, actual)
  const alike = fields.filter(({ ok }) => ok).length
  const rows = fields.filter(({ ok }) => !ok || alike <= MOST_ALIKE).map(rowOf)
  const lines = table([['', 'FIELD', 'EXPECTED', 'ACTUAL'], ...rows], width)
  return alike > MOST_ALIKE ? `${lines}\n${colors.dim(`   and ${alike} fields as expected`)}` : lines
}

function rowOf ({ path, expected, actual, ok }: ComparedField): Row {
  const [left, right] = [expected, actual].map(value => value === undefined ? ABSENT : JSON.stringify(value)) as [string, string]
  if (ok) return ['', path, left, expected === ANY_PSEUDONYM ? 'one' : right].map(text => ({ text, style: colors.dim }))
  return [{ text: '*', style: colors.red }, { text: path, style: colors.bold }, { text: left, style: colors.green }, { text: right, style: colors.red }]
}

function * compared (expected: Json | undefined, actual: Json | undefined, path: string): Generator<ComparedField> {
  const [left, right] = [partsOf(expected), partsOf(actual)]
  if (left === undefined && right === undefined) {
    yield { path, expected, actual, ok: expected !== undefined && actual !== undefined && meets(expected, actual) }
    return
  }
  // a leaf, or nothing, against what has parts
  if (expected !== undefined && left === undefined) yield { path, expected, actual: undefined, ok: false }
  if (actual !== undefined && right === undefined) yield { path, expected: undefined, actual, ok: false }
  if (left?.size === 0 && right?.size === 0) yield { path, expected, actual, ok: Array.isArray(expected) === Array.isArray(actual) }
  else if (left?.size === 0) yield { path, expected, actual: undefined, ok: false }
  else if (right?.size === 0) yield { path, expected: undefined, actual, ok: false }
  const met = new Set<string>()
  for (const [part, value] of left ?? []) {
    const other = part === ANY_PSEUDONYM ? [...right?.keys() ?? []].find(isPseudonym) ?? part : part
    met.add(other)
    yield * compared(value, right?.get(other), `${path}${path === '' || part.startsWith('[') ? '' : '.'}${part}`)
  }
  for (const [part, value] of right ?? []) if (!met.has(part)) yield * compared(undefined, value, `${path}${path === '' || part.startsWith('[') ? '' : '.'}${part}`)
}

/** Undefined of a scalar. */
function partsOf (json: Json | undefined): Map<string, Json> | undefined {
  if (Array.isArray(json)) return new Map(json.map((item, i) => [`[${i}]`, item]))
  return typeof json === 'object' && json !== null ? new Map(Object.entries(json)) : undefined
}
