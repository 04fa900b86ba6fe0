/** Disclosures and headers for tests of what comes after the guard. */

import type { Disclosure, PrivateHeader } from '../../src/model/disclosure.js'
import { restore } from '../../src/guard/release.js'
import type { OutboxEntry } from '../../src/outbox/contract.js'

export interface Sample {
  readonly id: string
  readonly recipient?: string
  readonly report?: string
  readonly account?: string
  readonly notBeforeMs?: number
  readonly decidedMs?: number
  /** Characters of filling. */
  readonly size?: number
  /** In place of it. */
  readonly filling?: string
}

/** As the outbox gets it from its own disk: a test needs no report to stand behind it. */
export function disclosureOf ({ id, recipient = 'analytics', report = 'motion', size = 8, filling = 'x'.repeat(size) }: Sample): Disclosure {
  const text = JSON.stringify({ id, recipient, report, data: { filling }, notice: '1.3', policy: 'ghijk' })
  const disclosure = restore({ id, recipient, report, bytes: Buffer.from(text) })
  if (disclosure === undefined) throw new TypeError('the guard refuses the sample')
  return disclosure
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
