/** Snapshots summed up: of the last minute, or of all since the page was opened. */

import type { Flow, Snapshot } from '../../api/snapshot.js'

const WINDOW_MS = 60_000

interface Sum<T> {
  readonly words: T
  count: number
}

export interface Sums {
  readonly seconds: number
  /** By report type and outcome. */
  readonly reports: readonly { readonly report: string, readonly outcome: string, readonly count: number }[]
  readonly flows: readonly Flow[]
  readonly delivered: ReadonlyMap<string, number>
  readonly withheld: readonly { readonly recipient: string, readonly reason: string, readonly count: number }[]
  readonly quarantined: number
  readonly refused: number
}

type Part = 'reports' | 'flows' | 'delivered' | 'withheld' | 'quarantined' | 'refused'
const PARTS: readonly Part[] = ['reports', 'flows', 'delivered', 'withheld', 'quarantined', 'refused']

class Summed {
  readonly #parts = new Map(PARTS.map(part => [part, new Map<string, Sum<object>>()]))
  #seconds = 0

  add (snapshot: Snapshot, sign: 1 | -1): void {
    this.#seconds += sign * snapshot.seconds
    for (const part of PARTS) {
      const sums = this.#parts.get(part)
      for (const { count, ...words } of snapshot[part]) {
        const key = JSON.stringify(words)
        const sum = sums?.get(key)
        if (sum === undefined) sums?.set(key, { words, count: sign * count })
        else if ((sum.count += sign * count) <= 0) sums?.delete(key)
      }
    }
  }

  take (): Sums {
    const lines = <T>(part: Part): (T & { count: number })[] => [...this.#parts.get(part)?.values() ?? []].map(({ words, count }) => ({ ...words as T, count }))
    return {
      seconds: Math.max(1, this.#seconds),
      reports: lines('reports'),
      flows: lines('flows'),
      delivered: new Map(lines<{ recipient: string }>('delivered').map(({ recipient, count }) => [recipient, count])),
      withheld: lines('withheld'),
      quarantined: total(lines('quarantined')),
      refused: total(lines('refused'))
    }
  }
}

export class FlowSums {
  readonly #minute = new Summed()
  readonly #all = new Summed()
  #kept: Snapshot[] = []

  /** Snapshots come in their order; a second time is not counted. */
  add (snapshot: Snapshot): void {
    this.#kept.push(snapshot)
    this.#minute.add(snapshot, 1)
    this.#all.add(snapshot, 1)
    while (this.#kept[0] !== undefined && this.#kept[0].atMs <= snapshot.atMs - WINDOW_MS) {
      this.#minute.add(this.#kept[0], -1)
      this.#kept.shift()
    }
  }

  minute (): Sums {
    return this.#minute.take()
  }

  all (): Sums {
    return this.#all.take()
  }
}

/** What a recipient never asked for, or could not have while it is switched off, is not held back from it. */
export function isHeldBack ({ reason }: { readonly reason: string }): boolean {
  return reason !== 'report-not-listed' && reason !== 'recipient-off'
}

export function total (lines: readonly { readonly count: number }[]): number {
  return lines.reduce((sum, { count }) => sum + count, 0)
}
