/** Counts events until they are taken away. */

import type { GatewayEvent } from '../../model/events.js'
import type { Snapshot } from './snapshot.js'

export type Counted = Pick<Snapshot, 'reports' | 'flows' | 'delivered' | 'withheld' | 'quarantined' | 'refused'>

/** By the words of one line. */
class Tally<T extends object> {
  readonly #lines = new Map<string, T & { count: number }>()

  add (key: string, words: T, count = 1): void {
    const line = this.#lines.get(key)
    if (line === undefined) this.#lines.set(key, { ...words, count })
    else line.count += count
  }

  take (): (T & { count: number })[] {
    const lines = [...this.#lines.values()]
    this.#lines.clear()
    return lines
  }
}

export class LiveCounts {
  readonly #reports = new Tally<{ report: string, outcome: string }>()
  readonly #flows = new Tally<{ report: string, category: string, recipient: string, reason?: string }>()
  readonly #delivered = new Tally<{ recipient: string }>()
  readonly #withheld = new Tally<{ recipient: string, reason: string }>()
  readonly #quarantined = new Tally<{ reason: string }>()
  readonly #refused = new Tally<{ reason: string }>()

  readonly observe = (event: GatewayEvent): void => {
    switch (event.type) {
      case 'report': return this.#reports.add(`${event.report} ${event.outcome}`, { report: event.report, outcome: event.outcome })
      case 'judged': return this.#judged(event)
      case 'delivered': return this.#delivered.add(event.recipient, { recipient: event.recipient }, event.count)
      case 'withheld': return this.#withheld.add(`${event.recipient} ${event.reason}`, { recipient: event.recipient, reason: event.reason }, event.count)
      case 'quarantined': return this.#quarantined.add(event.reason, { reason: event.reason })
      case 'refused': return this.#refused.add(event.reason, { reason: event.reason })
    }
  }

  /** What was counted since the last time. */
  take (): Counted {
    return {
      reports: this.#reports.take(),
      flows: this.#flows.take(),
      delivered: this.#delivered.take(),
      withheld: this.#withheld.take(),
      quarantined: this.#quarantined.take(),
      refused: this.#refused.take()
    }
  }

  #judged ({ report, recipient, left, stayed }: Extract<GatewayEvent, { type: 'judged' }>): void {
    const place = `${report} ${recipient}`
    for (const category of left) this.#flows.add(`${place} ${category}`, { report, category, recipient })
    for (const { category, reason } of stayed) this.#flows.add(`${place} ${category} ${reason}`, { report, category, recipient, reason })
  }
}
