/**
 * A bounded cache that keeps what was used recently.
 *
 * Two generations: a hit in the young one costs one map lookup and moves nothing; when the young one is full it
 * becomes the old one, and what is not asked for again is forgotten. Holds at most twice `size` entries.
 */
export class RecentCache<K, V> {
  readonly #size: number
  #young = new Map<K, V>()
  #old = new Map<K, V>()

  constructor (size: number) {
    this.#size = size
  }

  get (key: K): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set (key: K, value: V): void {
    if (this.#young.size >= this.#size && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  delete (key: K): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}
