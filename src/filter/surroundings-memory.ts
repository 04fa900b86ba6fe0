/** What the surroundings of a report tell of addresses. A device's connection tells the same with every report. */

import type { OwnPart } from '../guard/own-addresses.js'
import type { TextMemory } from '../guard/text-memory.js'

const MOST_DEVICES = 4096

export interface Surroundings {
  readonly texts: readonly string[]
  readonly own: readonly OwnPart[]
  /** Extra work taken, see guard/views.ts. */
  readonly extra: number
}

export class SurroundingsMemory {
  readonly #memory: TextMemory
  readonly #devices = new Map<string, Surroundings>()

  constructor (memory: TextMemory) {
    this.#memory = memory
  }

  forget (): void {
    this.#devices.clear()
  }

  /** Undefined where not all addresses could be found. */
  of (device: string, texts: readonly string[]): Surroundings | undefined {
    const known = this.#devices.get(device)
    if (known !== undefined && isSame(known.texts, texts)) return known
    const all = texts.map(text => this.#memory.ofText(text).raw)
    if (all.some(({ isTooMuch }) => isTooMuch)) return undefined
    const found = { texts, own: all.filter(({ found }) => found.length > 0).map(({ own }) => own), extra: all.reduce((sum, { extra }) => sum + extra, 0) }
    if (this.#devices.size >= MOST_DEVICES) this.#devices.clear()
    this.#devices.set(device, found)
    return found
  }
}

function isSame (a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
