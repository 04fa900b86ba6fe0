/** `curtilage fields`: what devices send and no report type lists, and what report files could say of it. */

import type { Command } from 'commander'
import { withApi, withQuery } from './api-client.js'
import { UsageError } from './failure.js'
import { examples, withData, type DataOptions } from './options.js'
import { table } from './table.js'
import { note, print, printJson, width } from './terminal.js'
import { writeNew } from './write-new.js'

const PAGE = 1000

interface Field {
  readonly id: string
  readonly report: string
  readonly path: string
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
  readonly forms: readonly string[]
  readonly firmware: readonly string[]
  readonly suggestion?: { readonly category: string }
}

interface Suggestion {
  readonly report: string
  readonly file: string
  readonly paths: readonly string[]
  readonly yaml: string
  readonly patch?: string
}

interface Chosen extends DataOptions {
  readonly report?: string
}

export function addFieldCommands (program: Command): void {
  const group = program.command('fields').description('fields that devices send and that no report type lists: none of them leaves')

  examples(withData(group.command('list').description('paths, how often and since when; no value, and names only where they stand in the name dictionary').option('--report <report>', 'of this report type only')), [
    'curtilage fields list',
    'curtilage fields list --report motion --json'
  ]).action(async (options: Chosen) => {
    const fields = await withApi(options, { create: false }, async api => {
      const all: Field[] = []
      for (let after: string | undefined; ;) {
        const { fields, next } = await api.call<{ fields: Field[], next?: string }>('GET', withQuery('/v1/fields', { report: options.report, after, limit: PAGE }))
        all.push(...fields)
        if (next === undefined) return all
        after = next
      }
    })
    if (options.json) return printJson({ fields })
    if (fields.length === 0) return print('every field that was seen is listed')
    const rows = fields.map(({ report, path, count, firstMs, lastMs, forms, firmware, suggestion }) => [report, path, String(count), day(firstMs), day(lastMs), forms.join(', '), suggestion?.category ?? '-', firmware.at(-1) ?? '-'])
    print(table([['REPORT', 'PATH', 'SEEN', 'FIRST', 'LAST', 'FORM', 'SUGGESTED', 'FIRMWARE'], ...rows], width()))
  })

  examples(withData(group.command('suggest').description('a patch for the report files, to review: categories by the names of the fields').option('--report <report>', 'for this report type only').option('--write <file>', 'into this file, which must not be there yet')), [
    'curtilage fields suggest',
    'curtilage fields suggest --report motion --write motion.patch',
    'patch -p1 -d config < motion.patch'
  ]).addHelpText('after', '\nNothing is applied: read it, change it, then curtilage check. A field that is listed leaves only where a recipient allows its category.')
    .action(async ({ write, ...options }: Chosen & { write?: string }) => {
      const { suggestions } = await withApi(options, { create: false }, async api => await api.call<{ suggestions: Suggestion[] }>('GET', withQuery('/v1/fields/suggestions', { report: options.report })))
      if (options.json && write !== undefined) throw new UsageError('--json writes to standard output: leave out --write')
      if (options.json) return printJson({ suggestions })
      if (suggestions.length === 0) return note('nothing to suggest: no unlisted field has a name that the name dictionary knows')
      const text = suggestions.map(({ file, yaml, patch }) => patch ?? byHand(file, yaml)).join('')
      if (write === undefined) return print(text.trimEnd())
      await writeNew(write, text)
      note(`${suggestions.flatMap(({ paths }) => paths).length} fields of ${suggestions.length} report types in ${write}: review it`)
    })
}

/** What a patch tool takes no notice of. */
function byHand (file: string, yaml: string): string {
  return `# ${file}, by hand: its fields are not written one a line\n${yaml.replace(/^/gm, '# ').trimEnd()}\n`
}

function day (epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10)
}
