/** `curtilage test`: the cases of a configuration, what they leave out, and new ones from reports. */

import { InvalidArgumentError, type Command } from 'commander'
import type { Coverage, Part } from './coverage.js'
import { found, UsageError } from './failure.js'
import type { AccountState } from './init-case.js'
import { examples, given, withConfig, type ConfigOptions } from './options.js'
import { readInput } from './read-input.js'
import type { CaseResult, RecipientResult } from '../try/run-cases.js'
import { sideBySide } from './side-by-side.js'
import { wrap } from './table.js'
import { colors, note, print, printJson, width } from './terminal.js'
import { writeNew } from './write-new.js'

type Consent = AccountState['consents'][number]

interface TestOptions extends ConfigOptions {
  readonly coverage?: true
  readonly init?: string
  readonly topic?: string
  readonly name?: string
  readonly regime?: string
  readonly region?: string
  readonly minor?: true
  readonly optOutSignal?: true
  readonly grant?: Consent[]
  readonly deny?: Consent[]
  readonly withdraw?: Consent[]
  readonly withAddresses?: true
  readonly write?: string
}

const FOR_INIT = ['topic', 'name', 'regime', 'region', 'minor', 'optOutSignal', 'grant', 'deny', 'withdraw', 'withAddresses', 'write'] as const
const INDENTATION = 4

export function addTestCommand (program: Command): void {
  const command = withConfig(program.command('test').description('run the cases in tests/ of a configuration: given an account and a report, what does each recipient get?'))
    .option('--coverage', 'name the rules, recipients, categories and report types that no case touches')
    .option('--init <report>', 'write a case from this report and what becomes of it today, for you to review; - reads standard input')
    .option('--topic <topic>', 'with --init: the topic it comes on: kasa/{account}/{device}/{report}')
    .option('--name <text>', 'with --init: what the case shows')
    .option('--regime <regime>', 'with --init: regime of the account')
    .option('--region <region>', 'with --init: region of the account')
    .option('--minor', 'with --init: the account is a minor\'s')
    .option('--opt-out-signal', 'with --init: the opt-out signal is on')
    .option('--grant <purpose>', 'with --init: it granted this purpose, or PURPOSE:RECIPIENT; as often as needed', consents('granted'))
    .option('--deny <purpose>', 'with --init: it denied this purpose, or PURPOSE:RECIPIENT', consents('denied'))
    .option('--withdraw <purpose>', 'with --init: it withdrew this purpose, or PURPOSE:RECIPIENT', consents('withdrawn'))
    .option('--with-addresses', 'with --init: the report holds addresses, and they are made up')
    .option('--write <file>', 'with --init: into this file, which must not be there yet')
  examples(command, [
    'curtilage test',
    'curtilage test --coverage --config /etc/curtilage',
    'curtilage test --init report.json --topic kasa/home-1/plug-1/motion --regime opt-in --grant improve-products --write config/tests/motion.yaml'
  ]).addHelpText('after', '\nExit code 0: every case turns out as expected; 1: some do not. What no case touches leaves it 0.\nA case that --init writes says what is so today, not what is right.')
    .action(async (options: TestOptions) => {
      const { readConfiguration } = await import('../core.js')
      if (options.init !== undefined) return await init(options.init, options)
      const stray = FOR_INIT.find(name => options[name] !== undefined)
      if (stray !== undefined) throw new UsageError(`--${stray.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)} goes with --init`)
      const [{ runCases }, { coverageOf }] = await Promise.all([import('../try/run-cases.js'), import('./coverage.js')])
      const configuration = await readConfiguration(options.config)
      tell(runCases(configuration), options.coverage ? coverageOf(configuration) : undefined, options)
    })
}

function tell (cases: readonly CaseResult[], coverage: Coverage | undefined, { config, json }: TestOptions): void {
  const failed = cases.filter(({ ok }) => !ok)
  if (failed.length > 0) found()
  if (json) return printJson({ ok: failed.length === 0, passed: cases.length - failed.length, failed: failed.length, cases, ...(coverage !== undefined && { coverage }) })
  for (const one of failed) print(failureText(one, config))
  print(failed.length === 0 ? `${cases.length} cases, all as expected` : `${failed.length} of ${cases.length} cases not as expected`)
  if (coverage !== undefined) print(coverageText(coverage, config))
}

function failureText ({ name, rule, results }: CaseResult, config: string): string {
  const wrong = results.filter(({ ok }) => !ok).map(resultText)
  const right = results.filter(({ ok }) => ok).map(({ recipient }) => recipient)
  return [`${colors.red('not as expected:')} ${name}`, `  ${config}/${rule}`, ...wrong, ...right.length === 0 ? [] : [colors.dim(`  as expected: ${right.join(', ')}`)], ''].join('\n')
}

function resultText ({ recipient, expected, actual }: RecipientResult): string {
  return `  ${colors.bold(recipient)}\n${sideBySide(expected, actual, width() - INDENTATION).replace(/^/gm, ' '.repeat(INDENTATION))}`
}

function coverageText ({ rules, recipients, categories, reports }: Coverage, config: string): string {
  const share = ({ total, untouched }: Part<unknown>): string => `${total - untouched.length} of ${total}`
  const list = (title: string, { untouched }: Part<string>): string[] => untouched.length === 0 ? [] : ['', `NO CASE TOUCHES THE ${title}`, ...wrap(untouched.join(', '), width() - 2).map(line => `  ${line}`)]
  return [
    `touched: ${share(rules)} rules, ${share(recipients)} recipients, ${share(categories)} categories that a report lists, ${share(reports)} report types`,
    ...rules.untouched.length === 0 ? [] : ['', 'NO CASE TOUCHES THE RULES'],
    // a place is never cut: terminals and editors open it
    ...rules.untouched.map(({ recipient, category, rule }) => `  ${config}/${rule} ${category} of ${recipient}`),
    ...list('RECIPIENTS', recipients),
    ...list('CATEGORIES', categories),
    ...list('REPORT TYPES', reports)
  ].join('\n')
}

async function init (file: string, { config, json, topic, regime, name, write, withAddresses, region, minor, optOutSignal, grant = [], deny = [], withdraw = [] }: TestOptions): Promise<void> {
  if (topic === undefined || regime === undefined) throw new UsageError('--init needs --topic and --regime')
  if (json) throw new UsageError('--init writes YAML: leave out --json')
  const [{ readConfiguration }, { initCase }] = await Promise.all([import('../core.js'), import('./init-case.js')])
  const account = { regime, ...given({ region, minor, optOutSignal }), consents: [...grant, ...deny, ...withdraw] }
  const text = initCase({ payload: await readInput(file), topic, account, name, withAddresses: withAddresses === true }, await readConfiguration(config))
  if (write === undefined) return print(text.trimEnd())
  await writeNew(write, text)
  note(`${write}: what is so today; read it before you rely on it`)
}

/** `PURPOSE` or `PURPOSE:RECIPIENT`, each time one more. */
function consents (state: Consent['state']) {
  return (written: string, earlier: Consent[] = []): Consent[] => {
    const [purpose = '', recipient, ...rest] = written.split(':')
    if (purpose === '' || recipient === '' || rest.length > 0) throw new InvalidArgumentError('write PURPOSE or PURPOSE:RECIPIENT')
    return [...earlier, { purpose, state, ...(recipient !== undefined && { recipient }) }]
  }
}
