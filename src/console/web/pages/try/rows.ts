/** A report and what left of it, as rows of one table: what holds values, and the values. */

import type { Explained, Field, Leaf } from './try-data.js'

export interface Row {
  /** JSON pointer: tells rows apart. */
  readonly at: string
  readonly depth: number
  /** The key, or `[0]`. */
  readonly name: string
  /** Of what holds others: `object`, `list`. Undefined: a value. */
  readonly holds?: 'object' | 'list'
  readonly sent?: unknown
  /** Of values, and of keys that are values themselves. */
  readonly fate?: Fate
  /** By the rules in force, where it is another. */
  readonly before?: Fate
}

export interface Fate {
  readonly field: Field
  readonly leaves: boolean
  readonly value: unknown
}

/** In the order of the report. */
export function rowsOf (report: unknown, now: Explained, before: Explained | undefined): Row[] {
  const [fates, old] = [fatesOf(now), before === undefined ? undefined : fatesOf(before)]
  const rows: Row[] = []
  const walk = (value: unknown, at: string, name: string, depth: number): void => {
    const isKey = typeof value === 'object' && value !== null ? fates.get(`${at} key`) : undefined
    if (typeof value !== 'object' || value === null) {
      const key = fates.get(`${at} key`)
      if (key !== undefined) rows.push({ at: `${at} key`, depth, name, sent: name, ...changed(key, old?.get(`${at} key`)) })
      rows.push({ at, depth, name, sent: value, ...changed(fates.get(at), old?.get(at)) })
      return
    }
    if (at !== '') rows.push({ at, depth, name, holds: Array.isArray(value) ? 'list' : 'object', ...(isKey !== undefined && { sent: name, ...changed(isKey, old?.get(`${at} key`)) }) })
    const entries = Array.isArray(value) ? value.map((item, i) => [String(i), `[${i}]`, item] as const) : Object.entries(value).map(([key, child]) => [escape(key), key, child] as const)
    for (const [step, shown, child] of entries) walk(child, `${at}/${step}`, shown, at === '' ? 0 : depth + 1)
  }
  walk(report, '', '', 0)
  return rows
}

/** Of the envelope: `device` and `time`. */
export function envelopeOf ({ fields, disclosure }: Explained): [name: 'device' | 'time', fate: Fate][] {
  return (['device', 'time'] as const).flatMap(name => {
    const field = fields.find(({ path }) => path === `@${name}`)
    return field === undefined ? [] : [[name, { field, leaves: disclosure?.[name] !== undefined, value: disclosure?.[name] }] as [typeof name, Fate]]
  })
}

export function leavesOf ({ leaves }: Explained): number {
  return leaves.filter(({ value, isKey }) => value !== undefined && isKey !== true).length
}

function fatesOf ({ leaves, fields }: Explained): Map<string, Fate> {
  return new Map(leaves.flatMap(leaf => {
    const field = fields[leaf.line]
    return field === undefined ? [] : [[placeOf(leaf), { field, leaves: leaf.value !== undefined, value: leaf.value }] as const]
  }))
}

function placeOf ({ at, isKey }: Leaf): string {
  return isKey === true ? `${at} key` : at
}

/** A stand-in is another each time it is tried. */
function changed (now: Fate | undefined, before: Fate | undefined): Pick<Row, 'fate' | 'before'> {
  if (now === undefined) return {}
  if (before === undefined) return { fate: now }
  const isSame = now.leaves === before.leaves && now.field.transform === before.field.transform && now.field.reason === before.field.reason &&
    (now.field.transform?.startsWith('pseudonymize') === true || JSON.stringify(now.value) === JSON.stringify(before.value))
  return isSame ? { fate: now } : { fate: now, before }
}

function escape (key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
