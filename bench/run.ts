/** A row of `npm run bench`: what it is told, and what it finds. */

import type { Figure, Run } from './figures/figure.js'

export interface BenchRun extends Run {
  /** In the ledger of the row `consent`. */
  readonly accounts: number
  /** Of the rows that relay. */
  readonly qos: readonly (0 | 1)[]
  /** Peers of the row `relay`, beside the gateway and plain aedes; all where undefined. */
  readonly only: readonly string[] | undefined
}

export interface BenchResult {
  /** Those with a figure to reach, and what must hold for them to mean anything. */
  readonly figures: readonly Figure[]
  /** All that was seen, for a terminal, and for the file. */
  readonly tables: readonly string[]
  readonly detail: unknown
}

export type BenchRow = (run: BenchRun) => Promise<BenchResult>

export interface Pace {
  readonly rounds: number
  readonly warmUpMs: number
  readonly ms: number
  /** Payloads that are searched for addresses. */
  readonly leakPayloads: number
}

/** How long the rounds of what relays are. */
export function paceOf ({ short }: Run): Pace {
  return short ? { rounds: 2, warmUpMs: 200, ms: 500, leakPayloads: 200 } : { rounds: 5, warmUpMs: 400, ms: 1500, leakPayloads: 2_000 }
}
