/**
 * Decisions remembered by all that they depend on, so that an account costs one look once a like one was decided.
 *
 * INVARIANT: what is remembered is what `decide` says; this file adds no rule of its own.
 *
 * Of accounts with narrower records, in whose decisions category and device count, nothing is remembered. The consent
 * record is not named in what is remembered: whoever explains asks `decide`.
 */

import type { StandingTable, Found } from '../consent/standing/standing-table.js'
import type { Decision } from '../model/decision.js'
import type { CompiledPolicy, CompiledRecipient, CompiledReport } from '../model/policy.js'
import { decide } from './decide.js'

/** Later than any grant that has run out in a standing's example. */
const AFTER_EXPIRY_MS = 1

export class StandingDecisions {
  readonly #policy: CompiledPolicy
  readonly #table: StandingTable
  readonly #pairs = new Map<CompiledReport, Map<CompiledRecipient, Pair>>()

  constructor (policy: CompiledPolicy, table: StandingTable) {
    this.#policy = policy
    this.#table = table
  }

  /** For a row of the table. Undefined: ask `decide`. */
  of (report: CompiledReport, recipient: CompiledRecipient, row: Found): Decision | undefined {
    const pair = this.#pairs.get(report)?.get(recipient) ?? this.#newPair(report, recipient)
    if (pair.column === undefined) return undefined
    const standing = this.#table.standing(row, pair.column)
    let decision = pair.decisions.get(standing)
    if (decision === undefined) {
      decision = this.#decide(report, recipient, standing)
      pair.decisions.set(standing, decision)
    }
    return decision
  }

  #decide (report: CompiledReport, recipient: CompiledRecipient, standing: number): Decision {
    const consent = this.#table.exampleOf(standing, recipient.purpose.name)
    return decide({ report, recipient, device: '', consent, nowMs: AFTER_EXPIRY_MS }, this.#policy)
  }

  #newPair (report: CompiledReport, recipient: CompiledRecipient): Pair {
    const pair = { column: this.#table.columnOf(recipient.purpose.name), decisions: new Map() }
    const ofReport = this.#pairs.get(report) ?? new Map<CompiledRecipient, Pair>()
    this.#pairs.set(report, ofReport)
    ofReport.set(recipient, pair)
    return pair
  }
}

interface Pair {
  readonly column: number | undefined
  readonly decisions: Map<number, Decision>
}
