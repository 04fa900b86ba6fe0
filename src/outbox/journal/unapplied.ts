/**
 * What stands in the journal and not in the database yet. Lives in memory; the segments bound it.
 *
 * An entry stays here until the database holds it, or its end, and knows that it does: as long as the journal would bring it
 * again after a crash, nothing may remove it from the database alone.
 */

import type { Delivered, OutboxEntry } from '../contract.js'
import type { HeldKey, Stored } from '../stored-entry.js'

export interface UnappliedEntry {
  /** Number of its record. */
  readonly record: number
  readonly sequence: number
  readonly size: number
  readonly stored: Stored
  /** Undefined: read back from the disk, so the guard has to look at it again. */
  readonly entry: OutboxEntry | undefined
  /** The database may hold it: a checkpoint has put it there, or was about to. */
  isPut: boolean
}

/** What one record settled. */
export interface UnappliedEnd {
  readonly record: number
  /** Of those that the database may hold. */
  readonly keys: readonly HeldKey[]
  readonly delivered: readonly Delivered[]
}

export class Unapplied {
  readonly #entries = new Map<number, UnappliedEntry>()
  #ends: UnappliedEnd[] = []

  get isEmpty (): boolean {
    return this.#entries.size === 0 && this.#ends.length === 0
  }

  get (sequence: number): UnappliedEntry | undefined {
    return this.#entries.get(sequence)
  }

  has (sequence: number): boolean {
    return this.#entries.has(sequence)
  }

  add (entry: UnappliedEntry): void {
    this.#entries.set(entry.sequence, entry)
  }

  end (end: UnappliedEnd, sequences: readonly number[]): void {
    for (const sequence of sequences) this.#entries.delete(sequence)
    if (end.keys.length + end.delivered.length > 0) this.#ends.push(end)
  }

  /** Of records up to that one, in order. */
  entriesThrough (record: number): UnappliedEntry[] {
    const entries: UnappliedEntry[] = []
    for (const entry of this.#entries.values()) {
      if (entry.record > record) break
      entries.push(entry)
    }
    return entries
  }

  endsThrough (record: number): UnappliedEnd[] {
    const beyond = this.#ends.findIndex(end => end.record > record)
    return beyond < 0 ? [...this.#ends] : this.#ends.slice(0, beyond)
  }

  /** The ends up to that record are in the database. */
  dropEnds (record: number): void {
    this.#ends = this.#ends.filter(end => end.record > record)
  }

  /** All up to that record is in the database. Returns the entries that were still there. */
  drop (record: number): UnappliedEntry[] {
    const dropped = this.entriesThrough(record)
    for (const { sequence } of dropped) this.#entries.delete(sequence)
    this.dropEnds(record)
    return dropped
  }
}
