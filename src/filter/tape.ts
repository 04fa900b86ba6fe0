/**
 * The tape: what one walk over a report's bytes leaves behind, an entry a place, for every recipient to go over.
 *
 * Containers and the leaves within them, in the report's order; of what no report type lists only what bears on others.
 * Spans are of the walked bytes. Overwritten by the next walk.
 */

import type { TextFacts } from '../guard/text-memory.js'
import type { FieldNode } from './field-node.js'

export const OBJECT = 1
export const ARRAY = 2
export const CLOSE = 3
export const TEXT = 4
export const NUMBER = 5
export const TRUE = 6
export const FALSE = 7
export const NULL = 8
/** All items of an array, which are numbers in the spelling of JSON with nothing but commas between. */
export const NUMBERS = 9

export const MOST_ENTRIES = 16_384
/** Of all arrays of a report that is as long as a report may be. */
export const MOST_ITEMS = 131_080

export class Tape {
  length = 0
  readonly kinds: Uint8Array = new Uint8Array(MOST_ENTRIES)
  readonly nodes: FieldNode[] = []
  /** Of a text between its quotes, of anything else as a whole. */
  readonly starts: Int32Array = new Int32Array(MOST_ENTRIES)
  readonly ends: Int32Array = new Int32Array(MOST_ENTRIES)
  readonly numbers: Float64Array = new Float64Array(MOST_ENTRIES)
  /** A number that is spelled as JSON writes it; a text that holds an escape; an array that holds an unclassified scalar. */
  readonly flags: Uint8Array = new Uint8Array(MOST_ENTRIES)
  readonly facts: (TextFacts | undefined)[] = []
  /** Of a container, the entry that closes it. */
  readonly closes: Int32Array = new Int32Array(MOST_ENTRIES)
  /** Of a member; -1 for an item and the root. */
  readonly keyStarts: Int32Array = new Int32Array(MOST_ENTRIES)
  readonly keyEnds: Int32Array = new Int32Array(MOST_ENTRIES)
  /** Of a key that is itself a classified value. */
  readonly keyFacts: (TextFacts | undefined)[] = []
  /** The items of `NUMBERS`, and where those of an entry begin and end. */
  readonly items: Float64Array = new Float64Array(MOST_ITEMS)
  readonly firstItems: Int32Array = new Int32Array(MOST_ENTRIES)
  readonly endItems: Int32Array = new Int32Array(MOST_ENTRIES)
  itemsLength = 0

  clear (): void {
    this.length = this.itemsLength = 0
  }

  /** The entry, `MOST_ENTRIES` where there is no room for it. */
  put (kind: number, node: FieldNode, keyStart: number, keyEnd: number, keyFacts: TextFacts | undefined): number {
    const entry = this.length
    if (entry >= MOST_ENTRIES - 1) return MOST_ENTRIES
    this.length = entry + 1
    this.kinds[entry] = kind
    this.nodes[entry] = node
    this.flags[entry] = 0
    this.facts[entry] = undefined
    this.keyStarts[entry] = keyStart
    this.keyEnds[entry] = keyEnd
    this.keyFacts[entry] = keyFacts
    return entry
  }

  /** False where there is no room. */
  close (open: number, node: FieldNode): boolean {
    const entry = this.put(CLOSE, node, -1, -1, undefined)
    if (entry === MOST_ENTRIES) return false
    this.closes[open] = entry
    this.closes[entry] = open
    return true
  }
}
