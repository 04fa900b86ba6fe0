/** Leaves of a report that no field covers: where in the report type they stand, and their JSON. */

import { valueForm } from '../classify/value-form.js'
import type { UnclassifiedLeaves } from '../model/judged.js'
import type { FieldNode } from './field-node.js'
import { scalarAt } from './scalar-at.js'

const NO_PATHS: ReadonlyMap<string, UnclassifiedLeaves> = new Map()

export class Unclassified {
  readonly #nodes: FieldNode[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []

  get count (): number {
    return this.#nodes.length
  }

  clear (): void {
    if (this.#nodes.length > 0) this.#nodes.length = this.#starts.length = this.#ends.length = 0
  }

  note (node: FieldNode, start: number, end: number): void {
    this.#nodes.push(node)
    this.#starts.push(start)
    this.#ends.push(end)
  }

  /** As `unclassifiedPaths` in classify/walk.ts: places that are shown alike are one. */
  paths (bytes: Uint8Array): ReadonlyMap<string, UnclassifiedLeaves> {
    if (this.#nodes.length === 0) return NO_PATHS
    const found = new Map<string, UnclassifiedLeaves>()
    this.#nodes.forEach(({ shown }, i) => {
      const leaves = found.get(shown) ?? { count: 0, forms: new Set() }
      leaves.count++
      leaves.forms.add(valueForm(scalarAt(bytes, this.#starts[i]!, this.#ends[i]!)))
      found.set(shown, leaves)
    })
    return found
  }
}
