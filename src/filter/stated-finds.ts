/** What a report states of its own device: its firmware, and the addresses that stand beside its id. */

import { fit } from '../classify/fit.js'
import type { Found } from '../guard/finder.js'
import type { TextMemory } from '../guard/text-memory.js'
import { plainUseOf, rawUseOf } from './raw-use.js'
import type { Walk } from './walk.js'

const NO_TEXTS: readonly string[] = []
const NO_ADDRESSES: readonly Found[] = []
/** Under which a text's facts remember it. */
const AS_FIRMWARE = {}

export class StatedFinds {
  readonly #memory: TextMemory

  constructor (memory: TextMemory) {
    this.#memory = memory
  }

  /** As `firmwareTexts` in classify/walk.ts. */
  firmwareIn (walk: Walk): readonly string[] {
    const { firmware } = walk
    if (firmware.length === 0) return NO_TEXTS
    if (firmware.length === 1) return this.#firmwareAt(walk, firmware[0]!)
    return firmware.flatMap(entry => this.#firmwareAt(walk, entry))
  }

  /** As `statedAddresses` in pipeline.ts: the object that begins first, first. */
  addressesIn ({ stated, tape, window: { bytes } }: Walk): readonly Found[] {
    if (stated.length === 0) return NO_ADDRESSES
    if (stated.length > 1) stated.sort((a, b) => a.order - b.order)
    const found = new Map<string, Found>()
    const meant: Found[] = []
    for (const { entries } of stated) {
      for (const entry of entries) {
        const facts = tape.facts[entry]
        const use = facts === undefined ? plainUseOf(bytes, tape.starts[entry]!, tape.ends[entry]!) : rawUseOf(facts, tape.nodes[entry]!.field!)
        for (const one of use.found) found.set(one.canonical, one)
        meant.push(...use.meant)
      }
    }
    return [...found.values(), ...meant]
  }

  #firmwareAt ({ tape, window: { bytes, view } }: Walk, entry: number): readonly string[] {
    const start = tape.starts[entry]!
    const end = tape.ends[entry]!
    const field = tape.nodes[entry]!.field!
    const facts = tape.facts[entry] ?? this.#memory.at(bytes, view, start, end, undefined, tape.flags[entry] === 1)
    const known = facts.attachedTo(AS_FIRMWARE) as { field: object, texts: readonly string[] } | undefined
    if (known?.field === field) return known.texts
    const plain = fit(facts.value, field)
    const texts = typeof plain === 'string' ? [plain] : NO_TEXTS
    if (known === undefined) facts.attach(AS_FIRMWARE, { field, texts })
    return texts
  }
}
