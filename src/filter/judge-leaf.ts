/** What becomes of one leaf or classified key under its rule: by the short way of its action, else by the reference's functions. */

import type { TextFacts, TextMemory } from '../guard/text-memory.js'
import type { JudgeParts } from './judge-parts.js'
import { COPIED, COUNTED, outcomeOf, outcomeOfKey, suppressedAs, type Outcome } from './outcome.js'
import type { Action } from './recipient-plan.js'
import { FALSE, MOST_ENTRIES, NULL, NUMBER, TEXT, TRUE } from './tape.js'
import type { Walk } from './walk.js'

const MOST_REMEMBERED = 512

export class LeafJudge {
  /** By entry, of numbers that are `COUNTED`. */
  readonly numbers = new Float64Array(MOST_ENTRIES)
  /** The number that the last outcome was, where it was `COUNTED`. */
  counted = 0
  readonly #walk: Walk
  readonly #memory: TextMemory

  constructor (walk: Walk, memory: TextMemory) {
    this.#walk = walk
    this.#memory = memory
  }

  /** Undefined where it cannot be told. */
  outcome (i: number, kind: number, action: Action, parts: JudgeParts): Outcome | undefined {
    switch (kind) {
      case TEXT: return this.#textOutcome(i, action, parts)
      case NUMBER: {
        const { numbers, flags } = this.#walk.tape
        const outcome = this.numberOutcome(numbers[i]!, flags[i] === 1, action, parts)
        if (outcome === COUNTED) this.numbers[i] = this.counted
        return outcome
      }
      case TRUE:
      case FALSE: return action.boolean === 'copy' ? COPIED : this.#asked(kind === TRUE, action, parts)
      case NULL: return suppressedAs('type-mismatch')
      default: return undefined
    }
  }

  numberOutcome (value: number, isCanonical: boolean, action: Action, parts: JudgeParts): Outcome {
    if (action.number === 'copy') {
      if (isCanonical) return COPIED
    } else if (action.number === 'round') {
      const quotient = value / action.step
      const whole = Math.floor(quotient)
      // beyond these the reference's way of taking off the noise of floating point may tell
      if (quotient - whole < 1 - 1e-4 && whole > -1e7 && whole < 1e7 && Math.abs(whole * action.step) < 1e12) {
        this.counted = whole * action.step
        return COUNTED
      }
    } else if (action.number === 'round-time') {
      if (value >= 0 && value <= 1e11 && value === Math.floor(value)) {
        this.counted = Math.floor(value / action.step) * action.step
        return COUNTED
      }
    }
    if (action.transform.kind === 'pseudonymize') return this.#asked(value, action, parts)
    const known = action.numbers.get(value)
    if (known !== undefined) return known
    const outcome = this.#asked(value, action, parts)
    if (action.numbers.size >= MOST_REMEMBERED) action.numbers.clear()
    action.numbers.set(value, outcome)
    return outcome
  }

  keyOutcome (i: number, action: Action, parts: JudgeParts): Outcome | undefined {
    const { kind } = action.transform
    // other transforms may make two keys equal, or a key a number
    if ((kind !== 'keep' && kind !== 'pseudonymize') || action.field.encoding !== undefined) return undefined
    const facts = this.#walk.tape.keyFacts[i]!
    const key = kind === 'pseudonymize' ? parts.scopeOf(action.field.category.name, epochOf(action)) : action
    // a text may stand as a key and as a value
    const known = facts.attachedTo(key) as Outcome | undefined
    const outcome = known ?? outcomeOfKey(facts.value, action.field, action.transform, parts, this.#memory)
    if (known === undefined) facts.attach(key, outcome)
    return outcome
  }

  /** What is remembered of a text on the tape. */
  factsOf (i: number): TextFacts {
    const { tape, window: { bytes, view } } = this.#walk
    const known = tape.facts[i]
    if (known !== undefined) return known
    const start = tape.starts[i]!
    const end = tape.ends[i]!
    const facts = this.#memory.at(bytes, view, start, end, undefined, tape.flags[i] === 1)
    tape.facts[i] = facts
    return facts
  }

  #textOutcome (i: number, action: Action, parts: JudgeParts): Outcome {
    const { tape } = this.#walk
    if (action.text === 'copy' && tape.flags[i] === 0 && !action.field.category.freeText) return COPIED
    const own = this.factsOf(i)
    const key = action.text === 'pseudonym' && action.field.encoding === undefined ? parts.scopeOf(action.field.category.name, epochOf(action)) : action
    const known = own.attachedTo(key) as Outcome | undefined
    if (known !== undefined) return known
    const outcome = this.#asked(own.value, action, parts)
    if (key !== action || action.text !== 'pseudonym') own.attach(key, outcome)
    return outcome
  }

  #asked (value: string | number | boolean, { field, transform }: Action, parts: JudgeParts): Outcome {
    return outcomeOf(value, field, transform, parts, this.#memory)
  }
}

function epochOf ({ transform }: Action): number {
  return transform.kind === 'pseudonymize' ? transform.epochMs : 0
}
