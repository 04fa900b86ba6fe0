/** `curtilage token`: who may use the API. */

import type { Command } from 'commander'
import { path, withApi } from './api-client.js'
import { examples, withData, type DataOptions } from './options.js'
import { table } from './table.js'
import { note, print, printJson, width } from './terminal.js'

export function addTokenCommands (program: Command): void {
  const group = program.command('token').description('bearer tokens of the API')

  examples(withData(group.command('create').description('a new token, shown once').requiredOption('--role <role>', 'ops, auditor (reads only) or account:{id} (one\'s own account only)')), [
    'curtilage token create --role auditor',
    'curtilage token create --role account:home-1 --json'
  ]).action(async (options: DataOptions & { role: string }) => {
    const made = await withApi(options, { create: false }, async api => await api.call<{ id: string, role: string, token: string }>('POST', '/v1/tokens', { role: options.role }))
    if (options.json) return printJson(made)
    note(`token ${made.id}, role ${made.role}; shown once:`)
    print(made.token)
  })

  examples(withData(group.command('list').description('ids and roles, oldest first')), [
    'curtilage token list'
  ]).action(async (options: DataOptions) => {
    const answer = await withApi(options, { create: false }, async api => await api.call<{ tokens: { id: string, role: string, createdMs: number }[] }>('GET', '/v1/tokens'))
    if (options.json) return printJson(answer)
    print(table([['TOKEN', 'ROLE', 'SINCE'], ...answer.tokens.map(({ id, role, createdMs }) => [id, role, new Date(createdMs).toISOString()])], width()))
  })

  examples(withData(group.command('revoke <id>').description('make a token void')), [
    'curtilage token revoke ghijklmnopqr'
  ]).action(async (id: string, options: DataOptions) => {
    await withApi(options, { create: false }, async api => await api.call('DELETE', path`/v1/tokens/${id}`))
    if (options.json) printJson({ revoked: id })
    else print('token revoked')
  })
}
