/** How much a text can hold, as the prescreen says or a little less, at the least cost: from sums, from memory, and else by the prescreen. */

import { LevelMemory } from './level-memory.js'
import { MAYBE, prescreen } from './prescreen.js'
import { quickLevel } from './quick-screen.js'

const UUID = 36
const PLAIN_TIME = 19
const DASH = 0x2d

export class TextLevels {
  readonly #memory = new LevelMemory(prescreen)

  forget (): void {
    this.#memory.forget()
  }

  /** Of a text without a backslash; `classes` and `counts` of all its bytes together (byte-classes.ts), `view` of the same bytes, with room behind (words.ts). */
  at (bytes: Uint8Array, view: DataView, start: number, end: number, classes: number, counts: number): number {
    const length = end - start
    const quick = quickLevel(classes, counts, length)
    if (quick !== MAYBE) return quick
    // new in every report, and soon told
    if ((length === UUID && bytes[start + 8] === DASH) || (length === PLAIN_TIME && bytes[start + 4] === DASH)) return prescreen(bytes, start, end, classes)
    return this.#memory.at(bytes, view, start, end, classes)
  }
}
