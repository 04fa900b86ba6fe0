/** Asks of each claimed item, at the last moment, whether it may still leave. */

import type { PrivateHeader } from '../model/disclosure.js'
import type { WithheldReason } from '../model/reasons.js'
import type { OutboxEntry, OutboxItem } from './contract.js'

export interface Waiting {
  readonly recipient: string
  readonly report: string
  readonly header: PrivateHeader
}

/** Puts the questions of the header again to consent and policy. Undefined: it may leave. A throw: it stays for now. */
export type Reconsider = (waiting: Waiting) => WithheldReason | undefined

export interface Leaving extends OutboxEntry {
  readonly sequence: number
}

export interface Judged {
  readonly leaving: Leaving[]
  /** Sequences by the reason for which they never leave. */
  readonly withheld: Map<WithheldReason, number[]>
  /** What `reconsider` threw, if it did; the items in question are in neither of the others. */
  readonly errors: unknown[]
}

export function judge (items: readonly OutboxItem[], reconsider: Reconsider): Judged {
  const judged: Judged = { leaving: [], withheld: new Map(), errors: [] }
  for (const item of items) {
    try {
      judgeOne(item, reconsider, judged)
    } catch (error) {
      judged.errors.push(error)
    }
  }
  return judged
}

function judgeOne ({ recipient, sequence, entry }: OutboxItem, reconsider: Reconsider, { leaving, withheld }: Judged): void {
  const reason = entry === undefined ? 'guard-alarm' : reconsider({ recipient, report: entry.disclosure.report, header: entry.header })
  if (reason !== undefined) withheld.set(reason, [...withheld.get(reason) ?? [], sequence])
  else if (entry !== undefined) leaving.push({ ...entry, sequence })
}
