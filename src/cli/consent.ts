/** `curtilage consent`: what an account has granted, denied and withdrawn, and what follows. */

import { InvalidArgumentError, type Command } from 'commander'
import type { ConsentOverview } from '../console/consent-overview.js'
import { parseExpiry } from '../consent/expiry.js'
import type { ConsentRecord } from '../model/consent.js'
import { path, withApi, withQuery } from './api-client.js'
import { consentText } from './consent-text.js'
import { importFile } from './import-file.js'
import { examples, given, withData, type DataOptions } from './options.js'
import { print, printJson } from './terminal.js'

interface StatementOptions extends DataOptions {
  readonly account: string
  readonly purpose: string
  readonly recipient?: string
  readonly category?: string
  readonly device?: string
  readonly expires?: number
  readonly notice?: string
}

const VERBS = [
  { verb: 'grant', state: 'granted', about: 'record that the account agrees' },
  { verb: 'deny', state: 'denied', about: 'record that the account refuses' },
  { verb: 'withdraw', state: 'withdrawn', about: 'record that the account takes an agreement back; answers when nothing of it leaves any more' }
] as const

export function addConsentCommands (program: Command): void {
  const group = program.command('consent').description('record consent, and show what holds')
  for (const one of VERBS) addStatement(group, one)

  examples(withData(group.command('show').description('facts, what holds for every purpose and recipient and why, and the records')
    .requiredOption('--account <account>', 'whose consent')
    .option('--at <time>', 'a time past: a day, a time with its offset, or epoch milliseconds', parseTime)), [
    'curtilage consent show --account home-1',
    'curtilage consent show --account home-1 --at 2026-05-01T12:00:00Z --json'
  ]).action(async (options: DataOptions & { account: string, at?: number }) => {
    const route = withQuery(path`/v1/accounts/${options.account}/consents`, { at: options.at })
    const overview = await withApi(options, { create: false }, async api => await api.call<ConsentOverview>('GET', route))
    if (options.json) printJson(overview)
    else print(consentText(overview))
  })

  examples(withData(group.command('import <file>')
    .description('record many consents: lines {"account","purpose","recipient?","category?","device?","state","expires?","source?"}; - reads standard input')), [
    'curtilage consent import consents.ndjson',
    'curtilage consent import - < consents.ndjson'
  ]).addHelpText('after', '\nGood lines go in, in the order of the file; bad ones are told by number.')
    .action(async (file: string, options: DataOptions) => {
      await withApi(options, { create: false }, async api => await importFile(api, '/v1/consents/import', file, options.json === true))
    })
}

function addStatement (group: Command, { verb, state, about }: typeof VERBS[number]): void {
  const command = withData(group.command(verb).description(about)
    .requiredOption('--account <account>', 'whose consent')
    .requiredOption('--purpose <purpose>', 'for what, such as improve-products')
    .option('--recipient <recipient>', 'for this recipient only')
    .option('--category <category>', 'for this category only, such as location.geo')
    .option('--device <device>', 'for this device only'))
    .option('--notice <version>', 'version of the notice it was given under (default: the one in force)')
  if (verb === 'grant') command.option('--expires <time>', 'until when: a day, a time with its offset, or epoch milliseconds', parseTime)
  examples(command, [
    `curtilage consent ${verb} --account home-1 --purpose improve-products`,
    `curtilage consent ${verb} --account home-1 --purpose provide-service --recipient home-integration`,
    ...(verb === 'grant' ? ['curtilage consent grant --account home-1 --purpose analyze-use --device plug-1 --expires 2027-01-31'] : [])
  ]).action(async (options: StatementOptions) => {
    const { purpose, recipient, category, device, expires, notice } = options
    const body = { purpose, state, source: 'cli', ...given({ recipient, category, device, expires, notice }) }
    const record = await withApi(options, { create: false }, async api => await api.call<ConsentRecord>('POST', path`/v1/accounts/${options.account}/consents`, body))
    if (options.json) printJson(record)
    else print(`recorded: ${state} ${scopeText(record)}, account ${options.account}, record ${record.id}`)
  })
}

function scopeText ({ purpose, recipient, category, device, expires }: ConsentRecord): string {
  const parts = [purpose, recipient && `recipient ${recipient}`, category && `category ${category}`, device && `device ${device}`, expires !== undefined && `until ${new Date(expires).toISOString()}`]
  return parts.filter(Boolean).join(', ')
}

/** For an option that takes a time. */
export function parseTime (written: string): number {
  const time = parseExpiry(/^\d+$/.test(written) ? Number(written) : written)
  if (time === undefined) throw new InvalidArgumentError('write a day such as 2027-01-31, a time such as 2027-01-31T12:00:00Z, or epoch milliseconds')
  return time
}
