/** `curtilage account`: who is registered, and what is known of them. */

import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { path, withApi, withQuery, type ApiClient } from './api-client.js'
import { UsageError } from './failure.js'
import { examples, given, onOrOff, withData, type DataOptions } from './options.js'
import { table } from './table.js'
import { note, print, printJson, width } from './terminal.js'

const PAGE = 1000

interface Shown {
  readonly account: string
  readonly addedMs: number
  readonly regime: string
  readonly region: string
  readonly minor: boolean
  readonly optOutSignal: boolean
  readonly hasAppToken: boolean
}

interface Erased {
  readonly account: string
  readonly existed: boolean
  readonly devices: number
  readonly lines: number
  readonly waiting: number
  readonly notices: Readonly<Record<string, number>>
}

interface Disclosed {
  readonly days: readonly { readonly recipient: string, readonly day: string, readonly disclosures: number, readonly categories: Readonly<Record<string, number>> }[]
}

interface FactOptions extends DataOptions {
  readonly regime?: string
  readonly region?: string
  readonly minor?: boolean
  readonly optOutSignal?: boolean
}

export function addAccountCommands (program: Command): void {
  const group = program.command('account').description('register accounts and say what is known of them')

  examples(withData(group.command('add <account>').description('register an account')
    .requiredOption('--regime <regime>', 'what holds where the account has said nothing: opt-in, opt-out or notice')
    .option('--region <region>', 'where the home is (default: the region in consent.yaml)')
    .option('--minor', 'the account of a minor: nothing beyond required purposes')), [
    'curtilage account add home-1 --regime opt-in',
    'curtilage account add home-2 --regime notice --region eu --minor'
  ]).action(async (account: string, options: FactOptions) => {
    const shown = await withApi(options, { create: true }, async api => await api.call<Shown>('POST', '/v1/accounts', { account, ...facts(options) }))
    tell(shown, options, 'added: ')
  })

  examples(withData(group.command('set <account>').description('change what is known of an account')
    .option('--regime <regime>', 'opt-in, opt-out or notice')
    .option('--region <region>', 'where the home is')
    .option('--minor', 'the account of a minor: nothing beyond required purposes, and what waits is not delivered')
    .option('--no-minor', 'not the account of a minor')
    .option('--opt-out-signal <on|off>', 'the account\'s browser or app sends an opt-out signal', onOrOff)), [
    'curtilage account set home-1 --opt-out-signal on',
    'curtilage account set home-1 --region eu --no-minor'
  ]).action(async (account: string, options: FactOptions) => {
    const changed = facts(options)
    if (Object.keys(changed).length === 0) throw new UsageError('say what to change: --regime, --region, --minor, --no-minor or --opt-out-signal')
    tell(await withApi(options, { create: false }, async api => await api.call<Shown>('PATCH', path`/v1/accounts/${account}`, changed)), options, 'recorded: ')
  })

  examples(withData(group.command('show <account>').description('what is known of an account')), [
    'curtilage account show home-1',
    'curtilage account show home-1 --json'
  ]).action(async (account: string, options: DataOptions) => {
    tell(await withApi(options, { create: false }, async api => await api.call<Shown>('GET', path`/v1/accounts/${account}`)), options)
  })

  examples(withData(group.command('list').description('account ids, one a line')), [
    'curtilage account list',
    'curtilage account list --data /var/lib/curtilage | wc -l'
  ]).action(async (options: DataOptions) => {
    const accounts = await withApi(options, { create: false }, allAccounts)
    if (options.json) printJson({ accounts })
    else for (const account of accounts) print(account)
  })

  examples(withData(group.command('export <account>').description('everything that is held of an account, as JSON: known, consented, registered, counted, waiting')), [
    'curtilage account export home-1 > home-1.json'
  ]).action(async (account: string, options: DataOptions) => {
    printJson(await withApi(options, { create: false }, async api => await api.call<object>('GET', path`/v1/accounts/${account}/export`)))
  })

  examples(withData(group.command('disclosed <account>').description('what was delivered of an account: counts by recipient, day and category')
    .option('--recipient <recipient>', 'to this recipient only')
    .option('--since <day>', 'from this day on (UTC)')
    .option('--until <day>', 'up to this day')), [
    'curtilage account disclosed home-1 --since 2026-11-01',
    'curtilage account disclosed home-1 --recipient product-analytics --json'
  ]).action(async (account: string, { recipient, since, until, ...options }: DataOptions & { recipient?: string, since?: string, until?: string }) => {
    const disclosed = await withApi(options, { create: false }, async api => await api.call<Disclosed>('GET', withQuery(path`/v1/accounts/${account}/disclosures`, { recipient, since, until })))
    if (options.json) return printJson(disclosed)
    const rows = disclosed.days.map(({ recipient, day, disclosures, categories }) => [recipient, day, String(disclosures), Object.entries(categories).map(([category, count]) => `${category} ${count}`).join(', ')])
    print(rows.length === 0 ? 'nothing' : table([['RECIPIENT', 'DAY', 'DISCLOSURES', 'CATEGORIES'], ...rows], width()))
  })

  examples(withData(group.command('erase <account>').description('erase an account: its records, devices, tokens, keys, what waits, and its lines in the gateway\'s files; tells recipients')
    .option('--yes', 'do not ask')), [
    'curtilage account erase home-1',
    'curtilage account erase home-1 --yes --json'
  ]).addHelpText('after', '\nIt cannot be undone. Answers when it is durable and nothing of the account leaves any more; where it fails, run it again.')
    .action(async (account: string, options: DataOptions & { yes?: true }) => {
      if (options.yes !== true) await confirm(account)
      tellErased(await withApi(options, { create: false }, async api => await api.call<Erased>('POST', path`/v1/accounts/${account}/erasure`, { confirm: account })), options)
    })

  examples(withData(group.command('app-token <account>').description('a new password for the account\'s own app; the one before is void')), [
    'curtilage account app-token home-1',
    'mosquitto_sub -u account:home-1 -P "$(curtilage account app-token home-1)" -t kasa/home-1/#'
  ]).action(async (account: string, options: DataOptions) => {
    const made = await withApi(options, { create: false }, async api => await api.call<{ userName: string, token: string }>('POST', path`/v1/accounts/${account}/app-token`))
    if (options.json) return printJson(made)
    note(`user name ${made.userName}; the password is shown once:`)
    print(made.token)
  })
}

