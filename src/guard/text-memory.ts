/**
 * A memory of texts: what the finder found in one stands by for the next report that holds it, since that is a function
 * of the text alone. A device's id, name and model are searched once, not in every report.
 *
 * Bounded, keyed by the exact bytes, two texts a place of which the older gives way. It lives in memory alone and is
 * emptied whenever its owner says so.
 */

import { ownOf } from './own-addresses.js'
import { addressesOf, type RawFacts } from './raw-facts.js'
import { isWorthSearching } from './finder.js'
import { classesOf, MAYBE, prescreen, QUIET, STILL } from './prescreen.js'
import { questionsOfText, type Asked } from './questions.js'
import { areSame, hashOf, SLACK, windowOf, type Window } from './words.js'

const PLACES = 16_384
const NOTHING_FOUND: RawFacts = { found: [], own: ownOf([]), extra: 0, isTooMuch: false }
const NOTHING_ASKED: Asked = { isTold: false, questions: undefined, extra: 0 }
/** What is attached to one text, at most. */
const MOST_ATTACHED = 24

/** One text and what is known of it, found out when first asked for. */
export class TextFacts {
  readonly level: number
  readonly length: number
  readonly window: Window
  readonly hasEscape: boolean
  #value: string | undefined
  #raw: RawFacts | undefined
  #asked: Asked | undefined
  #askedFree: Asked | undefined
  #keys: object[] = []
  #attached: unknown[] = []

  constructor (level: number, bytes: Uint8Array, hasEscape: boolean) {
    this.level = level
    this.length = bytes.length
    this.window = windowOf(bytes)
    this.hasEscape = hasEscape
  }

  /** The text itself. @throws SyntaxError where an escape is none */
  get value (): string {
    if (this.#value !== undefined) return this.#value
    const text = Buffer.from(this.window.bytes.buffer, 0, this.length).toString('utf8')
    this.#value = this.hasEscape ? JSON.parse(`"${text}"`) as string : text
    return this.#value
  }

  /** Addresses of the first tier. */
  get raw (): RawFacts {
    if (this.level !== MAYBE) return NOTHING_FOUND
    this.#raw ??= addressesOf(this.value)
    return this.#raw
  }

  /** What a search for any address asks. */
  asked (freeText: boolean): Asked {
    if (this.level === STILL || (this.level === QUIET && !freeText)) return NOTHING_ASKED
    if (freeText) {
      this.#askedFree ??= askedOf(this.value, true)
      return this.#askedFree
    }
    this.#asked ??= askedOf(this.value, false)
    return this.#asked
  }

  /** What somebody else found out of this text. */
  attachedTo (key: object): unknown {
    const keys = this.#keys
    for (let i = 0; i < keys.length; i++) if (keys[i] === key) return this.#attached[i]
    return undefined
  }

  attach (key: object, what: unknown): void {
    if (this.#keys.length >= MOST_ATTACHED) {
      this.#keys = []
      this.#attached = []
    }
    this.#keys.push(key)
    this.#attached.push(what)
  }
}

export class TextMemory {
  #texts: (TextFacts | undefined)[] = new Array<TextFacts | undefined>(2 * PLACES)
  readonly #hashes = new Int32Array(2 * PLACES)

  forget (): void {
    this.#texts = new Array<TextFacts | undefined>(2 * PLACES)
  }

  /**
   * What is known of a text between the quotes of JSON; `classes` are those of its bytes together, where they are known,
   * `view` is of the same bytes, with room behind `end` (words.ts).
   */
  at (bytes: Uint8Array, view: DataView, start: number, end: number, classes: number | undefined, hasEscape: boolean): TextFacts {
    const hash = hashOf(view, start, end - start)
    const place = (hash >>> 4) % PLACES * 2
    const first = this.#texts[place]
    if (first !== undefined && this.#hashes[place] === hash && isSame(first, view, start, end, hasEscape)) return first
    const second = this.#texts[place + 1]
    if (second !== undefined && this.#hashes[place + 1] === hash && isSame(second, view, start, end, hasEscape)) {
      this.#put(place, hash, second, first)
      return second
    }
    const made = new TextFacts(hasEscape ? MAYBE : prescreen(bytes, start, end, classes ?? classesOf(bytes, start, end)), bytes.subarray(start, end), hasEscape)
    this.#put(place, hash, made, first)
    return made
  }

  /** A text of our own: a client id, a key, what a transform made. */
  ofText (text: string): TextFacts {
    const quoted = JSON.stringify(text)
    const { bytes, view } = windowOf(Buffer.from(quoted, 'utf8'))
    const end = bytes.length - SLACK - 1
    return this.at(bytes, view, 1, end, undefined, quoted.includes('\\'))
  }

  #put (place: number, hash: number, newer: TextFacts, older: TextFacts | undefined): void {
    this.#texts[place + 1] = older
    this.#hashes[place + 1] = this.#hashes[place]!
    this.#texts[place] = newer
    this.#hashes[place] = hash
  }
}

function askedOf (text: string, freeText: boolean): Asked {
  return isWorthSearching(text, freeText) ? questionsOfText(text, freeText) : NOTHING_ASKED
}

function isSame (known: TextFacts, view: DataView, start: number, end: number, hasEscape: boolean): boolean {
  return known.length === end - start && known.hasEscape === hasEscape && areSame(known.window.view, 0, view, start, known.length)
}
