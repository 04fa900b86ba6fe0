/**
 * A bound on the memory that all connections together hold in their gates, so that ten thousand slow ones cannot fill it.
 *
 * Beyond it those that hold some for the longest time have to go, connections that have not authenticated before all others.
 */

export interface Holder {
  /** Ends it; it then holds nothing. */
  evict (): void
}

export class BufferBudget {
  readonly #maxBytes: number
  /** By how long they have held something without a pause. */
  readonly #strangers = new Map<Holder, number>()
  readonly #known = new Map<Holder, number>()
  #bytes = 0

  constructor (maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get bytes (): number {
    return this.#bytes
  }

  /** All that hold something. */
  * holders (): IterableIterator<Holder> {
    yield * this.#strangers.keys()
    yield * this.#known.keys()
  }

  /** A holder holds so many bytes now. May end others, or this one. */
  holds (holder: Holder, bytes: number, isKnown: boolean): void {
    const [own, other] = isKnown ? [this.#known, this.#strangers] : [this.#strangers, this.#known]
    const before = (own.get(holder) ?? 0) + (other.get(holder) ?? 0)
    if (bytes === before && !other.has(holder)) return
    this.#bytes += bytes - before
    other.delete(holder)
    if (bytes === 0) own.delete(holder)
    else own.set(holder, bytes)
    this.#settle()
  }

  #settle (): void {
    while (this.#bytes > this.#maxBytes) {
      const [holder, bytes] = this.#strangers.entries().next().value ?? this.#known.entries().next().value ?? []
      if (holder === undefined || bytes === undefined) return
      this.#strangers.delete(holder)
      this.#known.delete(holder)
      this.#bytes -= bytes
      holder.evict()
    }
  }
}
