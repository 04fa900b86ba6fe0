/** What the help of every command ends with: exit codes, files, environment. Each command that does work has them. */

import type { EventEmitter } from 'node:events'
import type { Command } from 'commander'

const EXIT_CODES = 'Exit codes: 0 fine, 1 findings or failure, 2 wrong usage.'

export function addHelpSections (program: Command): void {
  for (const command of workers(program)) {
    const sections = [
      ...helpAfter(command).includes('Exit code') ? [] : [EXIT_CODES],
      ...filesOf(command),
      ...environmentOf(command)
    ]
    command.addHelpText('after', `\n${sections.join('\n')}`)
  }
}

/** Commands that do something, and are no mere groups. */
export function workers (command: Command): Command[] {
  if (command.commands.length > 0) return command.commands.flatMap(workers)
  return command.name().startsWith('__') || command.name() === 'help' ? [] : [command]
}

/** What it has been given already. */
export function helpAfter (command: Command): string {
  let text = ''
  const emitter = command as unknown as EventEmitter
  emitter.emit('afterHelp', { error: false, command, write: (part: string) => { text += part } })
  return text
}

function filesOf (command: Command): string[] {
  const lines = [
    ...takes(command, '--config') ? ['  CONFIG/           the configuration, see docs/policy.md'] : [],
    ...takes(command, '--data') ? ['  DATA/store        registry, consent, outbox, policies', '  DATA/ops.token    the token for the API of a running gateway', '  DATA/secret       what all keys follow from'] : []
  ]
  return lines.length === 0 ? [] : ['', 'Files:', ...lines]
}

function environmentOf (command: Command): string[] {
  const lines = [
    ...takes(command, '--data') ? ['  CURTILAGE_TOKEN   a token, in place of DATA/ops.token'] : [],
    '  NO_COLOR          no colors',
    '  COLUMNS           width of tables where the output is no terminal'
  ]
  return ['', 'Environment:', ...lines]
}

function takes (command: Command, option: string): boolean {
  return command.options.some(({ long }) => long === option)
}
