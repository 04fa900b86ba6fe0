/**
 * The shape of sample reports: every path with the forms of its values, and nothing of the values themselves.
 *
 * A key that is no name is a value too. Where one key of a container holds an address, looks like an id or is written as no
 * name is, the container is taken for one with any keys, and its keys are `*`; `{device.id}` where they are all hexadecimal ids.
 */

import { spellSegment } from '../classify/walk.js'
import { valueForm } from '../classify/value-form.js'
import type { ValueForm } from '../model/judged.js'
import { addressesIn } from '../guard/finder.js'
import type { Json } from '../model/json.js'

/** Leaves of one path over all samples. */
export interface SampledPath {
  readonly path: string
  readonly forms: readonly ValueForm[]
  /** Samples that have it. */
  readonly samples: number
}

const NAME = /^[A-Za-z_$][A-Za-z0-9_.$-]{0,47}$/
/** Long runs of hexadecimal digits, with one digit at least, and long numbers name one thing out of many. */
const ID_LIKE = /(?=[0-9a-f]*\d)[0-9a-f]{8}|\d{5}/i
const HEX_ID = /^[0-9a-f]{16,64}$/i
const MARKS = { any: '*', device: '{device.id}' }

export function sampleShape (samples: readonly Json[]): SampledPath[] {
  const paths = new Map<string, { forms: Set<ValueForm>, samples: Set<number> }>()
  const walk = (values: readonly (readonly [sample: number, json: Json])[], path: string): void => {
    for (const [sample, value] of values) {
      if (typeof value === 'object' && value !== null) continue
      const leaves = paths.get(path) ?? { forms: new Set(), samples: new Set() }
      leaves.forms.add(valueForm(value))
      leaves.samples.add(sample)
      paths.set(path, leaves)
    }
    const items = values.flatMap(([sample, value]) => Array.isArray(value) ? value.map(item => [sample, item] as const) : [])
    if (items.length > 0) walk(items, `${path}[]`)
    const entries = values.flatMap(([sample, value]) => isObject(value) ? Object.entries(value).map(([key, inner]) => ({ key, at: [sample, inner] as const })) : [])
    const mark = markFor(new Set(entries.map(({ key }) => key)))
    for (const [segment, inner] of grouped(entries, ({ key }) => mark ?? spellSegment(key))) {
      walk(inner.map(({ at }) => at), path === '' ? segment : `${path}.${segment}`)
    }
  }
  walk(samples.map((json, i) => [i, json] as const), '')
  return [...paths].map(([path, { forms, samples }]) => ({ path, forms: [...forms], samples: samples.size }))
}

/** What stands for the keys of a container; undefined where they are names. */
function markFor (keys: ReadonlySet<string>): string | undefined {
  if ([...keys].every(isName)) return undefined
  return [...keys].every(key => HEX_ID.test(key)) ? MARKS.device : MARKS.any
}

function isName (key: string): boolean {
  return NAME.test(key) && !ID_LIKE.test(key) && addressesIn(key).length === 0
}

function isObject (json: Json): json is { [key: string]: Json } {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function grouped<T> (all: readonly T[], by: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(by(one))
    if (group === undefined) groups.set(by(one), [one])
    else group.push(one)
  }
  return groups
}
