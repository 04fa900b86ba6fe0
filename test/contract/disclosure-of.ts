/** Disclosures and headers for tests of what comes after the guard. */

import type { Disclosure, PrivateHeader } from '../../src/model/disclosure.js'
import type { OutboxEntry, StoredDisclosure } from '../../src/outbox/contract.js'

export interface Sample {
  readonly id: string
  readonly recipient?: string
  readonly report?: string
  readonly account?: string
  readonly notBeforeMs?: number
  readonly decidedMs?: number
  /** Characters of filling. */
  readonly size?: number
}

export function disclosureOf ({ id, recipient = 'analytics', report = 'motion', size = 8 }: Sample): Disclosure {
  const text = JSON.stringify({ id, recipient, report, data: { filling: 'x'.repeat(size) }, notice: '1.3', policy: 'ghijk' })
  return asDisclosure({ id, recipient, report, bytes: Buffer.from(text) })
}

/** Stands in for the guard's own way back from disk where a test is not about it. */
export function asDisclosure (stored: StoredDisclosure): Disclosure {
  // eslint-disable-next-line no-restricted-syntax -- tests of the outbox need disclosures that no report stands behind
  return stored as Disclosure
}

export function headerOf ({ account = 'home', decidedMs = 1000, notBeforeMs = 0 }: Omit<Sample, 'id'> = {}): PrivateHeader {
  return {
    account,
    device: 'plug',
    policy: 'ghijk',
    fields: [{ path: 'event', category: 'sensor.motion', transform: 'keep' }, { path: '@time', category: 'time.event', transform: 'round:900000ms' }],
    decidedMs,
    notBeforeMs
  }
}

export function entryOf (sample: Sample): OutboxEntry {
  return { disclosure: disclosureOf(sample), header: headerOf(sample) }
}
