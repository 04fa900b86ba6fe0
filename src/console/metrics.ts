/**
 * Prometheus metrics, named as the design fixes them. Labels bear names and reasons, never an identifier of a home.
 *
 * What is alerted on is there with 0 before it first happens: an increase cannot be seen of a series that begins with it.
 */

import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { GatewayEvent, ReportOutcome } from '../model/events.js'

const POLICY_OUTCOMES = ['taken', 'waiting', 'set-aside', 'refused', 'failed'] as const

const OUTCOMES: readonly ReportOutcome[] = ['disclosed', 'withheld', 'quarantined', 'redelivered', 'transient']

/** What is read when someone asks. */
export interface GaugeReadings {
  recipients (): readonly string[]
  /** Names of report types that are listed. */
  reports? (): readonly string[]
  depth (recipient: string): number
  bytes (recipient: string): number
  deadLetters (recipient: string): number
  isPaused (recipient: string): boolean
  /** Epoch milliseconds. */
  oldestMs (recipient: string): number | undefined
  /** Authenticated ones. */
  connections (): number
  /** On the disk of the data folder. */
  freeBytes (): number
  /** Epoch milliseconds; undefined: none was ever made. */
  lastBackupMs (): number | undefined
  isPolicyWaiting (): boolean
  /** The configuration folder had problems when it was looked at last. */
  isFolderRefused (): boolean
  policyDigest (): string
}

export interface Metrics {
  readonly registry: Registry
  observe (event: GatewayEvent): void
}

export function createMetrics (readings: GaugeReadings, now: () => number): Metrics {
  const registry = new Registry()
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> => new Counter({ name, help, labelNames: [...labelNames], registers: [registry] })
  const perRecipient = (name: string, help: string): Counter<'recipient'> => new Counter({
    name,
    help,
    labelNames: ['recipient'],
    registers: [registry],
    collect () {
      for (const recipient of readings.recipients()) this.inc({ recipient }, 0)
    }
  })
  const reports = counter('curtilage_reports_total', 'reports by type and outcome', ['report', 'outcome'])
  const disclosures = counter('curtilage_disclosures_total', 'disclosures delivered', ['recipient', 'report'])
  const withheld = counter('curtilage_withheld_total', 'reports withheld from a recipient', ['recipient', 'reason'])
  const suppressed = counter('curtilage_fields_suppressed_total', 'fields suppressed for a recipient', ['recipient', 'category', 'reason'])
  const alarms = perRecipient('curtilage_guard_alarms_total', 'disclosures that the second look withheld')
  const quarantined = counter('curtilage_quarantined_total', 'reports that could not be read', ['report', 'reason'])
  const refused = counter('curtilage_refused_total', 'connections refused or closed', ['reason'])
  const expires = new Gauge({ name: 'curtilage_certificate_expires_seconds', help: 'when the certificate of a listener runs out, in seconds since 1970', labelNames: ['listener'], registers: [registry] })
  const certificatesRefused = counter('curtilage_certificates_refused_total', 'new certificate files that could not be used', ['listener', 'reason'])
  const unclassified = counter('curtilage_unclassified_fields_total', 'fields that no report type lists', ['report'])
  const newFields = new Counter({
    name: 'curtilage_new_fields_total',
    help: 'paths that no report type lists and that were not seen before',
    labelNames: ['report'],
    registers: [registry],
    collect () {
      for (const report of readings.reports?.() ?? []) this.inc({ report }, 0)
    }
  })
  const dropped = counter('curtilage_dropped_total', 'reports at QoS 0 that met transient trouble', [])
  const trouble = perRecipient('curtilage_delivery_trouble_total', 'batches that had to wait')
  const daysRemoved = perRecipient('curtilage_days_removed_total', 'days of a file sink removed after their retention')
  const retentionTrouble = perRecipient('curtilage_retention_trouble_total', 'times that days of a file sink could not be removed')
  const gone = counter('curtilage_data_gone_seconds_total', 'seconds in which the data folder was deleted or replaced', [])
  const deadLettered = counter('curtilage_dead_lettered_total', 'disclosures that a recipient refused for good', ['recipient', 'reason'])
  const deadGone = counter('curtilage_dead_letters_gone_total', 'dead letters that expired, or that an operator discarded or sent again', ['recipient', 'why'])
  const full = perRecipient('curtilage_outbox_full_total', 'reports not taken for want of room, most of which the recipient takes')
  const replayed = counter('curtilage_replayed_total', 'entries of the replay list recorded again at the start', ['what'])
  const takenBack = counter('curtilage_taken_back_total', 'erasures, and marks of minors, that are done', ['kind'])
  const lookups = counter('curtilage_policy_changes_total', 'what became of policies that were asked for, and of folders with problems', ['outcome'])
  for (const outcome of POLICY_OUTCOMES) lookups.inc({ outcome }, 0)
  const seconds = new Histogram({ name: 'curtilage_report_seconds', help: 'from the packet to its acknowledgement', labelNames: ['outcome'], buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5], registers: [registry] })
  for (const outcome of OUTCOMES) seconds.zero({ outcome })
  gauges(registry, readings, now)
  return {
    registry,
    observe: event => {
      switch (event.type) {
        case 'report':
          reports.inc({ report: event.report, outcome: event.outcome })
          return seconds.observe({ outcome: event.outcome }, event.seconds)
        case 'delivered': return disclosures.inc({ recipient: event.recipient, report: event.report }, event.count)
        case 'withheld':
          if (event.reason === 'guard-alarm') alarms.inc({ recipient: event.recipient }, event.count)
          return withheld.inc({ recipient: event.recipient, reason: event.reason }, event.count)
        case 'suppressed': return suppressed.inc({ recipient: event.recipient, category: event.category, reason: event.reason }, event.count)
        case 'quarantined': return quarantined.inc({ report: event.report, reason: event.reason })
        case 'refused': return refused.inc({ reason: event.reason })
        case 'certificate': return expires.set({ listener: event.listener }, event.expiresMs / 1000)
        case 'certificate-refused': return certificatesRefused.inc({ listener: event.listener, reason: event.trouble })
        case 'unclassified': return unclassified.inc({ report: event.report }, event.count)
        case 'new-field': return newFields.inc({ report: event.report })
        case 'dropped': return dropped.inc()
        case 'data-gone': return gone.inc()
        case 'dead-lettered': return deadLettered.inc({ recipient: event.recipient, reason: event.reason }, event.count)
        case 'dead-letters-gone': return deadGone.inc({ recipient: event.recipient, why: event.why }, event.count)
        case 'outbox-full': return full.inc({ recipient: event.recipient })
        case 'replayed': return replayed.inc({ what: event.what }, event.count)
        case 'policy': return lookups.inc({ outcome: event.outcome })
        case 'configuration-refused': return lookups.inc({ outcome: 'refused' })
        case 'restart-needed': return
        case 'taken-back': return takenBack.inc({ kind: event.kind })
        case 'delivery-trouble': return trouble.inc({ recipient: event.recipient })
        case 'days-removed': return daysRemoved.inc({ recipient: event.recipient }, event.count)
        case 'retention-trouble': return retentionTrouble.inc({ recipient: event.recipient })
      }
    }
  }
}

