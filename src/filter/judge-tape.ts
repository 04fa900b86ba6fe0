/**
 * The tape and one recipient's plan → what becomes of every leaf and classified key, and the counts of what stays.
 *
 * As minimize, screen and settleShape of the reference do it, in one pass. Where the reference would have to look more
 * closely (an address was found, keys became equal), the pass gives up.
 */

import { isClear } from '../guard/known-here.js'
import type { Asked } from '../guard/questions.js'
import type { TextMemory } from '../guard/text-memory.js'
import type { SuppressedCount } from '../model/judged.js'
import type { SuppressedReason } from '../model/reasons.js'
import { Coordinates } from './coordinates.js'
import type { JudgeParts } from './judge-parts.js'
import { LeafJudge } from './judge-leaf.js'
import { COPIED, COUNTED, LISTED, suppressedAs, type Outcome } from './outcome.js'
import type { Action, RecipientPlan } from './recipient-plan.js'
import { SuppressedCounts, slotOf } from './suppressed-counts.js'
import { ARRAY, CLOSE, MOST_ENTRIES, MOST_ITEMS, NUMBERS, OBJECT } from './tape.js'
import type { Walk } from './walk.js'

const MOST_DEPTH = 80

export class TapeJudge {
  /** By entry; undefined where the leaf stays. */
  readonly outcomes: (Outcome | undefined)[] = new Array<Outcome | undefined>(MOST_ENTRIES)
  readonly keyOutcomes: (Outcome | undefined)[] = new Array<Outcome | undefined>(MOST_ENTRIES)
  /** By item, of entries that are `LISTED`. */
  readonly itemOutcomes: Outcome[] = []
  readonly leaves: LeafJudge
  readonly numbers: Float64Array
  /** By item, of entries that are `COUNTED`. */
  readonly items = new Float64Array(MOST_ITEMS)
  /** Texts that leave as numbers, with their counts. */
  numeric: Map<string, number> | undefined
  extra = 0
  readonly #walk: Walk
  readonly #counts: SuppressedCounts
  readonly #coordinates: Coordinates
  readonly #broken = new Uint8Array(MOST_DEPTH)
  readonly #arrays = new Uint8Array(MOST_DEPTH)

  constructor (walk: Walk, memory: TextMemory, categories: readonly string[]) {
    this.#walk = walk
    this.leaves = new LeafJudge(walk, memory)
    this.numbers = this.leaves.numbers
    this.#counts = new SuppressedCounts(categories)
    this.#coordinates = new Coordinates(walk, memory, this.leaves)
  }

