/** `curtilage simulate`: simulated homes against any gateway. */

import { readFileSync } from 'node:fs'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { parseDuration } from '../policy/units.js'
import { UsageError } from './failure.js'
import { examples, withData, type DataOptions } from './options.js'

export interface SimulateCommandOptions extends DataOptions {
  readonly homes: number
  readonly seed: string
  readonly url?: string
  readonly rate?: number
  readonly speed?: number
  /** Milliseconds. */
  readonly duration?: number
  readonly tour?: true
  readonly misbehave?: true
  readonly ca?: string
  readonly registry?: string
  readonly register?: true
}

const MOST_HOMES = 100_000
const DEFAULT_HOMES = 10
const URL_FORM = /^(mqtts?|wss?):\/\/[^/]/

export function addSimulateCommand (program: Command): void {
  const command = withData(program.command('simulate').description('let simulated homes report to a gateway over MQTT, until Ctrl-C')
    .option('--homes <n>', 'how many', wholeNumber, DEFAULT_HOMES)
    .option('--seed <text>', 'the same seed makes the same homes, devices and passwords', 'curtilage')
    .option('--url <url>', 'the gateway: mqtt://, mqtts://, ws:// or wss://', gatewayUrl)
    .option('--rate <n>', 'reports a second of all homes together (default: as often as real devices do)', positive)
    .addOption(new Option('--speed <n>', 'so many times more often than real devices do').argParser(positive).conflicts('rate'))
    .option('--duration <time>', 'end after this time, such as 30s or 5m', duration)
    .option('--tour', 'every device starts with one of each of its reports')
    .option('--misbehave', 'devices do what they must not, too; the summary tells whether the gateway did right')
    .option('--ca <file>', 'certificate to trust, in PEM, for mqtts:// and wss://', readCertificate)
    .option('--register', 'first register the homes and devices with the gateway of the data folder, running or not')
    .option('--registry <file>', 'write the devices for `device import` to this file, and the `account add` commands to standard output'))
  command.addHelpText('after', `
A gateway admits only devices that it knows: register them first, with the same --homes and --seed. Without --url
nothing is simulated: --register and --registry do their work and end. The file holds passwords. A registered home has
given no consent: what leaves of it follows from its regime, until \`curtilage consent grant\`.

Exit codes: 0 fine, 1 no device was admitted or the gateway did not do right by a misdeed, 2 wrong usage.`)
  examples(command, [
    '# on the machine of the gateway',
    'curtilage simulate --homes 20 --register --data data',
    'curtilage simulate --homes 20 --url mqtt://127.0.0.1:1883 --rate 50 --duration 30s',
    'curtilage simulate --homes 20 --url mqtt://127.0.0.1:1883 --misbehave --json',
    '# for a gateway elsewhere',
    'curtilage simulate --homes 20 --registry devices.ndjson > accounts.sh',
    'sh accounts.sh && curtilage device import devices.ndjson'
  ]).action(async (options: SimulateCommandOptions) => {
    check(options)
    const { runSimulation } = await import('./simulate/run-simulation.js')
    await runSimulation(options)
  })
}

function check ({ url, register, registry, misbehave }: SimulateCommandOptions): void {
  if (url === undefined && register === undefined && registry === undefined) throw new UsageError('name the gateway with --url, or register homes with --register or --registry')
  if (misbehave === true && !/^mqtts?:/.test(url ?? '')) throw new UsageError('devices misbehave over mqtt:// and mqtts:// only')
}

function gatewayUrl (written: string): string {
  if (!URL_FORM.test(written) || !URL.canParse(written)) throw new InvalidArgumentError('write mqtt://HOST:PORT, or mqtts, ws, wss')
  if (new URL(written).username !== '' || new URL(written).password !== '') throw new InvalidArgumentError('devices bring their own user names and passwords')
  return written
}

function wholeNumber (written: string): number {
  const number = Number(written)
  if (!/^\d+$/.test(written) || number < 1 || number > MOST_HOMES) throw new InvalidArgumentError(`write a whole number from 1 to ${MOST_HOMES}`)
  return number
}

function positive (written: string): number {
  const number = Number(written)
  if (!/^\d+(\.\d+)?$/.test(written) || number <= 0 || number > 1e6) throw new InvalidArgumentError('write a number above 0')
  return number
}

function duration (written: string): number {
  const durationMs = parseDuration(written)
  if (durationMs === undefined || durationMs >= 2 ** 31) throw new InvalidArgumentError('write a time such as 30s, 5m or 1h, of 24 days at most')
  return durationMs
}

function readCertificate (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new InvalidArgumentError('the file cannot be read')
  }
}
