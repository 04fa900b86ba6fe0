/**
 * `curtilage completion SHELL`: a script for bash, zsh or fish, which asks the program itself for what may follow.
 *
 * `curtilage __complete WORD... LAST` prints one candidate a line, `WORD<tab>DESCRIPTION`; names of recipients, report types,
 * purposes, categories, regimes and regions are read off the configuration. It reads no data and never fails.
 */

import type { Argument, Command, Option } from 'commander'
import { UsageError } from './failure.js'
import { defaultConfig, examples } from './options.js'
import { print } from './terminal.js'

const SHELLS = ['bash', 'zsh', 'fish'] as const

const SCRIPTS: Readonly<Record<typeof SHELLS[number], string>> = {
  bash: `# curtilage, for bash: source <(curtilage completion bash)
_curtilage () {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("\${line%%$'\\t'*}"); done < <(curtilage __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null)
}
complete -o default -F _curtilage curtilage`,
  zsh: `#compdef curtilage
# curtilage, for zsh: curtilage completion zsh > "\${fpath[1]}/_curtilage"
_curtilage () {
  local -a candidates
  candidates=("\${(@f)$(curtilage __complete "\${(@)words[2,CURRENT]}" 2> /dev/null | sed 's/:/\\\\:/g; s/\\t/:/')}")
  if (( \${#candidates} )) && [[ -n "\${candidates[1]}" ]]; then _describe 'curtilage' candidates; else _files; fi
}
if [[ "\${funcstack[1]}" = _curtilage ]]; then _curtilage "$@"; else compdef _curtilage curtilage; fi`,
  fish: `# curtilage, for fish: curtilage completion fish > ~/.config/fish/completions/curtilage.fish
function __curtilage_complete
  set -l words (commandline -opc) (commandline -ct)
  curtilage __complete $words[2..-1] 2> /dev/null
end
complete -c curtilage -a '(__curtilage_complete)'`
}

/** What an option or argument takes, by its name: read off the configuration. */
type Names = Readonly<Record<string, readonly string[]>>

export function addCompletionCommand (program: Command): void {
  examples(program.command('completion <shell>').description('a script that completes commands, options and names, for bash, zsh or fish'), [
    'source <(curtilage completion bash)',
    'curtilage completion zsh > ~/.zsh/functions/_curtilage',
    'curtilage completion fish > ~/.config/fish/completions/curtilage.fish'
  ]).action((shell: string) => {
    if (!isShell(shell)) throw new UsageError(`no completion for that shell: ${SHELLS.join(', ')}`)
    print(SCRIPTS[shell])
  })
  program.command('__complete [words...]', { hidden: true }).allowUnknownOption().helpOption(false)
    .action(async () => {
      // as they were typed: `--` and what looks like an option included
      const words = process.argv.slice(process.argv.indexOf('__complete') + 1)
      for (const line of candidates(program, words, await namesIn(configOf(words)).catch(() => ({})))) print(line)
    })
}

/** What may stand in place of the last word. */
export function candidates (program: Command, words: readonly string[], names: Names): string[] {
  const last = words.at(-1) ?? ''
  let command = program
  let [argument, awaited]: [number, Option | undefined] = [0, undefined]
  for (const word of words.slice(0, -1)) {
    if (awaited !== undefined) { awaited = undefined; continue }
    const sub = command.commands.find(one => one.name() === word)
    if (word.startsWith('-')) awaited = command.options.find(({ long, short, required }) => required && (long === word || short === word))
    else if (sub !== undefined) [command, argument] = [sub, 0]
    else argument++
  }
  const all = awaited !== undefined ? valuesOf(awaited.name(), awaited.argChoices, names) : last.startsWith('-') ? optionsOf(command) : [...subcommandsOf(command), ...argumentsOf(command.registeredArguments, argument, names)]
  return all.filter(([word]) => word.startsWith(last)).map(([word, about]) => about === '' ? word : `${word}\t${about}`)
}

type Candidate = readonly [word: string, about: string]

function subcommandsOf (command: Command): Candidate[] {
  return command.createHelp().visibleCommands(command).map(sub => [sub.name(), brief(sub.description())])
}

function optionsOf (command: Command): Candidate[] {
  return command.createHelp().visibleOptions(command).flatMap(({ long, description }) => long == null ? [] : [[long, brief(description)]])
}

function argumentsOf (all: readonly Argument[], place: number, names: Names): Candidate[] {
  const argument = all[place] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined)
  return argument === undefined ? [] : argument.name() === 'shell' ? SHELLS.map(shell => [shell, '']) : valuesOf(argument.name(), argument.argChoices, names)
}

function valuesOf (name: string, choices: readonly string[] | undefined, names: Names): Candidate[] {
  return (choices ?? (Object.hasOwn(names, name) ? names[name] : undefined) ?? []).map(word => [word, ''])
}

function brief (description: string): string {
  return description.split(/[:;,(]/)[0]?.trim() ?? ''
}

async function namesIn (config: string): Promise<Names> {
  const { loadConfiguration } = await import('../policy/load.js')
  const loaded = await loadConfiguration(config)
  if ('problems' in loaded) return {}
  const { policy } = loaded
  const purposes = [...policy.purposes.keys()]
  return {
    recipient: policy.recipients.map(({ name }) => name),
    report: [...policy.reports.keys()],
    purpose: purposes,
    grant: purposes,
    deny: purposes,
    withdraw: purposes,
    category: [...policy.categories.keys()],
    regime: [...policy.regimes.keys()],
    region: [...policy.transfers.keys()],
    role: ['ops', 'auditor', 'account:']
  }
}

function configOf (words: readonly string[]): string {
  const at = words.indexOf('--config')
  return at === -1 ? defaultConfig() : words[at + 1] ?? defaultConfig()
}

function isShell (shell: string): shell is typeof SHELLS[number] {
  return SHELLS.some(one => one === shell)
}