  /** False: the report has to go the long way. */
  judge (plan: RecipientPlan, parts: JudgeParts): boolean {
    const { tape } = this.#walk
    const { kinds, nodes, closes, keyStarts, length } = tape
    const { actions } = plan
    const { outcomes, keyOutcomes } = this
    this.extra = 0
    this.numeric = undefined
    this.#counts.clear()
    this.#coordinates.clear()
    let depth = 0
    this.#arrays[0] = this.#broken[0] = 0
    for (let i = 0; i < length; i++) {
      const kind = kinds[i]!
      if (kind === CLOSE) {
        if (this.#arrays[depth] === 1) {
          // what would have left is searched by the reference, before it goes with the others
          if (this.#broken[depth] === 1 && this.#isAnyLeft(closes[i]! + 1, i)) return false
        } else if (this.#coordinates.count > 0 && !this.#pairCoordinates(depth, plan, parts)) {
          return false
        }
        depth--
        continue
      }
      const node = nodes[i]!
      if (node.keyed !== undefined && keyStarts[i] !== -1) {
        const action = actions[node.keyed.index]!
        const outcome = action.reason === undefined ? this.#keyOutcome(i, action, parts) : suppressedAs(action.reason)
        if (outcome === undefined) return false
        if (outcome.reason !== undefined) {
          keyOutcomes[i] = undefined
          const last = kind === OBJECT || kind === ARRAY ? closes[i]! : i
          this.#count(action, outcome.reason, 1)
          if (!this.#suppressBelow(i, last, plan, parts, outcome.reason)) return false
          i = last
          continue
        }
        keyOutcomes[i] = outcome
      } else {
        keyOutcomes[i] = COPIED
      }
      if (kind === OBJECT || kind === ARRAY) {
        depth++
        this.#arrays[depth] = kind === ARRAY ? 1 : 0
        this.#broken[depth] = tape.flags[i]!
        continue
      }
      const action = actions[node.index]!
      if (action.reason !== undefined) {
        this.#counts.add(action.slot, kind === NUMBERS ? tape.endItems[i]! - tape.firstItems[i]! : 1)
      } else if (kind === NUMBERS) {
        if (!this.#judgeItems(i, action, parts)) return false
        if (outcomes[i] !== undefined) continue
      } else {
        const outcome = this.leaves.outcome(i, kind, action, parts)
        if (outcome === undefined) return false
        if (outcome.reason === undefined) {
          outcomes[i] = outcome
          if (outcome.asked !== undefined && !this.#isClear(outcome.asked, parts)) return false
          if (outcome.numericText !== undefined) this.#passNumber(outcome.numericText)
          continue
        }
        if (outcome.reason === 'unpaired' && this.#arrays[depth] === 0) {
          // settled where the object closes
          outcomes[i] = undefined
          this.#coordinates.wait(i, depth)
          continue
        }
        this.#count(action, outcome.reason, 1)
      }
      outcomes[i] = undefined
      this.#broken[depth] = 1
    }
    return true
  }

  /** What stayed, unclassified leaves included. */
  suppressed ({ lastCounts }: RecipientPlan): readonly SuppressedCount[] {
    return this.#counts.list(lastCounts, this.#walk.unclassified.count)
  }

  /** Numbers of one array: all of them leave, or none; false where only some would. */
  #judgeItems (i: number, action: Action, parts: JudgeParts): boolean {
    const { tape } = this.#walk
    if (action.number === 'copy') {
      this.outcomes[i] = COPIED
      return true
    }
    const first = tape.firstItems[i]!
    const end = tape.endItems[i]!
    let counted = 0
    let suppressed = 0
    for (let k = first; k < end; k++) {
      const outcome = this.leaves.numberOutcome(tape.items[k]!, true, action, parts)
      this.itemOutcomes[k] = outcome
      if (outcome === COUNTED) {
        counted++
        this.items[k] = this.leaves.counted
      } else if (outcome.reason !== undefined) {
        suppressed++
        this.#count(action, outcome.reason, 1)
      }
    }
    if (suppressed !== 0 && suppressed !== end - first) return false
    this.outcomes[i] = suppressed !== 0 ? undefined : counted === end - first ? COUNTED : LISTED
    return true
  }

  #keyOutcome (i: number, action: Action, parts: JudgeParts): Outcome | undefined {
    const outcome = this.leaves.keyOutcome(i, action, parts)
    return outcome?.asked !== undefined && !this.#isClear(outcome.asked, parts) ? undefined : outcome
  }

  /** A key stays, and all below it: for its own reason, or for the key's. */
  #suppressBelow (first: number, last: number, plan: RecipientPlan, parts: JudgeParts, reason: SuppressedReason): boolean {
    const { tape } = this.#walk
    for (let i = first; i <= last; i++) {
      this.outcomes[i] = undefined
      const kind = tape.kinds[i]!
      const node = tape.nodes[i]!
      if (i > first && kind !== CLOSE && node.keyed !== undefined && tape.keyStarts[i] !== -1) return false
      if (kind === CLOSE || kind === OBJECT || kind === ARRAY) continue
      const action = plan.actions[node.index]!
      if (action.isGrid) return false
      if (kind === NUMBERS) this.#suppressItems(i, action, parts, reason)
      else this.#count(action, action.reason ?? this.leaves.outcome(i, kind, action, parts)?.reason ?? reason, 1)
    }
    return true
  }

  #suppressItems (i: number, action: Action, parts: JudgeParts, reason: SuppressedReason): void {
    const { firstItems, endItems, items } = this.#walk.tape
    for (let k = firstItems[i]!; k < endItems[i]!; k++) this.#count(action, action.reason ?? this.leaves.numberOutcome(items[k]!, true, action, parts).reason ?? reason, 1)
  }

  #isAnyLeft (first: number, end: number): boolean {
    const { tape } = this.#walk
    for (let i = first; i < end; i++) {
      const kind = tape.kinds[i]!
      if (kind === CLOSE) continue
      if (tape.nodes[i]!.keyed !== undefined && tape.keyStarts[i] !== -1 && this.keyOutcomes[i] !== undefined) return true
      if (kind !== OBJECT && kind !== ARRAY && this.outcomes[i] !== undefined) return true
    }
    return false
  }

  #count ({ place }: Action, reason: SuppressedReason, count: number): void {
    this.#counts.add(slotOf(place, reason), count)
  }

  #isClear (asked: Asked, { known }: JudgeParts): boolean {
    this.extra += asked.extra
    return isClear(asked, known)
  }

  #passNumber (text: string): void {
    this.numeric ??= new Map()
    this.numeric.set(text, (this.numeric.get(text) ?? 0) + 1)
  }

  /** Coordinates that wait in the object that closes: put on the grid together, or left alone. */
  #pairCoordinates (depth: number, plan: RecipientPlan, parts: JudgeParts): boolean {
    const paired = this.#coordinates.pair(depth, plan)
    if (paired === undefined) return true
    let isClearAll = true
    for (let k = 0; k < paired.entries.length; k++) {
      const entry = paired.entries[k]!
      const outcome = paired.outcomes[k]!
      const { asked, numericText, reason } = outcome
      if (reason === undefined) this.outcomes[entry] = outcome
      else this.#count(plan.actions[this.#walk.tape.nodes[entry]!.index]!, reason, 1)
      if (reason === undefined && numericText !== undefined) this.#passNumber(numericText)
      if (asked !== undefined && !this.#isClear(asked, parts)) isClearAll = false
    }
    return isClearAll
  }
}
