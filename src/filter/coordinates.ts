/** Coordinates that wait until the object that holds them closes, to be put on the grid together, as minimize.ts pairs them. */

import type { TextMemory } from '../guard/text-memory.js'
import { gridCells } from '../minimize/minimize.js'
import type { ReportLeaf } from '../model/report.js'
import type { LeafJudge } from './judge-leaf.js'
import { outcomeOfResult, suppressedAs, type Outcome } from './outcome.js'
import type { Pair, RecipientPlan } from './recipient-plan.js'
import { NUMBER } from './tape.js'
import type { Walk } from './walk.js'

const MOST_REMEMBERED = 512

export interface Paired {
  readonly entries: readonly number[]
  readonly outcomes: readonly Outcome[]
}

export class Coordinates {
  readonly #walk: Walk
  readonly #memory: TextMemory
  readonly #leaves: LeafJudge
  readonly #entries: number[] = []
  readonly #depths: number[] = []

  constructor (walk: Walk, memory: TextMemory, leaves: LeafJudge) {
    this.#walk = walk
    this.#memory = memory
    this.#leaves = leaves
  }

  /** Those that wait. */
  get count (): number {
    return this.#entries.length
  }

  clear (): void {
    if (this.#entries.length > 0) this.#entries.length = this.#depths.length = 0
  }

  wait (entry: number, depth: number): void {
    this.#entries.push(entry)
    this.#depths.push(depth)
  }

  /** Of the object at that depth; undefined where none of its coordinates wait. */
  pair (depth: number, plan: RecipientPlan): Paired | undefined {
    let first = this.#depths.length
    while (first > 0 && this.#depths[first - 1] === depth) first--
    if (first === this.#depths.length) return undefined
    const entries = this.#entries.slice(first)
    this.#entries.length = this.#depths.length = first
    const { kinds } = this.#walk.tape
    const isPlain = entries.length === 2 && kinds[entries[0]!] === NUMBER && kinds[entries[1]!] === NUMBER
    return { entries, outcomes: isPlain ? this.#remembered(entries, plan) : this.#cellsOf(entries, plan) }
  }

  #remembered (entries: readonly number[], plan: RecipientPlan): readonly Outcome[] {
    const { numbers, nodes } = this.#walk.tape
    const [first, second] = entries as [number, number]
    const { pairs } = plan.actions[nodes[first]!.index]!
    const partner = nodes[second]!.index
    const bySecond = pairs.get(numbers[first]!)
    const known = bySecond?.get(numbers[second]!)
    if (known?.partner === partner) return known.outcomes
    const outcomes = this.#cellsOf(entries, plan)
    if (pairs.size >= MOST_REMEMBERED || (bySecond?.size ?? 0) >= MOST_REMEMBERED) pairs.clear()
    pairs.set(numbers[first]!, (bySecond ?? new Map<number, Pair>()).set(numbers[second]!, { partner, outcomes }))
    return outcomes
  }

  #cellsOf (entries: readonly number[], plan: RecipientPlan): readonly Outcome[] {
    const { tape } = this.#walk
    const leaves = entries.map((entry): ReportLeaf => ({ kind: 'leaf', value: tape.kinds[entry] === NUMBER ? tape.numbers[entry]! : this.#leaves.factsOf(entry).value, field: tape.nodes[entry]!.field, fits: true }))
    const cells = gridCells({ kind: 'object', entries: leaves.map(node => ({ key: '', keyField: undefined, keyFits: true, node })) }, plan.plan)
    return leaves.map(leaf => {
      const cell = cells.get(leaf)
      return cell === undefined ? suppressedAs('unpaired') : outcomeOfResult(cell, leaf.field!, this.#memory)
    })
  }
}
