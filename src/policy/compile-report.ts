/** `reports/*.yaml` as checked → compiled. */

import type { NoticeName } from '../model/disclosure.js'
import type { Category, CompiledField, CompiledReport } from '../model/policy.js'
import type { CheckedFile } from './check-shape.js'
import { compileField } from './compile-field.js'
import type { Names } from './names.js'
import { checkPairs, type Coordinate } from './coordinate-pairs.js'
import { parsePath, type Segment } from './path.js'
import { growBranch, growNode } from './path-tree.js'
import { quote } from './quote.js'
import type { FieldEntry } from './schema/report.js'

const RESERVED: NoticeName = 'erasure'

export interface ReportContext {
  readonly names: Names
  readonly categories: ReadonlyMap<string, Category>
}

export function compileReport (file: CheckedFile<'report'>, context: ReportContext): CompiledReport {
  const { value, reporter } = file
  const builder = new ReportBuilder(file, context)
  for (const [path, entry] of Object.entries(value.fields ?? {})) builder.addField(path, entry)
  checkPairs(builder.coordinates, reporter)
  if (value.report === RESERVED) reporter.atValue(['report'], 'duplicate-name', `report ${quote(RESERVED)} is the gateway's own: recipients get erasure notices under it`)
  return {
    name: value.report ?? '',
    topicTail: (value.topic ?? '').split('/').slice(3),
    origin: value.origin ?? 'device',
    fields: builder.fields,
    root: builder.root,
    rule: reporter.source.placeOf(['report'])
  }
}

class ReportBuilder {
  readonly fields: CompiledField[] = []
  readonly root = growNode()
  readonly coordinates: Coordinate[] = []
  private readonly file: CheckedFile<'report'>
  private readonly context: ReportContext

  constructor (file: CheckedFile<'report'>, context: ReportContext) {
    this.file = file
    this.context = context
  }

  addField (path: string, entry: FieldEntry): void {
    const at = ['fields', path]
    const { reporter } = this.file
    const parsed = parsePath(path)
    if ('error' in parsed) {
      return reporter.atKey(at, 'invalid-path', `path ${quote(path)}: ${parsed.error} at character ${parsed.offset + 1}`, { key: path })
    }
    const branch = growBranch(this.root, parsed.segments, segment => this.addKeyField(path, segment))
    if (typeof branch === 'string') return reporter.atKey(at, 'invalid-path', `path ${quote(path)}: ${branch}`, { key: path })
    const earlier = branch.leaf.field
    if (earlier !== undefined) return reporter.atKey(at, 'duplicate-key', `path ${quote(path)} is there already (${earlier.rule})`, { key: path })
    const field = compileField(path, entry, this.fields.length, this.context, reporter)
    if (field === undefined) return
    branch.leaf.field = field
    this.fields.push(field)
    if (field.category.types.has('coordinate')) this.coordinates.push({ field, container: branch.container })
  }

  /** The key itself is a field, at the path up to the placeholder. */
  private addKeyField (path: string, segment: Segment & { kind: 'keyed' }): CompiledField | undefined {
    const at = ['fields', path]
    const { reporter } = this.file
    if (!reporter.knows('category', segment.category, this.context.names.categories, at, 'key')) return undefined
    const category = this.context.categories.get(segment.category)
    if (category === undefined) return undefined
    if (!category.types.has('text')) reporter.atKey(at, 'misfit', `path ${quote(path)}: a key is text, which category ${quote(category.name)} cannot be`)
    const field: CompiledField = {
      index: this.fields.length,
      path: path.slice(0, segment.end),
      category,
      isKey: true,
      encoding: undefined,
      format: undefined,
      axis: undefined,
      scale: 1,
      unset: undefined,
      rule: reporter.source.placeOf(at)
    }
    this.fields.push(field)
    return field
  }
}
