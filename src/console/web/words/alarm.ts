/** Kinds of alarms in plain words, and what each means. */

import { quarantinedText, refusedText } from './reason.js'
import { troubleText } from './trouble.js'

const KINDS: Readonly<Record<string, readonly [title: string, meaning: string]>> = {
  'guard-alarm': ['Guard alarm', 'the last check found an address in finished bytes; the disclosure was withheld'],
  quarantined: ['Quarantine', 'a payload that could not be read; acknowledged, and nothing of it kept'],
  refused: ['Refused', 'a connection refused or closed'],
  'dead-lettered': ['Dead letter', 'a recipient refused a disclosure for good'],
  'delivery-trouble': ['Delivery waits', 'a batch could not be delivered and is tried again'],
  'outbox-full': ['Outbox full', 'a report was not taken for want of room; the device sends it again'],
  dropped: ['Dropped', 'a report at QoS 0 met trouble: nobody sends it again'],
  'data-gone': ['Data folder gone', 'the data folder was deleted or replaced; nothing is acknowledged'],
  'certificate-refused': ['Certificate', 'a new certificate could not be used'],
  'retention-trouble': ['Retention', 'old days of a file sink could not be removed']
}

export function kindText (kind: string): string {
  return KINDS[kind]?.[0] ?? kind
}

export function kindMeaning (kind: string): string {
  return KINDS[kind]?.[1] ?? ''
}

export function alarmReasonText (kind: string, reason: string | undefined): string {
  if (reason === undefined) return ''
  if (kind === 'quarantined') return quarantinedText(reason)
  if (kind === 'refused') return refusedText(reason)
  return kind === 'delivery-trouble' ? troubleText(reason) : reason
}