function gauges (registry: Registry, readings: GaugeReadings, now: () => number): void {
  const startedSeconds = now() / 1000
  const single = (name: string, help: string, read: () => number): Gauge => new Gauge({ name, help, registers: [registry], collect () { this.set(read()) } })
  const perRecipient = (name: string, help: string, read: (recipient: string) => number): Gauge => new Gauge({
    name,
    help,
    labelNames: ['recipient'],
    registers: [registry],
    collect () {
      // those that are gone must not go on with what they had last
      this.reset()
      for (const recipient of readings.recipients()) this.set({ recipient }, read(recipient))
    }
  })
  single('curtilage_connections', 'authenticated connections', () => readings.connections())
  single('curtilage_disk_free_bytes', 'free space on the disk of the data folder', () => readings.freeBytes())
  single('curtilage_last_backup_seconds', 'when the last backup was made, in seconds since 1970; 0: never', () => (readings.lastBackupMs() ?? 0) / 1000)
  single('curtilage_policy_waiting', '1 while a policy waits for approval', () => readings.isPolicyWaiting() ? 1 : 0)
  single('curtilage_policy_folder_refused', '1 while the configuration folder has problems, so that nothing is taken up from it', () => readings.isFolderRefused() ? 1 : 0)
  registry.registerMetric(new Gauge({
    name: 'curtilage_policy_info',
    help: '1 for the policy in force',
    labelNames: ['policy'],
    registers: [],
    collect () {
      this.reset()
      this.set({ policy: readings.policyDigest() }, 1)
    }
  }))
  single('curtilage_started_seconds', 'when the gateway started, in seconds since 1970', () => startedSeconds)
  perRecipient('curtilage_outbox_depth', 'disclosures that wait', recipient => readings.depth(recipient))
  perRecipient('curtilage_outbox_bytes', 'room on the disk for those and for dead letters', recipient => readings.bytes(recipient))
  perRecipient('curtilage_dead_letters', 'disclosures that the recipient refused for good and that are kept', recipient => readings.deadLetters(recipient))
  perRecipient('curtilage_recipient_paused', '1 while delivery is paused by hand', recipient => readings.isPaused(recipient) ? 1 : 0)
  perRecipient('curtilage_outbox_age_seconds', 'age of the oldest disclosure that waits', recipient => {
    const oldest = readings.oldestMs(recipient)
    return oldest === undefined ? 0 : Math.max(0, now() - oldest) / 1000
  })
}
