/**
 * The line of one recipient, in memory: which entries it has, which are due, which are claimed.
 *
 * The disk holds the entries; this holds their sequences and due times, about 140 bytes an entry.
 */

import { Heap } from './heap.js'
import { heldKey, type HeldKey } from './stored-entry.js'

interface Place {
  readonly sequence: number
  readonly notBeforeMs: number
}

export class Line {
  readonly recipient: string
  /** All entries: sequence to due time. What is absent here is gone, whatever the heaps still say. */
  readonly #held = new Map<number, number>()
  readonly #claimed = new Set<number>()
  readonly #waiting = new Heap<Place>((a, b) => a.notBeforeMs < b.notBeforeMs || (a.notBeforeMs === b.notBeforeMs && a.sequence < b.sequence))
  readonly #due = new Heap<number>((a, b) => a < b)

  constructor (recipient: string) {
    this.recipient = recipient
  }

  get depth (): number {
    return this.#held.size
  }

  add (sequence: number, notBeforeMs: number): void {
    this.#held.set(sequence, notBeforeMs)
    this.#waiting.push({ sequence, notBeforeMs })
  }

  has (sequence: number): boolean {
    return this.#held.has(sequence)
  }

  /** Where the entry is on disk; to be asked of those held. */
  key (sequence: number): HeldKey {
    return heldKey(this.recipient, sequence, this.#held.get(sequence) ?? 0)
  }

  /** All sequences held, claimed or not, ascending. */
  sequences (): Iterable<number> {
    return this.#held.keys()
  }

  oldest (): number | undefined {
    return this.#held.keys().next().value
  }

  claim (max: number, nowMs: number): number[] {
    this.#fallDue(nowMs)
    const claimed: number[] = []
    while (claimed.length < max && this.#nextDue() !== undefined) {
      const sequence = this.#due.pop()!
      const notBeforeMs = this.#held.get(sequence)!
      // A clock that was set back: what fell due by the old time waits again.
      if (notBeforeMs > nowMs) this.#waiting.push({ sequence, notBeforeMs })
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
    return this.#held.delete(sequence)
  }

  nextDueMs (): number | undefined {
    const due = this.#nextDue()
    return due === undefined ? this.#nextWaiting()?.notBeforeMs : this.#held.get(due)
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
