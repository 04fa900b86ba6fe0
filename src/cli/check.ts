/** `curtilage check`: every problem of a configuration, each with its place. */

import type { Command } from 'commander'
import { spellProblem, type Problem } from '../policy/problem.js'
import { found } from './failure.js'
import { examples, withConfig, type ConfigOptions } from './options.js'
import { note, print, printJson } from './terminal.js'

export function addCheckCommand (program: Command): void {
  examples(withConfig(program.command('check').description('check a configuration; tells every problem with its place')), [
    'curtilage check',
    'curtilage check --config /etc/curtilage --json'
  ]).addHelpText('after', '\nExit code 0: it can be used; 1: it has problems.')
    .action(async ({ config, json }: ConfigOptions) => {
      const { loadConfiguration } = await import('../policy/load.js')
      const loaded = await loadConfiguration(config)
      if ('problems' in loaded) return refuse(loaded.problems, config, json === true)
      const { policy: { digest, reports, recipients, categories }, cases } = loaded
      const counts = { reports: reports.size, recipients: recipients.length, categories: categories.size, cases: cases.length }
      if (json) printJson({ ok: true, problems: [], digest, ...counts })
      else print(`${config}: ${counts.reports} reports, ${counts.recipients} recipients, ${counts.categories} categories, ${counts.cases} cases; policy ${digest}`)
    })
}

function refuse (problems: readonly Problem[], config: string, json: boolean): void {
  found()
  if (json) return printJson({ ok: false, problems: problems.map(problem => ({ ...problem, text: spellProblem(problem, config) })) })
  for (const problem of problems) print(spellProblem(problem, config))
  note(problems.length === 1 ? '1 problem' : `${problems.length} problems`)
}
