/** A binary heap: the item that goes before all others is at the top. */

export class Heap<T> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  constructor (before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  peek (): T | undefined {
    return this.#items[0]
  }

  push (item: T): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!this.#before(item, items[above]!)) break
      items[at] = items[above]!
      at = above
    }
    items[at] = item
  }

  pop (): T | undefined {
    const top = this.#items[0]
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) this.#sink(last)
    return top
  }

  /** Puts the item at the top and lets it sink to its place. */
  #sink (item: T): void {
    const items = this.#items
    let at = 0
    for (let below = 1; below < items.length; below = 2 * at + 1) {
      if (below + 1 < items.length && this.#before(items[below + 1]!, items[below]!)) below++
      if (!this.#before(items[below]!, item)) break
      items[at] = items[below]!
      at = below
    }
    items[at] = item
  }
}
