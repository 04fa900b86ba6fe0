/**
 * The tape and one recipient's plan → what becomes of every leaf and classified key, and the counts of what stays.
 *
 * As minimize, screen and settleShape of the reference do it, in one pass. Where the reference would have to look more
 * closely (an address was found, keys became equal), the pass gives up.
 */

import type { KnownHere } from '../guard/byte-look.js'
import { isAnswered, type Asked } from '../guard/questions.js'
import { classesOf } from '../guard/prescreen.js'
import type { TextFacts, TextMemory } from '../guard/text-memory.js'
import { gridCells } from '../minimize/minimize.js'
import type { PseudonymKeys } from '../minimize/pseudonym.js'
import type { MinimizeContext } from '../minimize/transform.js'
import type { SuppressedCount } from '../model/judged.js'
import type { SuppressedReason } from '../model/reasons.js'
import type { ReportLeaf } from '../model/report.js'
import { outcomeOf, outcomeOfKey, outcomeOfResult, suppressedAs, type Outcome } from './outcome.js'
import type { PseudonymScopes } from './pseudonym-scope.js'
import type { Action, Pair, RecipientPlan } from './recipient-plan.js'
import { ARRAY, CLOSE, FALSE, MOST_ENTRIES, NULL, NUMBER, OBJECT, TEXT, TRUE } from './tape.js'
import type { Walk } from './walk.js'

const NONE = new Uint8Array(0)
/** The value leaves as its bytes stand. */
export const COPIED: Outcome = { reason: undefined, bytes: NONE, asked: undefined, numericText: undefined }
/** A number leaves as `numbers` says. */
export const COUNTED: Outcome = { reason: undefined, bytes: NONE, asked: undefined, numericText: undefined }

const REASONS: readonly SuppressedReason[] = ['unclassified', 'type-mismatch', 'not-allowed', 'never-disclosed', 'rule', 'address', 'array', 'unpaired', 'minor', 'opt-out-signal', 'notice-version', 'consent-unset', 'consent-denied', 'consent-withdrawn', 'consent-expired']
const REASON_INDEX = new Map(REASONS.map((reason, i) => [reason, i]))
const MOST_REMEMBERED = 512
const MOST_DEPTH = 80

/** What a recipient's judgement needs beside its plan. */
export interface JudgeParts {
  readonly known: KnownHere
  readonly nowMs: number
  readonly scopes: PseudonymScopes
  /** Undefined until a pseudonym is needed. */
  readonly keys: () => PseudonymKeys
}

export class TapeJudge {
  /** By entry; undefined where the leaf stays. */
  readonly outcomes: (Outcome | undefined)[] = new Array<Outcome | undefined>(MOST_ENTRIES)
  readonly keyOutcomes: (Outcome | undefined)[] = new Array<Outcome | undefined>(MOST_ENTRIES)
  readonly numbers = new Float64Array(MOST_ENTRIES)
  /** Texts that leave as numbers, with their counts. */
  numeric: Map<string, number> | undefined
  extra = 0
  readonly #walk: Walk
  readonly #memory: TextMemory
  readonly #categories: readonly string[]
  readonly #counts: Int32Array
  readonly #counted: number[] = []
  readonly #broken = new Uint8Array(MOST_DEPTH)
  readonly #arrays = new Uint8Array(MOST_DEPTH)
  readonly #gridEntries: number[] = []
  readonly #gridDepths: number[] = []

  constructor (walk: Walk, memory: TextMemory, categories: readonly string[]) {
    this.#walk = walk
    this.#memory = memory
    this.#categories = categories
    this.#counts = new Int32Array(categories.length * REASONS.length)
  }

