/**
 * A memory of verdicts on short texts: what a screen said of the very same bytes before, without a word of anything else.
 *
 * The verdict must follow from the bytes alone. It is found by a hash and holds only where all bytes are the same, so a
 * clash costs a second screening and no more. Of fixed size, in two places a hash; nothing is allocated. It lives in
 * memory alone and is emptied whenever its owner says so.
 */

import { areSame, copyWords, hashOf, newWindow } from './words.js'

const PLACES = 16_384
const SLOT = 64
const SHORTEST = 4
const LONGEST = SLOT
/** Verdicts are 0–3; a place that is taken has a bit more. */
const TAKEN = 8

/** What a screen says of the bytes from `start` to `end`, of which `classes` are those of all together: 0–3. */
export type Screen = (bytes: Uint8Array, start: number, end: number, classes: number) => number

export class LevelMemory {
  readonly #screen: Screen
  readonly #slots = newWindow(PLACES * SLOT)
  readonly #lengths = new Uint8Array(PLACES)
  readonly #verdicts = new Uint8Array(PLACES)
  /** Which of two places gives way. */
  #turn = 0

  constructor (screen: Screen) {
    this.#screen = screen
  }

  forget (): void {
    this.#verdicts.fill(0)
    this.#slots.bytes.fill(0)
  }

  /** `view` is of the same bytes, with room behind `end` (words.ts). */
  at (bytes: Uint8Array, view: DataView, start: number, end: number, classes: number): number {
    const length = end - start
    if (length < SHORTEST || length > LONGEST) return this.#screen(bytes, start, end, classes)
    const place = hashOf(view, start, length) & (PLACES - 1)
    if (this.#isAt(place, view, start, length)) return this.#verdicts[place]! - TAKEN
    if (this.#isAt(place ^ 1, view, start, length)) return this.#verdicts[place ^ 1]! - TAKEN
    const verdict = this.#screen(bytes, start, end, classes)
    const taken = this.#verdicts[place] === 0 ? place : this.#verdicts[place ^ 1] === 0 ? place ^ 1 : place ^ (this.#turn ^= 1)
    copyWords(view, start, this.#slots.view, taken * SLOT, length)
    this.#lengths[taken] = length
    this.#verdicts[taken] = verdict + TAKEN
    return verdict
  }

  #isAt (place: number, view: DataView, start: number, length: number): boolean {
    return this.#verdicts[place] !== 0 && this.#lengths[place] === length && areSame(this.#slots.view, place * SLOT, view, start, length)
  }
}
