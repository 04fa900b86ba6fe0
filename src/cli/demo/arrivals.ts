/** What the gateway tells of its work, counted: what came in, what it withheld and why, what it took out, whom it refused. */

import type { GatewayEvent } from '../../model/events.js'
import type { WithheldReason } from '../../model/reasons.js'
import { Meter } from './meter.js'

export interface ReportCount {
  readonly meter: Meter
  readonly categories: readonly string[]
}

export class Arrivals {
  readonly reports = new Map<string, ReportCount>()
  readonly all = new Meter()
  readonly delivered = new Map<string, number>()
  readonly withheld = new Map<string, Map<WithheldReason, number>>()
  /** Address fields that were kept in: closed by their kind, or found inside a name, an id, a key. Counted for each recipient. */
  readonly addresses = { byKind: 0, inText: 0 }
  unreadable = 0
  refused = 0
  readonly #now: () => number

  constructor (now: () => number) {
    this.#now = now
  }

  readonly observe = (event: GatewayEvent): void => {
    switch (event.type) {
      case 'report': return this.#report(event)
      case 'delivered': return increase(this.delivered, event.recipient, event.count)
      case 'withheld': return increase(this.#reasonsOf(event.recipient), event.reason, event.count)
      case 'suppressed': return this.#suppressed(event)
      case 'quarantined': this.unreadable++; return
      case 'refused': if (event.reason === 'credentials') this.refused++
    }
  }

  #report ({ report, outcome, categories }: GatewayEvent & { type: 'report' }): void {
    if (outcome !== 'disclosed' && outcome !== 'withheld') return
    const known = this.reports.get(report) ?? { meter: new Meter(), categories }
    this.reports.set(report, known)
    known.meter.add(1, this.#now())
    this.all.add(1, this.#now())
  }

  #suppressed ({ category, reason, count }: GatewayEvent & { type: 'suppressed' }): void {
    if (reason === 'address') this.addresses.inText += count
    else if (category === 'network.mac' || category === 'network.ip') this.addresses.byKind += count
  }

  #reasonsOf (recipient: string): Map<WithheldReason, number> {
    const reasons = this.withheld.get(recipient) ?? new Map<WithheldReason, number>()
    this.withheld.set(recipient, reasons)
    return reasons
  }
}

function increase<K> (counts: Map<K, number>, name: K, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count)
}
