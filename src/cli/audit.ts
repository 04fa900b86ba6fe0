/** `curtilage audit`: what operators and apps did. */

import type { Command } from 'commander'
import { withApi, withQuery, type ApiClient } from './api-client.js'
import { parseTime } from './consent.js'
import { examples, withData, type DataOptions } from './options.js'
import { table } from './table.js'
import { print, printJson, width } from './terminal.js'

const PAGE = 1000

interface Shown {
  readonly id: string
  readonly at: number
  readonly action: string
  readonly outcome: string
  readonly actor?: string
  readonly token?: string
  readonly account?: string
  readonly subject?: string
  readonly count?: number
}

interface Filter {
  readonly account?: string
  readonly action?: string
  readonly since?: number
  readonly until?: number
}

export function addAuditCommands (program: Command): void {
  const group = program.command('audit').description('what operators and apps did, as the ledger has it')

  examples(withData(group.command('list').description('who did what, when, to which account, and how it ended; oldest first')
    .option('--account <account>', 'about this account only')
    .option('--action <action>', 'this action only, such as account.erase')
    .option('--since <time>', 'from then on: a day, a time with its offset, or epoch milliseconds', parseTime)
    .option('--until <time>', 'up to then', parseTime)), [
    'curtilage audit list --since 2026-11-01',
    'curtilage audit list --account home-1 --action consent.show --json'
  ]).action(async (options: DataOptions & Filter) => {
    const entries = await withApi(options, { create: false }, async api => await all(api, options))
    if (options.json) printJson({ entries })
    else print(table([['TIME', 'ACTION', 'OUTCOME', 'BY', 'TOKEN', 'ACCOUNT', 'SUBJECT', 'COUNT'], ...entries.map(row)], width()))
  })
}

async function all (api: ApiClient, { account, action, since, until }: Filter): Promise<Shown[]> {
  const entries: Shown[] = []
  for (;;) {
    const query = { account, action, since, until, after: entries.at(-1)?.id, limit: PAGE }
    const page = (await api.call<{ entries: Shown[] }>('GET', withQuery('/v1/audit', query))).entries
    entries.push(...page)
    if (page.length < PAGE) return entries
  }
}

function row ({ at, action, outcome, actor = '', token = '', account = '', subject = '', count }: Shown): string[] {
  return [new Date(at).toISOString(), action, outcome, actor, token, account, subject, count === undefined ? '' : String(count)]
}