/** Asks a person to write the id once more. Throws a UsageError where there is nobody to ask, or the answer is another. */
async function confirm (account: string): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError('this cannot be undone: run it at a terminal, or say --yes')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const written = await terminal.question(`Everything that is held of account ${account} goes, and this cannot be undone.\nWrite its id to go on: `)
    if (written.trim() !== account) throw new UsageError('that is not its id: nothing was erased')
  } finally {
    terminal.close()
  }
}

function tellErased (erased: Erased, { json }: DataOptions): void {
  if (json) return printJson(erased)
  const { account, existed, devices, lines, waiting, notices } = erased
  if (!existed) return note(`no account ${account} is registered: erased before, or never there`)
  const told = Object.keys(notices)
  print(`erased: account ${account}, ${devices} devices, ${lines} lines in files, ${waiting} waiting disclosures; ${told.length === 0 ? 'no recipient knows its devices by a name' : `told: ${told.join(', ')}`}`)
}

async function allAccounts (api: ApiClient): Promise<string[]> {
  const all: string[] = []
  for (let page = await nextAccounts(api); page.length > 0; page = page.length < PAGE ? [] : await nextAccounts(api, all.at(-1))) all.push(...page)
  return all
}

async function nextAccounts (api: ApiClient, after?: string): Promise<string[]> {
  return (await api.call<{ accounts: string[] }>('GET', withQuery('/v1/accounts', { after, limit: PAGE }))).accounts
}

function facts ({ regime, region, minor, optOutSignal }: FactOptions) {
  return given({ regime, region, minor, optOutSignal })
}

function tell (shown: Shown, { json }: DataOptions, done = ''): void {
  if (json) return printJson(shown)
  const { account, regime, region, minor, optOutSignal, addedMs } = shown
  print(`${done}account ${account}, regime ${regime}, region ${region}${minor ? ', minor' : ''}${optOutSignal ? ', opt-out signal on' : ''}, since ${new Date(addedMs).toISOString()}`)
}
