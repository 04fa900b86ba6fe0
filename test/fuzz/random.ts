/** Numbers that look random and come again for the same seed. */

export class Random {
  #state: number

  constructor (seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 up to, not including, `below`; 0 where that is 0. */
  below (below: number): number {
    return Math.floor(this.#next() / 0x1_0000_0000 * below)
  }

  pick<T> (choices: readonly T[]): T {
    if (choices.length === 0) throw new TypeError('nothing to pick from')
    return choices[this.below(choices.length)] as T
  }

  chance (oneIn: number): boolean {
    return this.below(oneIn) === 0
  }

  bytes (count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256))
  }

  /** mulberry32. */
  #next (): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
