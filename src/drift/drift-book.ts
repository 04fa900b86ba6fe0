/**
 * Drift: fields that devices send and that no report type lists, by the shape of their path.
 *
 * ```
 * drift.fields  [report, path] → [count, firstMs, lastMs, forms, firmware]
 * ```
 * A path holds words of the name dictionary, `*` for all else; of values only their forms are kept, of firmware its
 * numbers. No account and no device. Bounded: 200 paths a report type, the one not seen for longest gives way; what was not
 * seen for 90 days is forgotten. Held in memory and written once a minute: a crash loses the counts of a minute.
 */

import type { Database } from 'lmdb'
import { VALUE_FORMS } from '../classify/value-form.js'
import type { UnclassifiedLeaves, ValueForm } from '../model/judged.js'
import type { ShownPath } from '../model/report.js'
import type { Store } from '../store/store.js'

const MAX_PATHS = 200
/** Deeper shapes than any device has a use for are one. */
const MAX_PATH_LENGTH = 300
const MAX_FIRMWARE = 8
const KEPT_MS = 90 * 86_400_000

type Key = [report: string, path: string]
type Row = readonly [count: number, firstMs: number, lastMs: number, forms: readonly ValueForm[], firmware: readonly string[]]

/** A field that no report type lists. */
export interface DriftField {
  readonly report: string
  readonly path: ShownPath
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
  /** What its values look like. */
  readonly forms: readonly ValueForm[]
  /** Of devices that sent it, the latest last; of at most eight. */
  readonly firmware: readonly string[]
}

export class DriftBook {
  readonly #store: Store
  readonly #table: Database<Row, Key>
  readonly #byReport = new Map<string, Map<ShownPath, DriftField>>()
  readonly #changed = new Map<string, Key>()

  /** Reads what the store has. */
  constructor (store: Store, nowMs: number) {
    this.#store = store
    this.#table = store.database('drift.fields')
    for (const { key: [report, path], value: [count, firstMs, lastMs, forms, firmware] } of this.#table.getRange()) {
      if (lastMs < nowMs - KEPT_MS) this.#changed.set(`${report} ${path}`, [report, path])
      else this.#pathsOf(report).set(path, { report, path, count, firstMs, lastMs, forms: forms.filter(form => VALUE_FORMS.includes(form)), firmware })
    }
  }

  /** Counts the unclassified fields of one report; returns the paths that were not seen before. */
  see (report: string, paths: ReadonlyMap<ShownPath, UnclassifiedLeaves>, firmware: string | undefined, nowMs: number): ShownPath[] {
    const known = this.#pathsOf(report)
    const fresh: ShownPath[] = []
    for (const [path, leaves] of paths) {
      const shape = path === '' || path.length > MAX_PATH_LENGTH ? '*' : path
      if (!known.has(shape)) fresh.push(shape)
      this.#put(known, grown(known.get(shape) ?? { report, path: shape, count: 0, firstMs: nowMs, lastMs: nowMs, forms: [], firmware: [] }, leaves, firmware, nowMs))
    }
    return fresh
  }

  /** By report type and path, in their order. */
  list (): DriftField[] {
    return [...this.#byReport.values()].flatMap(paths => [...paths.values()]).sort((a, b) => compare(a.report, b.report) || compare(a.path, b.path))
  }

  /** How many paths there are of each report type. */
  sizes (): Map<string, number> {
    return new Map([...this.#byReport].map(([report, paths]) => [report, paths.size]))
  }

  /** Makes durable what changed; what could not be written is tried again the next time. */
  async flush (): Promise<void> {
    const changed = [...this.#changed]
    if (changed.length === 0) return
    this.#changed.clear()
    try {
      await this.#store.transaction(() => { for (const [, key] of changed) this.#write(key) })
    } catch (error) {
      for (const [name, key] of changed) this.#changed.set(name, key)
      throw error
    }
  }

  #write (key: Key): void {
    const field = this.#byReport.get(key[0])?.get(key[1])
    if (field === undefined) this.#table.removeSync(key)
    else this.#table.putSync(key, [field.count, field.firstMs, field.lastMs, field.forms, field.firmware])
  }

  /** The order of the map is that of being seen. */
  #put (known: Map<ShownPath, DriftField>, field: DriftField): void {
    known.delete(field.path)
    known.set(field.path, field)
    this.#changed.set(`${field.report} ${field.path}`, [field.report, field.path])
    const [oldest] = known.keys()
    if (known.size <= MAX_PATHS || oldest === undefined) return
    known.delete(oldest)
    this.#changed.set(`${field.report} ${oldest}`, [field.report, oldest])
  }

  #pathsOf (report: string): Map<ShownPath, DriftField> {
    const paths = this.#byReport.get(report) ?? new Map<ShownPath, DriftField>()
    this.#byReport.set(report, paths)
    return paths
  }
}

function grown (field: DriftField, { count, forms }: UnclassifiedLeaves, firmware: string | undefined, nowMs: number): DriftField {
  return {
    ...field,
    count: field.count + count,
    lastMs: Math.max(field.lastMs, nowMs),
    forms: [...forms].every(form => field.forms.includes(form)) ? field.forms : [...new Set([...field.forms, ...forms])],
    firmware: firmware === undefined || field.firmware.at(-1) === firmware ? field.firmware : [...field.firmware.filter(one => one !== firmware), firmware].slice(-MAX_FIRMWARE)
  }
}

function compare (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
