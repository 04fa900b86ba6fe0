/**
 * The second look, over bytes: reads a finished disclosure as it will leave and asks of every text, key, number and array
 * in it what the second look of `second-look.ts` asks.
 *
 * It knows nothing of fields and rules. It says only whether there is nothing to find; where it is not sure of that, the
 * whole report goes the long way.
 */

import { arrayHoldsKnown } from './byte-array.js'
import { CLASSES, COUNTS, STOPS } from './byte-classes.js'
import { ByteRows, MOST_DEPTH } from './byte-rows.js'
import { findsAddress } from './finder.js'
import { areNumbers, FEWEST_OF_MAC_DIGITS, isClear, isKnownWhole, QUESTIONS_OF_NUMBER, type KnownHere } from './known-here.js'
import { numberTextIn } from './numeric-text.js'
import { QUIET } from './prescreen.js'
import { askedBy, questionsOfNumber, type Asked } from './questions.js'
import type { NumericTexts } from './screen.js'
import type { TextLevels } from './text-levels.js'
import type { TextMemory, TextFacts } from './text-memory.js'
import { MOST_EXTRA, MOST_EXTRA_OF_TEXT } from './views.js'
import { areQuietLetters, type Window } from './words.js'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const MINUS = 0x2d
const MOST_NUMBERS = 4096
const MOST_QUESTIONS = 16_384
/** As numbers, they ask for nothing: below 2^24, fewer than twelve digits. */
const LONGEST_QUIET_NUMBER = 7
/** Whole numbers that are read here. */
const LONGEST_WHOLE = 12
const NO = -1
const AS_NUMBER = {}

export class ByteLook {
  readonly #memory: TextMemory
  readonly #levels: TextLevels
  readonly #numbers = new Map<number, Asked>()
  readonly #rows = new ByteRows()
  /** Extra work that the searches of the last look took, see views.ts. */
  extra = 0
  #questions = 0
  #depth = -1
  #known: KnownHere | undefined
  #isPlain = false
  #numeric: NumericTexts | undefined

  constructor (memory: TextMemory, levels: TextLevels) {
    this.#memory = memory
    this.#levels = levels
  }

  /** Is there surely no address in the first `end` bytes, JSON without spaces? Writes a zero behind them, that ends every scan. */
  isClear (window: Window, end: number, known: KnownHere, numeric: NumericTexts | undefined): boolean {
    const { bytes } = window
    bytes[end] = 0
    this.extra = 0
    this.#questions = 0
    this.#depth = -1
    this.#known = known
    this.#isPlain = areNumbers(known)
    this.#numeric = numeric !== undefined && numeric.size > 0 ? numeric : undefined
    this.#rows.begin(known, this.#isPlain)
    for (let i = 0; i < end;) {
      const byte = bytes[i]!
      if (byte === COMMA || byte === COLON) i++
      else if (byte === QUOTE) i = this.#passText(window, i + 1, end)
      else if (byte === MINUS || (byte >= 0x30 && byte <= 0x39)) i = this.#passNumber(bytes, i, end)
      else i = this.#passOther(bytes, i, byte)
      if (i === NO) return false
    }
    return this.extra <= MOST_EXTRA - MOST_EXTRA_OF_TEXT && this.#questions + this.#rows.questions <= MOST_QUESTIONS
  }

