/** `curtilage recipient`: who may receive, the passwords of those that connect, and the emergency stop. */

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
  readonly waiting: number
  readonly paused?: Pause
}

/** As the API shows it. */
export interface Pause {
  readonly reason: string
  readonly by: string
  readonly atMs: number
}

export function addRecipientCommands (program: Command): void {
  const group = program.command('recipient').description('recipients of the policy in force')

  examples(withData(group.command('list').description('who may receive, for what, by which sink')), [
    'curtilage recipient list',
    'curtilage recipient list --json'
  ]).action(async (options: DataOptions) => {
    const answer = await withApi(options, { create: false }, async api => await api.call<{ recipients: Shown[] }>('GET', '/v1/recipients'))
    if (options.json) return printJson(answer)
    const rows = answer.recipients.map(({ recipient, enabled, kind, purpose, region, sink, waiting, paused }) =>
      [recipient, paused !== undefined ? 'paused' : enabled ? 'on' : 'off', kind, purpose, region, sink.folder === undefined ? sink.type : `${sink.type} ${sink.folder}`, String(waiting)])
    print(table([['RECIPIENT', '', 'KIND', 'PURPOSE', 'REGION', 'SINK', 'WAITING'], ...rows], width()))
  })

  examples(withData(group.command('pause <recipient>').description('stop delivery to a recipient at once, until it is resumed, restarts included; what comes for it waits')
    .requiredOption('--reason <text>', 'why, for those who find it')), [
    'curtilage recipient pause product-analytics --reason "they asked for a stop"'
  ]).action(async (recipient: string, { reason, ...options }: DataOptions & { reason: string }) => {
    const answer = await withApi(options, { create: false }, async api => await api.call('POST', path`/v1/recipients/${recipient}/pause`, { reason }))
    if (options.json) printJson(answer)
    else print(`paused: nothing more leaves for ${recipient}; what was under way has settled`)
  })

  examples(withData(group.command('resume <recipient>').description('deliver to a recipient again')), [
    'curtilage recipient resume product-analytics'
  ]).action(async (recipient: string, options: DataOptions) => {
    const answer = await withApi(options, { create: false }, async api => await api.call<{ wasPaused: boolean }>('POST', path`/v1/recipients/${recipient}/resume`))
    if (options.json) printJson(answer)
    else print(answer.wasPaused ? `${recipient} is delivered to again` : `${recipient} was not paused`)
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
