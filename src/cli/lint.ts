/** `curtilage lint`: what in a configuration nobody can have meant, or a person should look at. */

import type { Command } from 'commander'
import { spellFinding, type PlacedFinding } from '../policy/lint-finding.js'
import { found } from './failure.js'
import { examples, withConfig, type ConfigOptions } from './options.js'
import { colors, note, print, printJson } from './terminal.js'

export function addLintCommand (program: Command): void {
  examples(withConfig(program.command('lint')
    .description('look a configuration over: rules that never apply, recipients that nobody reaches, text that is kept whole')
    .option('--all', 'what was accepted too, each with its reason')), [
    'curtilage lint',
    'curtilage lint --all --json'
  ]).addHelpText('after', `
A finding may stay where its file says so, with a reason:
  accept: [{ finding: text-kept, keys: [device.name], reason: "an assistant is told names" }]
Exit code 0: nothing found that is not accepted; 1: something is, or the configuration has problems. curtilage check tells the
findings too, as warnings.`)
    .action(async ({ config, json, all }: ConfigOptions & { all?: true }) => {
      const [{ readConfiguration }, { lint }] = await Promise.all([import('../core.js'), import('../policy/lint.js')])
      const { findings, accepted } = lint(await readConfiguration(config))
      if (findings.length > 0) found()
      if (json) return printJson({ ok: findings.length === 0, findings: spelled(findings, config), accepted: spelled(accepted, config) })
      for (const finding of findings) print(spellFinding(finding, config))
      if (all) for (const finding of accepted) print(`${colors.dim(spellFinding(finding, config))}\n  accepted: ${finding.accepted}`)
      note(`${findings.length === 1 ? '1 finding' : `${findings.length} findings`}, ${accepted.length} accepted`)
    })
}

/** For scripts: with the text that people read. */
export function spelled (findings: readonly PlacedFinding[], config: string): object[] {
  return findings.map(finding => ({ ...finding, text: spellFinding(finding, config) }))
}
