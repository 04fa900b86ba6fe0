/**
 * The line of one recipient, in memory: which entries it has, which are due, which are claimed.
 *
 * The disk holds the entries; this holds their sequences, due times and sizes, about 150 bytes an entry.
 */

import { Heap } from './heap.js'
import { heldKey, type HeldKey } from './stored-entry.js'

interface Place {
  readonly sequence: number
  readonly notBeforeMs: number
  readonly size: number
}

export class Line {
  readonly recipient: string
  /** All entries. What is absent here is gone, whatever the heaps still say. */
  readonly #held = new Map<number, Place>()
  readonly #claimed = new Set<number>()
  readonly #waiting = new Heap<Place>((a, b) => a.notBeforeMs < b.notBeforeMs || (a.notBeforeMs === b.notBeforeMs && a.sequence < b.sequence))
  readonly #due = new Heap<number>((a, b) => a < b)
  #bytes = 0

  constructor (recipient: string) {
    this.recipient = recipient
  }

  get depth (): number {
    return this.#held.size
  }

  /** The sizes of all entries together. */
  get bytes (): number {
    return this.#bytes
  }

  add (sequence: number, notBeforeMs: number, size: number): void {
    const place = { sequence, notBeforeMs, size }
    this.#held.set(sequence, place)
    this.#waiting.push(place)
    this.#bytes += size
  }

  has (sequence: number): boolean {
    return this.#held.has(sequence)
  }

  /** Where the entry is on disk; to be asked of those held. */
  key (sequence: number): HeldKey {
    const { notBeforeMs = 0, size = 0 } = this.#held.get(sequence) ?? {}
    return heldKey(this.recipient, sequence, notBeforeMs, size)
  }

  /** All sequences held, claimed or not, ascending. */
  sequences (): Iterable<number> {
    return this.#held.keys()
  }

  /** After entries were added out of order. */
  sort (): void {
    const places = [...this.#held.values()].sort((a, b) => a.sequence - b.sequence)
    this.#held.clear()
    for (const place of places) this.#held.set(place.sequence, place)
  }

  oldest (): number | undefined {
    return this.#held.keys().next().value
  }

  claim (max: number, nowMs: number): number[] {
    this.#fallDue(nowMs)
    const claimed: number[] = []
    while (claimed.length < max && this.#nextDue() !== undefined) {
      const sequence = this.#due.pop()!
      const place = this.#held.get(sequence)!
      // A clock that was set back: what fell due by the old time waits again.
      if (place.notBeforeMs > nowMs) this.#waiting.push(place)
      else claimed.push(sequence)
    }
    for (const sequence of claimed) this.#claimed.add(sequence)
    return claimed
  }

  unclaim (sequences: readonly number[]): void {
    for (const sequence of sequences) {
      if (this.#claimed.delete(sequence) && this.#held.has(sequence)) this.#due.push(sequence)
    }
  }

  /** Answers false where it was gone already. */
  remove (sequence: number): boolean {
    this.#claimed.delete(sequence)
    this.#bytes -= this.#held.get(sequence)?.size ?? 0
    return this.#held.delete(sequence)
  }

  nextDueMs (): number | undefined {
    const due = this.#nextDue()
    return due === undefined ? this.#nextWaiting()?.notBeforeMs : this.#held.get(due)?.notBeforeMs
  }

  #fallDue (nowMs: number): void {
    for (let next = this.#nextWaiting(); next !== undefined && next.notBeforeMs <= nowMs; next = this.#nextWaiting()) {
      this.#waiting.pop()
      this.#due.push(next.sequence)
    }
  }

  #nextWaiting (): Place | undefined {
    let next = this.#waiting.peek()
    while (next !== undefined && !this.#held.has(next.sequence)) {
      this.#waiting.pop()
      next = this.#waiting.peek()
    }
    return next
  }

  #nextDue (): number | undefined {
    let next = this.#due.peek()
    while (next !== undefined && !this.#held.has(next)) {
      this.#due.pop()
      next = this.#due.peek()
    }
    return next
  }
}
