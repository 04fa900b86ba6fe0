/** `curtilage start`: the gateway itself. */

import { join } from 'node:path'
import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { Faults } from '../faults.js'
import type { AddressSettings } from '../policy/gateway-settings.js'
import type { Recovered } from '../rights/open-rights.js'
import type { Found } from '../outbox/found.js'
import type { RunningGateway } from '../start-gateway.js'
import { changesText } from './diff-text.js'
import { endAtOnce } from './end-at-once.js'
import { forbidMemoryDumps } from './memory-dumps.js'
import { examples, parseAddress, withData, type DataOptions } from './options.js'
import { print, printJson, width } from './terminal.js'
import { codeOf, endOnUnforeseen } from './unforeseen.js'

const CLOSE_MS = 30_000

export interface StartCommandOptions extends DataOptions {
  readonly mqtt?: AddressSettings
  readonly http?: AddressSettings
}

export function addStartCommand (program: Command): void {
  examples(withData(program.command('start').description('start the gateway; SIGTERM and SIGINT end it in good order')
    .option('--mqtt <host:port>', 'where devices connect, in place of the first mqtt listener of gateway.yaml; port 0 picks one', parseAddress)
    .option('--http <host:port>', 'where the API listens; port 0 picks one', parseAddress)), [
    'curtilage start --config config --data data',
    'curtilage start --mqtt 127.0.0.1:0 --http 127.0.0.1:0 --json'
  ]).addHelpText('after', '\nWith --json the first line on standard output is {"ready":true,"mqtt":"mqtt://…","http":"http://…"}. The log goes to standard error.')
    .action(async (options: StartCommandOptions) => await start(options))
}

/** `faults` is for tests: the command itself has no way to give any. */
export async function start ({ config, data, mqtt, http, json }: StartCommandOptions, faults?: Faults): Promise<void> {
  forbidMemoryDumps()
  const [{ readConfiguration }, { startGateway }, { createLog, logEvents, logRequests }] = await Promise.all([import('../core.js'), import('../start-gateway.js'), import('./event-log.js')])
  const log = createLog((await readConfiguration(config)).gateway.logLevel)
  endOnUnforeseen(log)
  const running = await startGateway({ config, onAnswered: logRequests(log), ...(data !== undefined && { data }), ...(mqtt !== undefined && { mqtt }), ...(http !== undefined && { http }), ...(faults !== undefined && { faults }) })
  running.gateway.observe(logEvents(log))
  endOnSignal(running, log)
  running.gateway.observe(({ type }) => { if (type === 'policy') log.level = running.gateway.core.configuration.gateway.logLevel })
  process.on('SIGHUP', () => {
    running.reloadCertificates().catch(error => log.error({ code: codeOf(error) }, 'certificates not reloaded'))
    running.gateway.core.policies.reload('SIGHUP').catch(error => log.error({ code: codeOf(error) }, 'configuration not reloaded'))
  })
  const { inForce: { waiting, current: { policy } }, migrated } = running.gateway.core
  if (migrated !== undefined) log.warn({ from: migrated.from, to: migrated.to, copy: migrated.copy }, 'the store was brought to the format of this version')
  if (json) printJson({ ready: true, mqtt: running.mqttUrl, http: running.httpUrl })
  else print(readyText(running, config))
  log.info({ policy: policy.digest, notice: policy.noticeVersion, listeners: running.urls.length }, 'ready')
  tellFound(running.gateway.found, log)
  tellRecovered(running.gateway.recovered, log)
  if (waiting !== undefined) log.warn({ policy: waiting.digest, verdict: waiting.comparison.verdict }, 'the policy of the folder waits for approval')
}

/** After a crash as after an end in good order: what was there already. */
function tellFound ({ waiting, deadLetters, paused, tornTails, inJournal }: Found, log: Logger): void {
  log.info({ waiting, deadLetters, paused, tornTails, inJournal }, 'found')
}

function tellRecovered ({ unfinished, ...replayed }: Recovered, log: Logger): void {
  if (Object.values(replayed).some(count => count > 0)) log.warn(replayed, 'the store was older than the list beside it: recorded again')
  if (unfinished > 0) log.warn({ accounts: unfinished }, 'erasures are unfinished, and are tried again')
}

function readyText ({ urls, httpUrl, gateway: { core, recipients } }: RunningGateway, config: string): string {
  const { policy } = core.configuration
  const { waiting } = core.inForce
  return [
    'curtilage is ready',
    ...urls.map(url => `  devices connect to  ${url}`),
    `  API and health      ${httpUrl}`,
    `  ops token           ${join(core.dataFolder, 'ops.token')}`,
    `  recipients          ${recipients.join(', ')}`,
    `  policy in force     ${policy.digest} (notice ${policy.noticeVersion})`,
    ...(waiting === undefined
      ? []
      : [
          '',
          `The policy in ${config} is ${waiting.comparison.verdict} and waits; the one before stays in force:`,
          changesText(waiting.comparison.changes, width()),
          '',
          waiting.needed > 1 ? `To approve it, with ${waiting.needed} different tokens:` : 'To approve it:',
          `  curtilage policy approve ${waiting.digest} --reason TEXT --config ${config} --data ${core.dataFolder}`
        ])
  ].join('\n')
}

/** A second signal ends it at once; nothing that was acknowledged is lost by that either. */
function endOnSignal (running: RunningGateway, log: Logger): void {
  let ending = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (ending) return endAtOnce()
      ending = true
      log.info({ signal }, 'ending')
      setTimeout(endAtOnce, CLOSE_MS).unref()
      running.close().then(() => log.info('ended'), error => log.warn({ code: codeOf(error) }, 'ended; what was not delivered waits for the next start')).finally(() => process.exit(0))
    })
  }
}
