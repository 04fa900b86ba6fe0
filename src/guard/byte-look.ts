/**
 * The second look, over bytes: reads a finished disclosure as it will leave and asks of every text, key, number and array
 * in it what the second look of `second-look.ts` asks.
 *
 * It knows nothing of fields and rules. It says only whether there is nothing to find; where it is not sure of that, the
 * whole report goes the long way.
 */

import { arrayHoldsKnown } from './byte-array.js'
import { CLASSES, STOPS } from './byte-classes.js'
import { findsAddress } from './finder.js'
import { numberTextIn } from './numeric-text.js'
import { prescreen, QUIET } from './prescreen.js'
import { askedBy, isAnswered, questionsOfNumber, type Asked, type OwnAddresses } from './questions.js'
import { MOST_EXTRA, MOST_EXTRA_OF_TEXT } from './views.js'
import type { FingerprintLookup } from './known.js'
import type { NumericTexts } from './screen.js'
import type { TextMemory, TextFacts } from './text-memory.js'

/** Addresses of the report and its surroundings, and the registry. */
export interface KnownHere {
  readonly own: OwnAddresses
  readonly registry: FingerprintLookup
}

const QUOTE = 0x22
const COLON = 0x3a
const MOST_NUMBERS = 4096
const MOST_DEPTH = 80
const MOST_QUESTIONS = 16_384
/** As numbers, they ask for nothing: below 2^24, fewer than twelve digits. */
const LONGEST_QUIET_NUMBER = 7
const AS_NUMBER = {}

export class ByteLook {
  readonly #memory: TextMemory
  readonly #numbers = new Map<number, Asked>()
  /** Of the containers around: where each begins (arrays; -1 for objects), its scalars, whether texts are among them. */
  readonly #starts = new Int32Array(MOST_DEPTH)
  readonly #scalars = new Int32Array(MOST_DEPTH)
  readonly #texts = new Uint8Array(MOST_DEPTH)
  /** Bytes in a row, the last six of them, and whether a row was as long as an address. */
  readonly #rows = new Int32Array(MOST_DEPTH)
  readonly #highs = new Int32Array(MOST_DEPTH)
  readonly #lows = new Int32Array(MOST_DEPTH)
  readonly #odd = new Uint8Array(MOST_DEPTH)
  readonly #macLows: number[] = []
  /** Extra work that the searches of the last look took, see views.ts. */
  extra = 0
  #questions = 0

  constructor (memory: TextMemory) {
    this.#memory = memory
  }

