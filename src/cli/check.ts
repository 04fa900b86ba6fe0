/** `curtilage check`: every problem of a configuration, each with its place. */

import type { Command } from 'commander'
import { spellFinding } from '../policy/lint-finding.js'
import { spellProblem, type Problem } from '../policy/problem.js'
import { found } from './failure.js'
import { spelled } from './lint.js'
import { examples, withConfig, type ConfigOptions } from './options.js'
import { note, print, printJson } from './terminal.js'

export function addCheckCommand (program: Command): void {
  examples(withConfig(program.command('check').description('check a configuration; tells every problem with its place, and what curtilage lint finds as a warning')
    .option('--strict', 'exit code 1 for warnings too')), [
    'curtilage check',
    'curtilage check --config /etc/curtilage --json'
  ]).addHelpText('after', '\nExit code 0: it can be used; 1: it has problems, or warnings with --strict.')
    .action(async ({ config, json, strict }: ConfigOptions & { strict?: true }) => {
      const [{ loadConfiguration }, { lint }] = await Promise.all([import('../policy/load.js'), import('../policy/lint.js')])
      const loaded = await loadConfiguration(config)
      if ('problems' in loaded) return refuse(loaded.problems, config, json === true)
      const { policy: { digest, reports, recipients, categories }, cases } = loaded
      const { findings } = lint(loaded)
      if (strict && findings.length > 0) found()
      const counts = { reports: reports.size, recipients: recipients.length, categories: categories.size, cases: cases.length }
      if (json) return printJson({ ok: true, problems: [], warnings: spelled(findings, config), digest, ...counts })
      for (const finding of findings) print(`${spellFinding(finding, config)} (warning)`)
      print(`${config}: ${counts.reports} reports, ${counts.recipients} recipients, ${counts.categories} categories, ${counts.cases} cases; policy ${digest}`)
    })
}

function refuse (problems: readonly Problem[], config: string, json: boolean): void {
  found()
  if (json) return printJson({ ok: false, problems: problems.map(problem => ({ ...problem, text: spellProblem(problem, config) })) })
  for (const problem of problems) print(spellProblem(problem, config))
  note(problems.length === 1 ? '1 problem' : `${problems.length} problems`)
}
