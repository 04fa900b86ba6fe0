/** Counts of what stays of one report, by category and reason. */

import type { SuppressedCount } from '../model/judged.js'
import type { SuppressedReason } from '../model/reasons.js'

const REASONS: readonly SuppressedReason[] = ['unclassified', 'type-mismatch', 'not-allowed', 'never-disclosed', 'rule', 'address', 'array', 'unpaired', 'minor', 'opt-out-signal', 'notice-version', 'consent-unset', 'consent-denied', 'consent-withdrawn', 'consent-expired']
const PLACES = new Map(REASONS.map((reason, i) => [reason, i]))

/** A list that was made before, and from what. */
interface KnownList {
  readonly slots: readonly number[]
  readonly counts: readonly number[]
  readonly unclassified: number
  readonly list: readonly SuppressedCount[]
}

/** Lists of the last reports, the newest last: those of the next are mostly one of them. */
export type KnownCounts = KnownList[]

const MOST_KNOWN = 8

export class SuppressedCounts {
  readonly #categories: readonly string[]
  readonly #counts: Int32Array
  readonly #slots: Int32Array
  #length = 0

  constructor (categories: readonly string[]) {
    this.#categories = categories
    this.#counts = new Int32Array(categories.length * REASONS.length)
    this.#slots = new Int32Array(this.#counts.length)
  }

  clear (): void {
    for (let k = 0; k < this.#length; k++) this.#counts[this.#slots[k]!] = 0
    this.#length = 0
  }

  /** `slot`: see `slotOf`. */
  add (slot: number, count: number): void {
    const before = this.#counts[slot]!
    if (before === 0) this.#slots[this.#length++] = slot
    this.#counts[slot] = before + count
  }

  /** As a list, in no order; one that was made before where the counts are the same. */
  list (known: KnownCounts, unclassified: number): readonly SuppressedCount[] {
    for (let k = known.length - 1; k >= 0; k--) if (this.#isKnown(known[k]!, unclassified)) return known[k]!.list
    const slots = [...this.#slots.subarray(0, this.#length)]
    const counts = slots.map(slot => this.#counts[slot]!)
    const counted = slots.map((slot, k): SuppressedCount => ({ category: this.#categories[Math.floor(slot / REASONS.length)]!, reason: REASONS[slot % REASONS.length]!, count: counts[k]! }))
    const list: readonly SuppressedCount[] = unclassified > 0 ? [{ category: 'unclassified', reason: 'unclassified', count: unclassified }, ...counted] : counted
    if (known.length >= MOST_KNOWN) known.shift()
    known.push({ slots, counts, unclassified, list })
    return list
  }

  #isKnown ({ slots, counts, unclassified: before }: KnownList, unclassified: number): boolean {
    if (slots.length !== this.#length || before !== unclassified) return false
    for (let k = 0; k < slots.length; k++) if (this.#slots[k] !== slots[k] || this.#counts[slots[k]!] !== counts[k]) return false
    return true
  }
}

/** `place`: of the category among those of the policy. */
export function slotOf (place: number, reason: SuppressedReason): number {
  return place * REASONS.length + PLACES.get(reason)!
}
