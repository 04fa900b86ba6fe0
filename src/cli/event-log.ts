/**
 * What the gateway logs of its work: allow-listed names, reasons and counts, as JSON lines on standard error.
 *
 * The same thing over and over is one line every ten seconds, so that a device that misbehaves cannot fill a disk.
 */

import { pino, type Logger } from 'pino'
import type { Answered } from '../console/services.js'
import type { GatewayEvent, Observe, PolicyOutcome } from '../model/events.js'
import type { LogLevel } from '../policy/gateway-settings.js'

const EVERY_MS = 10_000

type Level = 'debug' | 'info' | 'warn' | 'error'

interface Entry {
  readonly level: Level
  readonly what: string
  readonly fields: Readonly<Record<string, string | number | readonly string[]>>
  readonly count: number
}

export function createLog (level: LogLevel): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }))
}

export function logEvents (log: Logger): Observe {
  const held = new Map<string, Entry>()
  const flush = (key: string): void => {
    const entry = held.get(key)
    held.delete(key)
    if (entry !== undefined && entry.count > 0) write(log, entry)
  }
  return event => {
    const entry = entryOf(event)
    if (entry === undefined || !log.isLevelEnabled(entry.level)) return
    const key = `${entry.what} ${Object.values(entry.fields).join(' ')}`
    const earlier = held.get(key)
    if (earlier !== undefined) {
      held.set(key, { ...earlier, count: earlier.count + entry.count })
      return
    }
    write(log, entry)
    held.set(key, { ...entry, count: 0 })
    setTimeout(flush, EVERY_MS, key).unref()
  }
}

export function logRequests (log: Logger): (answered: Answered) => void {
  return ({ method, route, status, ms }) => {
    log[status >= 500 ? 'error' : method === 'GET' ? 'debug' : 'info']({ method, route, status, ms }, 'request')
  }
}

function write (log: Logger, { level, what, fields, count }: Entry): void {
  log[level]({ ...fields, count }, what)
}

function entryOf (event: GatewayEvent): Entry | undefined {
  switch (event.type) {
    case 'quarantined': return { level: 'warn', what: 'report in quarantine', fields: { report: event.report, reason: event.reason }, count: 1 }
    case 'refused': return { level: 'warn', what: 'connection refused or closed', fields: { reason: event.reason }, count: 1 }
    case 'certificate': return { level: 'info', what: 'certificate in use', fields: { listener: event.listener, expires: new Date(event.expiresMs).toISOString() }, count: 1 }
    case 'certificate-refused': return { level: 'error', what: 'certificate files are no good, those before stay in use', fields: { listener: event.listener, reason: event.trouble }, count: 1 }
    case 'dropped': return { level: 'warn', what: 'report at QoS 0 dropped in transient trouble', fields: {}, count: 1 }
    case 'data-gone': return { level: 'error', what: 'the data folder was deleted or replaced: nothing is acknowledged', fields: {}, count: 1 }
    case 'delivery-trouble': return { level: 'warn', what: 'delivery has to wait', fields: { recipient: event.recipient, code: event.code }, count: 1 }
    case 'days-removed': return { level: 'info', what: 'days removed after their retention', fields: { recipient: event.recipient }, count: event.count }
    case 'retention-trouble': return { level: 'warn', what: 'days could not be removed after their retention', fields: { recipient: event.recipient }, count: 1 }
    case 'dead-lettered': return { level: 'warn', what: 'refused for good, kept as dead letter', fields: { recipient: event.recipient, reason: event.reason }, count: event.count }
    case 'dead-letters-gone': return { level: 'info', what: `dead letters ${event.why}`, fields: { recipient: event.recipient }, count: event.count }
    case 'outbox-full': return { level: 'error', what: 'the outbox is full', fields: { recipient: event.recipient }, count: 1 }
    case 'new-field': return { level: 'info', what: 'a field that no report type lists', fields: { report: event.report, path: event.path }, count: 1 }
    case 'withheld': return withheldEntry(event)
    case 'delivered': return { level: 'debug', what: 'delivered', fields: { recipient: event.recipient, report: event.report }, count: event.count }
    case 'report': return event.outcome === 'transient' ? { level: 'error', what: 'report not taken', fields: { report: event.report }, count: 1 } : undefined
    case 'taken-back': return { level: 'info', what: event.kind === 'erasure' ? 'account erased' : 'minor\'s data taken back', fields: {}, count: 1 }
    case 'policy': return policyEntry(event)
    case 'configuration-refused': return { level: 'error', what: 'the configuration folder has problems, the policy in force stays', fields: { problems: event.problems, of: event.count }, count: 1 }
    case 'restart-needed': return { level: 'warn', what: 'settings that are followed at the next start only have changed', fields: { keys: event.keys }, count: 1 }
    case 'replayed':
    case 'suppressed':
    case 'judged':
    case 'unclassified': return undefined
  }
}

const POLICY_TEXTS: Readonly<Record<PolicyOutcome, readonly [Level, string]>> = {
  taken: ['info', 'policy in force'],
  waiting: ['warn', 'a policy waits for approval'],
  'set-aside': ['warn', 'the policy of the folder is set aside until the folder changes or somebody asks for it'],
  failed: ['error', 'a policy could not take force, nothing changed']
}

function policyEntry ({ outcome, policy, why, verdict, needed, given, code }: Extract<GatewayEvent, { type: 'policy' }>): Entry {
  const [level, what] = POLICY_TEXTS[outcome]
  const fields = { policy, ...(why !== undefined && { why }), ...(verdict !== undefined && { verdict }), ...(outcome === 'waiting' && { needed: needed ?? 1, given: given ?? 0 }), ...(code !== undefined && { code }) }
  return { level, what, fields, count: 1 }
}

function withheldEntry ({ recipient, reason, count }: Extract<GatewayEvent, { type: 'withheld' }>): Entry {
  return { level: reason === 'guard-alarm' ? 'error' : 'debug', what: 'withheld', fields: { recipient, reason }, count }
}
