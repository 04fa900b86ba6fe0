/** `curtilage doctor`: is everything around the gateway as it has to be? */

import type { Command } from 'commander'
import { dataFolderOf } from './data-folder.js'
import type { Finding, Level } from './doctor/finding.js'
import { found } from './failure.js'
import { examples, withData, type DataOptions } from './options.js'
import { colors, note, print, printJson } from './terminal.js'

const MARKS: Readonly<Record<Level, string>> = { ok: colors.green('ok     '), warning: colors.yellow('warning'), problem: colors.red('problem') }

export function addDoctorCommand (program: Command): void {
  examples(withData(program.command('doctor').description('look at everything around the gateway: configuration, listeners, certificates, disk, clock, store, permissions, sinks; changes nothing')
    .option('--deep', 'hold the whole ledger against its chain, too')), [
    'curtilage doctor',
    'curtilage doctor --deep --json'
  ]).addHelpText('after', `
Ask as the user of the gateway, from where it is started. Listens for a moment on ports that nobody has, and connects to the
servers of sinks without a word to them.
Exit code 0: no problems, warnings perhaps; 1: problems.`)
    .action(async (options: DataOptions & { deep?: true }) => {
      const { examine } = await import('./doctor/examine.js')
      const findings = await examine({ config: options.config, data: await dataFolderOf(options), deep: options.deep === true })
      const count = (level: Level): number => findings.filter(one => one.level === level).length
      if (count('problem') > 0) found()
      if (options.json) return printJson({ ok: count('problem') === 0, problems: count('problem'), warnings: count('warning'), findings })
      for (const finding of findings) print(spell(finding))
      note(`${count('problem')} problems, ${count('warning')} warnings`)
    })
}

function spell ({ level, check, text, remedy }: Finding): string {
  const line = `${MARKS[level]}  ${check.padEnd(13)}  ${text}`
  return remedy === undefined ? line : `${line}\n${' '.repeat(24)}-> ${remedy}`
}