  #passText ({ bytes, view }: Window, start: number, end: number): number {
    let k = start
    let classes = 0
    let counts = 0
    let bits = 0
    let hasEscape = false
    while (areQuietLetters(view.getInt32(k, true))) k += 4
    for (;; k++) {
      for (; ((bits = CLASSES[bytes[k]!]!) & STOPS) === 0; k++) {
        classes |= bits
        counts += COUNTS[bytes[k]!]!
      }
      if (bytes[k] === QUOTE) break
      hasEscape = true
      classes |= bits
      if (++k >= end) return NO
    }
    if (k >= end) return NO
    const isKey = bytes[k + 1] === COLON
    if (isKey) {
      if (isIndex(bytes, start, k)) return NO
    } else if (this.#depth >= 0 && this.#rows.starts[this.#depth]! >= 0) {
      this.#rows.scalars[this.#depth]!++
      this.#rows.hasText[this.#depth] = 1
    }
    if (!isKey && this.#numeric !== undefined) return this.#isClearMaybeNumber(this.#memory.at(bytes, view, start, k, classes, hasEscape), this.#numeric) ? k + 1 : NO
    if (!hasEscape && this.#levels.at(bytes, view, start, k, classes, counts) >= QUIET) return k + 1
    return this.#isClear(this.#memory.at(bytes, view, start, k, classes, hasEscape).asked(false)) ? k + 1 : NO
  }

  #passNumber (bytes: Uint8Array, start: number, end: number): number {
    const isNegative = bytes[start] === MINUS
    let k = isNegative ? start + 1 : start
    let value = 0
    let digit = 0
    for (; (digit = bytes[k]! - 0x30) >= 0 && digit <= 9; k++) value = value * 10 + digit
    if (isNegative) value = -value
    let isLong = isNegative || k - start > LONGEST_QUIET_NUMBER
    let isWhole = k - start <= LONGEST_WHOLE
    const next = bytes[k]! | 0x20
    if (next === 0x2e || next === 0x65) {
      isWhole = false
      for (; isOfNumber(bytes[k]!); k++) if ((bytes[k]! | 0x20) === 0x65) isLong = true
      isLong ||= k - start > LONGEST_QUIET_NUMBER
    }
    if (k > end) return NO
    const isInArray = this.#depth >= 0 && this.#rows.starts[this.#depth]! >= 0
    if (!isInArray && !isLong) return k
    if (!isWhole) value = Number(Buffer.from(bytes.buffer, bytes.byteOffset + start, k - start).toString('latin1'))
    if (isLong && !this.#isClearNumber(value, isWhole)) return NO
    return isInArray && !this.#rows.take(value, this.#depth) ? NO : k
  }

  #passOther (bytes: Uint8Array, i: number, byte: number): number {
    switch (byte) {
      case 0x5b:
      case 0x7b:
        if (++this.#depth >= MOST_DEPTH) return NO
        this.#rows.open(this.#depth, byte === 0x5b ? i : NO)
        return byte === 0x5b ? this.#rows.passNumbers(bytes, i + 1, this.#depth) : i + 1
      case 0x5d: return this.#depth >= 0 && this.#isClearArray(bytes, i, this.#depth--) ? i + 1 : NO
      case 0x7d:
        this.#depth--
        return i + 1
      case 0x74:
      case 0x66: // `true`, `false`; their letters say nothing further on
        if (this.#depth >= 0 && this.#rows.starts[this.#depth]! >= 0) {
          this.#rows.scalars[this.#depth]!++
          if (!this.#rows.end(this.#depth)) return NO
        }
        return i + (byte === 0x74 ? 4 : 5)
      default: return i + 1
    }
  }

  /** Each pass as a number counts once, as in the second look. */
  #isClearMaybeNumber (facts: TextFacts, numeric: NumericTexts): boolean {
    const text = facts.value
    const left = numeric.get(text) ?? 0
    if (left === 0) return this.#isClear(facts.asked(false))
    numeric.set(text, left - 1)
    const asked = (facts.attachedTo(AS_NUMBER) as Asked | undefined) ?? askedAsNumber(numberTextIn(text) ?? text)
    facts.attach(AS_NUMBER, asked)
    return this.#isClear(asked)
  }

  #isClearNumber (value: number, isWhole: boolean): boolean {
    if (this.#isPlain && isWhole && value < FEWEST_OF_MAC_DIGITS && value > -FEWEST_OF_MAC_DIGITS) {
      this.#questions += QUESTIONS_OF_NUMBER
      return !isKnownWhole(value, this.#known!.own)
    }
    let asked = this.#numbers.get(value)
    if (asked === undefined) {
      if (this.#numbers.size >= MOST_NUMBERS) this.#numbers.clear()
      asked = questionsOfNumber(value)
      this.#numbers.set(value, asked)
    }
    return this.#isClear(asked)
  }

  #isClear (asked: Asked): boolean {
    this.extra += asked.extra
    this.#questions += asked.questions?.count ?? 0
    return isClear(asked, this.#known!)
  }

  #isClearArray (bytes: Uint8Array, end: number, depth: number): boolean {
    const { starts, scalars, isOdd, hasText } = this.#rows
    if (scalars[depth]! < 2) return true
    if (!this.#rows.end(depth)) return false
    if (isOdd[depth] === 0 && hasText[depth] === 0) return true
    const items = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + starts[depth]!, end + 1 - starts[depth]!).toString('utf8')) as unknown[]
    return this.#isClear(askedBy(asking => arrayHoldsKnown(items, asking)))
  }
}

function askedAsNumber (text: string): Asked {
  return askedBy(asking => findsAddress(text, { known: asking, freeText: false, numeric: true }))
}

/** A member's name like that of an item. */
function isIndex (bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start || end - start > 5) return false
  for (let i = start; i < end; i++) if (bytes[i]! < 0x30 || bytes[i]! > 0x39) return false
  return true
}

function isOfNumber (byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2b || byte === MINUS || (byte | 0x20) === 0x65
}
