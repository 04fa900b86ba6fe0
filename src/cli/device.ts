/** `curtilage device`: which devices may connect, and with what password. */

import type { Command } from 'commander'
import { path, withApi, withQuery, type ApiClient } from './api-client.js'
import { importFile } from './import-file.js'
import { examples, given, withData, type DataOptions } from './options.js'
import { table } from './table.js'
import { note, print, printJson, width } from './terminal.js'

const PAGE = 1000

interface Shown {
  readonly device: string
  readonly account: string
  readonly addedMs: number
  readonly addresses: number
}

interface WithPassword {
  readonly device: string
  readonly account: string
  /** Absent where it was given. */
  readonly password?: string
}

export function addDeviceCommands (program: Command): void {
  const group = program.command('device').description('register devices: the user name is the device id')

  examples(withData(group.command('add').description('register a device; prints a password where none is given')
    .requiredOption('--account <account>', 'whose device it is')
    .requiredOption('--device <device>', 'its id')
    .option('--password <password>', 'at least 20 characters')
    .option('--certificate-only', 'nobody gets a password; it connects with a client certificate that names it')
    .option('--mac <mac>', 'its MAC address; only a keyed fingerprint is kept, to find it in reports')), [
    'curtilage device add --account home-1 --device plug-1',
    'curtilage device add --account home-1 --device plug-2 --password "$SECRET" --json',
    'curtilage device add --account home-1 --device plug-3 --certificate-only'
  ]).action(async (options: DataOptions & { account: string, device: string, password?: string, certificateOnly?: true, mac?: string }) => {
    const { account, device, password, certificateOnly, mac } = options
    const body = { account, device, ...given({ password, certificateOnly, mac }) }
    const made = await withApi(options, { create: true }, async api => await api.call<WithPassword>('POST', '/v1/devices', body))
    tell(made, options, `device ${device} of account ${account} added`)
  })

  examples(withData(group.command('list').description('devices of one account, or of all').option('--account <account>', 'whose devices')), [
    'curtilage device list --account home-1',
    'curtilage device list --json'
  ]).action(async (options: DataOptions & { account?: string }) => {
    const devices = await withApi(options, { create: false }, async api => await allDevices(api, options.account))
    if (options.json) return printJson({ devices })
    const rows = devices.map(({ device, account, addedMs, addresses }) => [device, account, new Date(addedMs).toISOString(), String(addresses)])
    print(table([['DEVICE', 'ACCOUNT', 'SINCE', 'KNOWN ADDRESSES'], ...rows], width()))
  })

  examples(withData(group.command('rotate <device>').description('a new password; the one before is void, and its connections end')
    .option('--password <password>', 'at least 20 characters')
    .option('--certificate-only', 'nobody gets the new one; it connects with a client certificate that names it')), [
    'curtilage device rotate plug-1',
    'curtilage device rotate plug-1 --certificate-only'
  ]).action(async (device: string, options: DataOptions & { password?: string, certificateOnly?: true }) => {
    const made = await withApi(options, { create: false }, async api => await api.call<WithPassword>('POST', path`/v1/devices/${device}/rotate`, given({ password: options.password, certificateOnly: options.certificateOnly })))
    tell(made, options, options.certificateOnly ? `device ${device} has no password that anybody knows` : `device ${device} has a new password`)
  })

  examples(withData(group.command('remove <device>').description('take a device out of the registry; its connections end')), [
    'curtilage device remove plug-1'
  ]).action(async (device: string, options: DataOptions) => {
    await withApi(options, { create: false }, async api => await api.call('DELETE', path`/v1/devices/${device}`))
    if (options.json) printJson({ removed: device })
    else print(`device ${device} removed`)
  })

  examples(withData(group.command('import <file>').description('register many devices: lines {"account","device","password?","mac?"}; - reads standard input')), [
    'curtilage device import devices.ndjson > passwords.ndjson',
    'zcat devices.ndjson.gz | curtilage device import -'
  ]).addHelpText('after', '\nGood lines go in, bad ones are told by number. Passwords that were made are printed as lines {"account","device","password"};\nwith --json a last line says what was imported.')
    .action(async (file: string, options: DataOptions) => {
      await withApi(options, { create: true }, async api => await importFile(api, '/v1/devices/import', file, options.json === true))
    })
}

function tell (made: WithPassword, { json }: DataOptions, done: string): void {
  if (json) return printJson(made)
  if (made.password === undefined) return print(done)
  note(`${done}; the password is shown once:`)
  print(made.password)
}

async function allDevices (api: ApiClient, account: string | undefined): Promise<Shown[]> {
  const all: Shown[] = []
  for (let page = await nextDevices(api, account); page.length > 0; page = page.length < PAGE ? [] : await nextDevices(api, account, all.at(-1)?.device)) all.push(...page)
  return all
}

async function nextDevices (api: ApiClient, account: string | undefined, after?: string): Promise<Shown[]> {
  return (await api.call<{ devices: Shown[] }>('GET', withQuery('/v1/devices', { account, after, limit: PAGE }))).devices
}