  /** False: the report has to go the long way. */
  judge (plan: RecipientPlan, parts: JudgeParts): boolean {
    const { tape } = this.#walk
    const { actions } = plan
    const { outcomes, keyOutcomes } = this
    this.extra = 0
    this.numeric = undefined
    for (const slot of this.#counted) this.#counts[slot] = 0
    this.#counted.length = this.#gridEntries.length = this.#gridDepths.length = 0
    let depth = 0
    this.#arrays[0] = this.#broken[0] = 0
    for (let i = 0; i < tape.length; i++) {
      const kind = tape.kinds[i]!
      if (kind === CLOSE) {
        if (this.#arrays[depth] === 1) {
          // what would have left is searched by the reference, before it goes with the others
          if (this.#broken[depth] === 1 && this.#isAnyLeft(tape.closes[i]! + 1, i)) return false
        } else if (this.#gridDepths.length > 0 && !this.#pairCoordinates(depth, plan, parts)) {
          return false
        }
        depth--
        continue
      }
      const node = tape.nodes[i]!
      if (node.keyed !== undefined && tape.keyStarts[i] !== -1) {
        const action = actions[node.keyed.index]!
        const outcome = action.reason === undefined ? this.#keyOutcome(i, action, plan, parts) : suppressedAs(action.reason)
        if (outcome === undefined) return false
        if (outcome.reason !== undefined) {
          keyOutcomes[i] = undefined
          const last = kind === OBJECT || kind === ARRAY ? tape.closes[i]! : i
          this.#count(action.place, REASON_INDEX.get(outcome.reason)!)
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
      if (action.reason === undefined) {
        const outcome = this.#leafOutcome(i, kind, action, plan, parts)
        if (outcome === undefined) return false
        if (outcome.reason === undefined) {
          outcomes[i] = outcome
          if (outcome.asked !== undefined && !this.#isClear(outcome.asked, parts.known)) return false
          if (outcome.numericText !== undefined) this.#passNumber(outcome.numericText)
          continue
        }
        if (outcome.reason === 'unpaired' && this.#arrays[depth] === 0) {
          // settled where the object closes
          outcomes[i] = undefined
          this.#gridEntries.push(i)
          this.#gridDepths.push(depth)
          continue
        }
        this.#count(action.place, REASON_INDEX.get(outcome.reason)!)
      } else {
        this.#count(action.place, REASON_INDEX.get(action.reason)!)
      }
      outcomes[i] = undefined
      this.#broken[depth] = 1
    }
    return true
  }

  /** What stayed, unclassified leaves included. */
  suppressed (): SuppressedCount[] {
    const list: SuppressedCount[] = []
    const { length } = this.#walk.unclassifiedAt
    if (length > 0) list.push({ category: 'unclassified', reason: 'unclassified', count: length })
    for (const slot of this.#counted) {
      list.push({ category: this.#categories[Math.floor(slot / REASONS.length)]!, reason: REASONS[slot % REASONS.length]!, count: this.#counts[slot]! })
    }
    return list
  }

  #leafOutcome (i: number, kind: number, action: Action, plan: RecipientPlan, parts: JudgeParts): Outcome | undefined {
    switch (kind) {
      case TEXT: return this.#textOutcome(i, action, plan, parts)
      case NUMBER: return this.#numberOutcome(i, action, plan, parts)
      case TRUE:
      case FALSE: return action.boolean === 'copy' ? COPIED : this.#asked(kind === TRUE, action, plan, parts)
      case NULL: return suppressedAs('type-mismatch')
      default: return undefined
    }
  }

  #textOutcome (i: number, action: Action, plan: RecipientPlan, parts: JudgeParts): Outcome | undefined {
    const { tape } = this.#walk
    if (action.text === 'copy' && tape.flags[i] === 0 && !action.field.category.freeText) return COPIED
    const own = this.#factsOf(i)
    const key = action.text === 'pseudonym' && action.field.encoding === undefined ? parts.scopes.at(action.field.category.name, epochOf(action), parts.nowMs, parts.keys()) : action
    const known = own.attachedTo(key) as Outcome | undefined
    if (known !== undefined) return known
    const outcome = this.#asked(own.value, action, plan, parts)
    if (key !== action || action.text !== 'pseudonym') own.attach(key, outcome)
    return outcome
  }

  #factsOf (i: number): TextFacts {
    const { tape, bytes } = this.#walk
    const [start, end] = [tape.starts[i]!, tape.ends[i]!]
    tape.facts[i] ??= this.#memory.at(bytes, start, end, classesOf(bytes, start, end), tape.flags[i] === 1)
    return tape.facts[i]
  }

  #numberOutcome (i: number, action: Action, plan: RecipientPlan, parts: JudgeParts): Outcome {
    const { tape } = this.#walk
    const value = tape.numbers[i]!
    if (action.number === 'copy') {
      if (tape.flags[i] === 1) return COPIED
    } else if (action.number === 'round') {
      const quotient = value / action.step
      const whole = Math.floor(quotient)
      // beyond these the reference's way of taking off the noise of floating point may tell
      if (quotient - whole < 1 - 1e-4 && whole > -1e7 && whole < 1e7 && Math.abs(whole * action.step) < 1e12) {
        this.numbers[i] = whole * action.step
        return COUNTED
      }
    } else if (action.number === 'round-time') {
      if (value >= 0 && value <= 1e11 && Number.isInteger(value)) {
        this.numbers[i] = Math.floor(value / action.step) * action.step
        return COUNTED
      }
    } else if (action.number === 'pseudonym') {
      return this.#asked(value, action, plan, parts)
    }
    const known = action.numbers.get(value)
    if (known !== undefined) return known
    const outcome = this.#asked(value, action, plan, parts)
    if (action.transform.kind === 'pseudonymize') return outcome
    if (action.numbers.size >= MOST_REMEMBERED) action.numbers.clear()
    action.numbers.set(value, outcome)
    return outcome
  }

  #keyOutcome (i: number, action: Action, plan: RecipientPlan, parts: JudgeParts): Outcome | undefined {
    const { kind } = action.transform
    // other transforms may make two keys equal, or a key a number
    if ((kind !== 'keep' && kind !== 'pseudonymize') || action.field.encoding !== undefined) return undefined
    const facts = this.#walk.tape.keyFacts[i]!
    const key = kind === 'pseudonymize' ? parts.scopes.at(action.field.category.name, epochOf(action), parts.nowMs, parts.keys()) : action
    // a text may stand as a key and as a value
    const known = facts.attachedTo(key) as Outcome | undefined
    const outcome = known ?? outcomeOfKey(facts.value, action.field, action.transform, contextOf(plan, parts), this.#memory)
    if (known === undefined) facts.attach(key, outcome)
    if (outcome.asked !== undefined && !this.#isClear(outcome.asked, parts.known)) return undefined
    return outcome
  }

  #asked (value: string | number | boolean, { field, transform }: Action, plan: RecipientPlan, parts: JudgeParts): Outcome {
    return outcomeOf(value, field, transform, contextOf(plan, parts), this.#memory)
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
      const own = action.reason ?? this.#leafOutcome(i, kind, action, plan, parts)?.reason
      this.#count(action.place, REASON_INDEX.get(own ?? reason)!)
    }
    return true
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

  #count (place: number, reason: number): void {
    const slot = place * REASONS.length + reason
    const count = this.#counts[slot]!
    if (count === 0) this.#counted.push(slot)
    this.#counts[slot] = count + 1
  }

  #isClear ({ isTold, questions, extra }: Asked, { own, registry }: KnownHere): boolean {
    this.extra += extra
    return !isTold && (questions === undefined || !isAnswered(questions, own, registry))
  }

  #passNumber (text: string): void {
    this.numeric ??= new Map()
    this.numeric.set(text, (this.numeric.get(text) ?? 0) + 1)
  }

  /** Coordinates that wait in the object that closes: put on the grid together, or left alone. */
  #pairCoordinates (depth: number, plan: RecipientPlan, parts: JudgeParts): boolean {
    const { tape } = this.#walk
    let count = 0
    while (count < this.#gridDepths.length && this.#gridDepths[this.#gridDepths.length - 1 - count] === depth) count++
    if (count === 0) return true
    const entries = this.#gridEntries.splice(this.#gridEntries.length - count)
    this.#gridDepths.length -= count
    const [first, second] = entries as [number, number]
    const isPlain = count === 2 && tape.kinds[first] === NUMBER && tape.kinds[second] === NUMBER
    const remembered = isPlain ? this.#remembered(first, second, plan) : this.#cellsOf(entries, plan)
    entries.forEach((entry, k) => {
      const outcome = remembered[k]!
      const action = plan.actions[tape.nodes[entry]!.index]!
      if (outcome.reason === undefined) this.outcomes[entry] = outcome
      else this.#count(action.place, REASON_INDEX.get(outcome.reason)!)
    })
    return remembered.every(({ asked, numericText, reason }) => {
      if (reason === undefined && numericText !== undefined) this.#passNumber(numericText)
      return asked === undefined || this.#isClear(asked, parts.known)
    })
  }

  #remembered (first: number, second: number, plan: RecipientPlan): readonly Outcome[] {
    const { tape } = this.#walk
    const { pairs } = plan.actions[tape.nodes[first]!.index]!
    const partner = tape.nodes[second]!.index
    const bySecond = pairs.get(tape.numbers[first]!)
    const known = bySecond?.get(tape.numbers[second]!)
    if (known?.partner === partner) return known.outcomes
    const outcomes = this.#cellsOf([first, second], plan)
    if (pairs.size >= MOST_REMEMBERED || (bySecond?.size ?? 0) >= MOST_REMEMBERED) pairs.clear()
    pairs.set(tape.numbers[first]!, (bySecond ?? new Map<number, Pair>()).set(tape.numbers[second]!, { partner, outcomes }))
    return outcomes
  }

  #cellsOf (entries: readonly number[], plan: RecipientPlan): readonly Outcome[] {
    const { tape } = this.#walk
    const leaves = entries.map((entry): ReportLeaf => ({ kind: 'leaf', value: tape.kinds[entry] === NUMBER ? tape.numbers[entry]! : this.#factsOf(entry).value, field: tape.nodes[entry]!.field, fits: true }))
    const cells = gridCells({ kind: 'object', entries: leaves.map(node => ({ key: '', keyField: undefined, keyFits: true, node })) }, plan.plan)
    return leaves.map(leaf => {
      const cell = cells.get(leaf)
      return cell === undefined ? suppressedAs('unpaired') : outcomeOfResult(cell, leaf.field!, this.#memory)
    })
  }
}

function epochOf ({ transform }: Action): number {
  return transform.kind === 'pseudonymize' ? transform.epochMs : 0
}

function contextOf ({ recipient }: RecipientPlan, { keys, nowMs }: JudgeParts): MinimizeContext {
  return { recipient: recipient.name, get keys () { return keys() }, nowMs }
}
