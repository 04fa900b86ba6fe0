/** `curtilage recipient`: who may receive, and the passwords of those that connect. */

import type { Command } from 'commander'
import { path, withApi } from './api-client.js'
import { examples, withData, type DataOptions } from './options.js'
import { table } from './table.js'
import { note, print, printJson, width } from './terminal.js'

interface Shown {
  readonly recipient: string
  readonly enabled: boolean
  readonly kind: string
  readonly purpose: string
  readonly region: string
  readonly sink: { readonly type: string, readonly folder?: string }
  readonly waiting?: number
}

export function addRecipientCommands (program: Command): void {
  const group = program.command('recipient').description('recipients of the policy in force')

  examples(withData(group.command('list').description('who may receive, for what, by which sink')), [
    'curtilage recipient list',
    'curtilage recipient list --json'
  ]).action(async (options: DataOptions) => {
    const answer = await withApi(options, { create: false }, async api => await api.call<{ recipients: Shown[] }>('GET', '/v1/recipients'))
    if (options.json) return printJson(answer)
    const rows = answer.recipients.map(({ recipient, enabled, kind, purpose, region, sink, waiting }) =>
      [recipient, enabled ? 'on' : 'off', kind, purpose, region, sink.folder === undefined ? sink.type : `${sink.type} ${sink.folder}`, waiting === undefined ? '-' : String(waiting)])
    print(table([['RECIPIENT', '', 'KIND', 'PURPOSE', 'REGION', 'SINK', 'WAITING'], ...rows], width()))
  })

  examples(withData(group.command('token <recipient>').description('a new password for a recipient of the mqtt sink; the one before is void')), [
    'curtilage recipient token home-integration',
    'mosquitto_sub -u recipient:home-integration -P "$(curtilage recipient token home-integration)" -q 1 -t disclosures/home-integration/#'
  ]).action(async (recipient: string, options: DataOptions) => {
    const made = await withApi(options, { create: false }, async api => await api.call<{ userName: string, token: string }>('POST', path`/v1/recipients/${recipient}/token`))
    if (options.json) return printJson(made)
    note(`user name ${made.userName}; the password is shown once:`)
    print(made.token)
  })
}
