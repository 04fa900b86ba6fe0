/** `curtilage test`: the cases of a configuration. */

import type { Command } from 'commander'
import type { Json } from '../model/json.js'
import { examples, withConfig, type ConfigOptions } from './options.js'
import { found } from './failure.js'
import type { CaseResult, RecipientResult } from './run-cases.js'
import { table } from './table.js'
import { colors, print, printJson, width } from './terminal.js'

export function addTestCommand (program: Command): void {
  examples(withConfig(program.command('test').description('run the cases in tests/ of a configuration: given an account and a report, what does each recipient get?')), [
    'curtilage test',
    'curtilage test --config /etc/curtilage --json'
  ]).addHelpText('after', '\nExit code 0: every case turns out as expected; 1: some do not.')
    .action(async ({ config, json }: ConfigOptions) => {
      const [{ readConfiguration }, { runCases }] = await Promise.all([import('../core.js'), import('./run-cases.js')])
      const cases = runCases(await readConfiguration(config))
      const failed = cases.filter(({ ok }) => !ok)
      if (failed.length > 0) found()
      if (json) return printJson({ ok: failed.length === 0, passed: cases.length - failed.length, failed: failed.length, cases })
      for (const one of failed) print(failureText(one, config))
      print(failed.length === 0 ? `${cases.length} cases, all as expected` : `${failed.length} of ${cases.length} cases not as expected`)
    })
}

function failureText ({ name, rule, results }: CaseResult, config: string): string {
  const wrong = results.filter(({ ok }) => !ok).map(sideBySide)
  return [`${colors.red('not as expected:')} ${name} (${config}/${rule})`, ...wrong, ''].join('\n')
}

/** Lines that differ stand out. */
function sideBySide ({ recipient, expected, actual }: RecipientResult): string {
  const [left, right] = [pretty(expected), pretty(actual)]
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    const [ours, theirs] = [left[i] ?? '', right[i] ?? '']
    return ours === theirs ? ['', ours, theirs] : [{ text: '*', style: colors.red }, ours, { text: theirs, style: colors.red }]
  })
  return `  ${recipient}\n${table([['', 'EXPECTED', 'ACTUAL'], ...rows], width() - 4).replace(/^/gm, '    ')}`
}

function pretty (json: Json): string[] {
  return JSON.stringify(sorted(json), null, 2).split('\n')
}

/** Keys in one order on both sides. */
function sorted (json: Json): Json {
  if (Array.isArray(json)) return json.map(sorted)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(Object.entries(json).sort(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => [key, sorted(value)]))
}
