/** `curtilage ledger`: does the ledger still fit its own chain? */

import type { Command } from 'commander'
import type { NotedHead, Verification } from '../consent/verify.js'
import { withApi, withQuery } from './api-client.js'
import { found } from './failure.js'
import { examples, withData, type DataOptions } from './options.js'
import { note, print, printJson } from './terminal.js'

type Verified = Verification & { readonly found: number }

export function addLedgerCommands (program: Command): void {
  const group = program.command('ledger').description('the chain of consent records and audit entries')

  examples(withData(group.command('head').description('the end of the ledger, to be noted elsewhere; verify tells whether it is still part of it')), [
    'curtilage ledger head >> /mnt/elsewhere/heads'
  ]).action(async (options: DataOptions) => {
    const head = await withApi(options, { create: false }, async api => await api.call<NotedHead>('GET', '/v1/ledger/head'))
    if (options.json) printJson(head)
    else print(`${head.sequence}:${head.head}`)
  })

  examples(withData(group.command('verify').description('recompute the chain and hold every record against it; exit code 1 where it does not fit')
    .option('--head <head>', 'a head that was noted: SEQUENCE:LETTERS')), [
    'curtilage ledger verify',
    'curtilage ledger verify --head "$(tail -n 1 /mnt/elsewhere/heads)" --json'
  ]).action(async (options: DataOptions & { head?: string }) => {
    const verified = await withApi(options, { create: false }, async api => await api.call<Verified>('GET', withQuery('/v1/ledger/verify', { head: options.head })))
    if (!verified.ok) found()
    if (options.json) return printJson(verified)
    if (verified.ok) return print(`the ledger fits its chain: ${verified.entries} entries, ${verified.erased} of them erased`)
    note('ledger-broken: the ledger does not fit its own chain')
    for (const { kind, sequence, account } of verified.problems) print([kind, sequence !== undefined && `entry ${sequence}`, account !== undefined && `account ${account}`].filter(Boolean).join(', '))
    if (verified.found > verified.problems.length) print(`and ${verified.found - verified.problems.length} more`)
  })
}
