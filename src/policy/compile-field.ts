/** One entry of `fields` as checked → compiled. */

import type { Category, CompiledField, ValueType } from '../model/policy.js'
import type { ReportContext } from './compile-report.js'
import { quote } from './quote.js'
import type { Reporter } from './reporter.js'
import type { FieldEntry } from './schema/report.js'

type DetailedEntry = Exclude<FieldEntry, string>

/** What each setting of a field needs: one of these types. */
const NEEDED_TYPES: Readonly<Partial<Record<keyof DetailedEntry, readonly ValueType[]>>> = {
  encoding: ['text'],
  format: ['time'],
  axis: ['coordinate'],
  scale: ['number', 'coordinate'],
  unset: ['number', 'coordinate', 'time']
}

/** Undefined where the category is not known. */
export function compileField (path: string, written: FieldEntry, index: number, { names, categories }: ReportContext, reporter: Reporter): CompiledField | undefined {
  const entry: DetailedEntry = typeof written === 'string' ? { category: written } : written
  const at = typeof written === 'string' ? ['fields', path] : ['fields', path, 'category']
  if (!reporter.knows('category', entry.category, names.categories, at)) return undefined
  const category = categories.get(entry.category)
  if (category === undefined) return undefined
  checkSettings(path, entry, category, reporter)
  return {
    index,
    path,
    category,
    isKey: false,
    encoding: entry.encoding,
    format: category.types.has('time') ? entry.format ?? 'epoch-seconds' : undefined,
    axis: entry.axis,
    scale: entry.scale ?? 1,
    unset: entry.unset,
    rule: reporter.source.placeOf(['fields', path])
  }
}

function checkSettings (path: string, entry: DetailedEntry, category: Category, reporter: Reporter): void {
  for (const setting of Object.keys(entry) as (keyof DetailedEntry)[]) {
    const needed = NEEDED_TYPES[setting]
    if (needed === undefined || needed.some(type => category.types.has(type))) continue
    reporter.atKey(['fields', path, setting], 'misfit',
      `${quote(setting)} needs a category of type ${needed.join(' or ')}, which ${quote(category.name)} is not`, { key: setting })
  }
  if (category.types.has('coordinate') && entry.axis === undefined) {
    reporter.atValue(['fields', path], 'missing-key', `path ${quote(path)}: a coordinate needs axis: latitude or longitude`, { key: 'axis' })
  }
}
