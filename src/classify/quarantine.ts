/**
 * Quarantine: what is remembered of payloads that could not be read. In memory, bounded, and never with any content.
 *
 * The fingerprint tells whether the same payload came again; its key lives in memory and changes with the UTC day.
 */

import { createHmac } from 'node:crypto'
import { lettersOf } from '../letters.js'
import type { QuarantineReason } from '../model/reasons.js'

const DAY_MS = 86_400_000
const MAX_ENTRIES = 1000

export interface QuarantineEntry {
  readonly atMs: number
  readonly reason: QuarantineReason
  /** Name of the report type, or `unknown`. */
  readonly report: string
  readonly bytes: number
  readonly fingerprint: string
}

export class Quarantine {
  readonly #randomBytes: (count: number) => Uint8Array
  readonly #entries: QuarantineEntry[] = []
  #key: Uint8Array = new Uint8Array()
  #day = Number.NaN

  constructor (randomBytes: (count: number) => Uint8Array) {
    this.#randomBytes = randomBytes
  }

  put (payload: Uint8Array, reason: QuarantineReason, report: string, nowMs: number): void {
    const fingerprint = lettersOf(createHmac('sha256', this.#keyAt(nowMs)).update(payload).digest().subarray(0, 8))
    this.#entries.push({ atMs: nowMs, reason, report, bytes: payload.length, fingerprint })
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift()
  }

  /** The latest entries, newest first. */
  list (): QuarantineEntry[] {
    return this.#entries.toReversed()
  }

  #keyAt (nowMs: number): Uint8Array {
    const day = Math.floor(nowMs / DAY_MS)
    if (day !== this.#day) {
      this.#day = day
      this.#key = this.#randomBytes(32)
    }
    return this.#key
  }
}
