/** Keys that no report type knows, of the objects around: each stands once in its object. */

import { areSame } from '../guard/words.js'

/** Members of one object whose keys no report type knows. */
const MOST = 64

export class UnknownKeys {
  readonly #starts: number[] = []
  readonly #ends: number[] = []

  /** Of all objects around. An object's own begin where it stood when the object began. */
  get count (): number {
    return this.#starts.length
  }

  /** An object ends: back to those around it. */
  forgetFrom (first: number): void {
    if (this.#starts.length > first) this.#starts.length = this.#ends.length = first
  }

  /** False: the object has it already, or too many. */
  take (view: DataView, start: number, end: number, first: number): boolean {
    const count = this.#starts.length
    if (count - first >= MOST) return false
    for (let k = first; k < count; k++) {
      const other = this.#starts[k]!
      if (this.#ends[k]! - other === end - start && areSame(view, other, view, start, end - start)) return false
    }
    this.#starts.push(start)
    this.#ends.push(end)
    return true
  }
}
