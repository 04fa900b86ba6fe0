/**
 * What a report file could say of a field that it does not list: from the name dictionary, and from what the other report
 * files of the same configuration say of fields of that name.
 *
 * For a person to review; nothing applies it. None where the name says nothing, where values do not look like it, or where
 * the path holds `*`: a rule for any key would let the keys out that it meets.
 */

import type { ValueForm } from '../model/judged.js'
import type { Category, CompiledField, CompiledReport, TimeFormat, ValueType } from '../model/policy.js'
import { namedField, type NamedField } from '../policy/field-names.js'
import { parsePath, type Segment } from '../policy/path.js'
import type { FieldEntry } from '../policy/schema/report.js'

export type SuggestedEntry = Exclude<FieldEntry, string>

export interface Unlisted {
  readonly report: string
  readonly path: string
  readonly forms: readonly ValueForm[]
}

/** Coordinates as devices count them, in ten-thousandths, and how they spell that there are none. */
const GEO_SCALE = 0.0001
const GEO_UNSET = -1879048193

const FORMAT: Readonly<Partial<Record<ValueForm, TimeFormat>>> = { 'epoch-seconds': 'epoch-seconds', 'epoch-milliseconds': 'epoch-milliseconds', 'iso-time': 'iso', 'local-time': 'local', integer: 'epoch-seconds' }
const NUMBERS: readonly ValueForm[] = ['integer', 'decimal', 'numeric-text', 'epoch-seconds', 'epoch-milliseconds']
const TEXTS: readonly ValueForm[] = ['text', 'base64', 'numeric-text', 'epoch-seconds', 'epoch-milliseconds', 'iso-time', 'local-time']
const FITTING: Readonly<Record<ValueType, readonly ValueForm[]>> = { text: TEXTS, boolean: ['boolean'], number: NUMBERS, time: ['epoch-seconds', 'epoch-milliseconds', 'iso-time', 'local-time', 'integer'], coordinate: NUMBERS }

export class Suggester {
  readonly #categories: ReadonlyMap<string, Category>
  readonly #reports: ReadonlyMap<string, CompiledReport>
  readonly #ownNames: ReadonlyMap<string, CompiledField>

  constructor ({ categories, reports }: { readonly categories: ReadonlyMap<string, Category>, readonly reports: ReadonlyMap<string, CompiledReport> }) {
    this.#categories = categories
    this.#reports = reports
    this.#ownNames = namesAgreedOn(reports.values())
  }

  suggest ({ report, path, forms }: Unlisted): SuggestedEntry | undefined {
    const parsed = parsePath(path)
    if ('error' in parsed || parsed.segments.some(({ kind }) => kind === 'any')) return undefined
    const names = parsed.segments.flatMap(segment => segment.kind === 'key' ? [segment.name] : [])
    const last = parsed.segments.findLast(({ kind }) => kind !== 'element')
    if (last?.kind !== 'key') return undefined
    const seen = forms.filter(form => form !== 'null')
    const entry = this.#byDictionary(names, report, seen) ?? this.#byOwnReports(last.name)
    const types = this.#categories.get(entry?.category ?? '')?.types
    const fits = types !== undefined && seen.every(form => [...types].some(type => FITTING[type].includes(form)))
    return fits ? entry : undefined
  }

  /** The report file lists it: by now, since it was not when it was seen. */
  isListed ({ report, path }: Pick<Unlisted, 'report' | 'path'>): boolean {
    const parsed = parsePath(path)
    return 'segments' in parsed && reachesField(this.#reports.get(report)?.root, parsed.segments)
  }

  #byDictionary (names: readonly string[], report: string, seen: readonly ValueForm[]): SuggestedEntry | undefined {
    const named = namedField(names, report)
    const category = this.#categories.get(named?.category ?? '')
    return named === undefined || category === undefined ? undefined : withSettings(named, category, seen)
  }

  #byOwnReports (name: string): SuggestedEntry | undefined {
    const own = this.#ownNames.get(name)
    return own && entryOf(own)
  }
}

function withSettings (named: NamedField, { name, types }: Category, seen: readonly ValueForm[]): SuggestedEntry {
  const format = types.has('time') ? formatOf(seen) : undefined
  const scale = named.scale ?? (types.has('coordinate') && seen.length > 0 && seen.every(form => form === 'integer') ? GEO_SCALE : undefined)
  return {
    category: name,
    ...(named.base64 !== undefined && seen.length > 0 && seen.every(form => form === 'base64') && { encoding: 'base64' as const }),
    ...(format !== undefined && { format }),
    ...(named.axis !== undefined && { axis: named.axis }),
    ...(scale !== undefined && { scale }),
    ...(named.axis !== undefined && scale === GEO_SCALE && { unset: GEO_UNSET })
  }
}

/** Of a mixture the first that is plainly a time: the others are suppressed as not fitting. */
function formatOf (seen: readonly ValueForm[]): TimeFormat | undefined {
  const form = seen.find(form => form !== 'integer') ?? seen[0]
  return form && FORMAT[form]
}

function entryOf ({ category, encoding, format, axis, scale, unset }: CompiledField): SuggestedEntry {
  return {
    category: category.name,
    ...(encoding !== undefined && { encoding }),
    ...(format !== undefined && { format }),
    ...(axis !== undefined && { axis }),
    ...(scale !== 1 && { scale }),
    ...(unset !== undefined && { unset })
  }
}

/** Last names of listed paths that every report type lists alike. */
function namesAgreedOn (reports: Iterable<CompiledReport>): Map<string, CompiledField> {
  const agreed = new Map<string, CompiledField | undefined>()
  for (const { fields } of reports) {
    for (const field of fields) {
      const parsed = parsePath(field.path)
      const last = 'segments' in parsed && !field.isKey ? parsed.segments.findLast(({ kind }) => kind !== 'element') : undefined
      if (last?.kind !== 'key') continue
      const earlier = agreed.get(last.name)
      const same = !agreed.has(last.name) || (earlier !== undefined && JSON.stringify(entryOf(earlier)) === JSON.stringify(entryOf(field)))
      agreed.set(last.name, same ? field : undefined)
    }
  }
  return new Map([...agreed].flatMap(([name, field]) => field === undefined ? [] : [[name, field]]))
}

function reachesField (root: CompiledReport['root'] | undefined, segments: readonly Segment[]): boolean {
  let node = root
  for (const segment of segments) {
    if (segment.kind === 'element') node = node?.element
    else if (segment.kind === 'key') node = node?.exact.get(segment.name) ?? node?.any
    else node = node?.keyed?.next ?? node?.any
  }
  return node?.field !== undefined
}
