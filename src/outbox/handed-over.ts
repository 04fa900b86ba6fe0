/** What a sink has settled and the outbox does not know yet: what arrived, and what was refused for good. */

import type { Refused } from './contract.js'
import type { Leaving } from './judge.js'
import type { Refusal } from './sink.js'

const WORD = /^[a-z0-9-]{1,40}$/

interface Settled {
  readonly report: string
  /** Absent: it arrived. */
  readonly reason?: string
}

export class HandedOver {
  readonly #settled = new Map<number, Settled>()

  get size (): number {
    return this.#settled.size
  }

  has (sequence: number): boolean {
    return this.#settled.has(sequence)
  }

  add (leaving: readonly Leaving[], refusals: readonly Refusal[]): void {
    const reasons = new Map(refusals.map(({ index, reason }) => [index, WORD.test(reason) ? reason : 'refused']))
    for (const [index, { sequence, disclosure: { report } }] of leaving.entries()) {
      const reason = reasons.get(index)
      this.#settled.set(sequence, { report, ...(reason !== undefined && { reason }) })
    }
  }

  sequences (): number[] {
    return [...this.#settled.keys()]
  }

  arrived (): number[] {
    return [...this.#settled].flatMap(([sequence, { reason }]) => reason === undefined ? [sequence] : [])
  }

  refused (): Refused[] {
    return [...this.#settled].flatMap(([sequence, { reason }]) => reason === undefined ? [] : [{ sequence, reason }])
  }

  /** Of what arrived by report, of what was refused by reason. */
  counts (): { reports: Map<string, number>, reasons: Map<string, number> } {
    const [reports, reasons] = [new Map<string, number>(), new Map<string, number>()]
    for (const { report, reason } of this.#settled.values()) {
      if (reason === undefined) reports.set(report, (reports.get(report) ?? 0) + 1)
      else reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    return { reports, reasons }
  }

  clear (): void {
    this.#settled.clear()
  }
}