  /** Is there surely no address in the first `end` bytes, JSON without spaces? */
  isClear (bytes: Uint8Array, end: number, known: KnownHere, numeric: NumericTexts | undefined): boolean {
    this.extra = 0
    this.#questions = 0
    this.#lowsOf(known.own)
    let depth = -1
    for (let i = 0; i < end;) {
      const byte = bytes[i]!
      if (byte === QUOTE) {
        let k = i + 1
        let classes = 0
        let hasEscape = false
        for (;; k++) {
          const bits = CLASSES[bytes[k]!]!
          if ((bits & STOPS) !== 0) {
            if (bytes[k] === QUOTE) break
            hasEscape = true
            k++
            if (k >= end) return false
          }
          classes |= bits
        }
        if (k >= end) return false
        if (bytes[k + 1] === COLON) {
          if (isIndex(bytes, i + 1, k)) return false
        } else if (depth >= 0 && this.#starts[depth]! >= 0) {
          this.#scalars[depth]!++
          this.#texts[depth] = 1
        }
        if (!this.#isClearText(bytes, i + 1, k, classes, hasEscape, known, bytes[k + 1] === COLON ? undefined : numeric)) return false
        i = k + 1
      } else if (byte === 0x5b || byte === 0x7b) {
        if (++depth >= MOST_DEPTH) return false
        this.#starts[depth] = byte === 0x5b ? i : -1
        this.#scalars[depth] = this.#texts[depth] = this.#rows[depth] = this.#odd[depth] = this.#highs[depth] = this.#lows[depth] = 0
        i++
      } else if (byte === 0x5d) {
        if (depth < 0 || !this.#isClearArray(bytes, i, depth, known)) return false
        depth--
        i++
      } else if (byte === 0x7d) {
        depth--
        i++
      } else if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) {
        let k = i + 1
        let isWhole = true
        let isLong = byte === 0x2d
        for (; k < end; k++) {
          const next = bytes[k]!
          if (next >= 0x30 && next <= 0x39) continue
          if (next !== 0x2e && next !== 0x65 && next !== 0x45 && next !== 0x2b && next !== 0x2d) break
          isWhole = false
          if (next !== 0x2e) isLong = true
        }
        if (k - i > LONGEST_QUIET_NUMBER) isLong = true
        const isInArray = depth >= 0 && this.#starts[depth]! >= 0
        if (isInArray || isLong) {
          const value = isWhole && k - i < 10 ? wholeNumber(bytes, i, k) : Number(Buffer.from(bytes.buffer, bytes.byteOffset + i, k - i).toString('latin1'))
          if (isLong && !this.#isClearNumber(value, known)) return false
          if (isInArray && !this.#takeItem(value, depth)) return false
        }
        i = k
      } else {
        // `true`, `false`; their letters say nothing further on
        if ((byte === 0x74 || byte === 0x66) && depth >= 0 && this.#starts[depth]! >= 0) {
          this.#scalars[depth]!++
          this.#endRow(depth)
        }
        i += byte === 0x74 ? 4 : byte === 0x66 ? 5 : 1
      }
    }
    return this.extra <= MOST_EXTRA - MOST_EXTRA_OF_TEXT && this.#questions <= MOST_QUESTIONS
  }

  #isClearText (bytes: Uint8Array, start: number, end: number, classes: number, hasEscape: boolean, known: KnownHere, numeric: NumericTexts | undefined): boolean {
    if (numeric !== undefined && numeric.size > 0) return this.#isClearMaybeNumber(this.#memory.at(bytes, start, end, classes, hasEscape), known, numeric)
    if (!hasEscape && prescreen(bytes, start, end, classes) >= QUIET) return true
    return this.#isClearAsked(this.#memory.at(bytes, start, end, classes, hasEscape).asked(false), known)
  }

  /** Each pass as a number counts once, as in the second look. */
  #isClearMaybeNumber (facts: TextFacts, known: KnownHere, numeric: NumericTexts): boolean {
    const text = facts.value
    const left = numeric.get(text) ?? 0
    if (left === 0) return this.#isClearAsked(facts.asked(false), known)
    numeric.set(text, left - 1)
    const asked = (facts.attachedTo(AS_NUMBER) as Asked | undefined) ?? askedAsNumber(numberTextIn(text) ?? text)
    facts.attach(AS_NUMBER, asked)
    return this.#isClearAsked(asked, known)
  }

  #isClearNumber (value: number, known: KnownHere): boolean {
    let asked = this.#numbers.get(value)
    if (asked === undefined) {
      if (this.#numbers.size >= MOST_NUMBERS) this.#numbers.clear()
      asked = questionsOfNumber(value)
      this.#numbers.set(value, asked)
    }
    return this.#isClearAsked(asked, known)
  }

  #isClearAsked ({ isTold, questions, extra }: Asked, { own, registry }: KnownHere): boolean {
    if (isTold) return false
    this.extra += extra
    if (questions === undefined) return true
    this.#questions += questions.count
    return !isAnswered(questions, own, registry)
  }

  /** A number in an array, as a byte of the row that it may go on with; false where the last six are the address of a device. */
  #takeItem (value: number, depth: number): boolean {
    this.#scalars[depth]!++
    if (!Number.isInteger(value) || value < -128 || value > 255) {
      this.#endRow(depth)
      return true
    }
    const high = this.#highs[depth]!
    const low = this.#lows[depth]!
    this.#highs[depth] = (high << 8 | low >>> 16) & 0xffffff
    this.#lows[depth] = (low << 8 | value & 0xff) & 0xffffff
    if (++this.#rows[depth]! < 6) return true
    // the halves of other addresses may meet: then the long way finds that out
    return !this.#macLows.includes(this.#lows[depth])
  }

  /** The last three bytes of the known MACs. */
  #lowsOf ({ indexes, macs }: OwnAddresses): void {
    this.#macLows.length = 0
    for (const mac of macs) this.#macLows.push(mac % 2 ** 24)
    for (const { macNumbers } of indexes) if (macNumbers.size > 0) for (const mac of macNumbers) this.#macLows.push(mac % 2 ** 24)
  }

  #endRow (depth: number): void {
    const row = this.#rows[depth]!
    if (row === 4 || row === 6 || row === 8 || row === 16) this.#odd[depth] = 1
    this.#rows[depth] = 0
  }

  #isClearArray (bytes: Uint8Array, end: number, depth: number, known: KnownHere): boolean {
    if (this.#scalars[depth]! < 2) return true
    this.#endRow(depth)
    if (this.#odd[depth] === 0 && this.#texts[depth] === 0) return true
    const items = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + this.#starts[depth]!, end + 1 - this.#starts[depth]!).toString('utf8')) as unknown[]
    return this.#isClearAsked(askedBy(asking => arrayHoldsKnown(items, asking)), known)
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

function wholeNumber (bytes: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let i = bytes[start] === 0x2d ? start + 1 : start; i < end; i++) value = value * 10 + bytes[i]! - 0x30
  return bytes[start] === 0x2d ? -value : value
}
