/**
 * The walk: goes over a report's bytes once, strictly, and finds the fields and the addresses on its way.
 *
 * It takes only JSON that the reference (classify/decode.ts) takes, and not all of it: an escape in a key, a key twice or
 * made of digits, an exponent beyond plain numbers, depth and length beyond bounds, anything that is not JSON at all, and
 * it says no. The reference then decides, and says why.
 */

import { isUtf8 } from 'node:buffer'
import { MAX_DEPTH } from '../classify/decode.js'
import { CLASSES, COUNTS, HIGH, STOPS } from '../guard/byte-classes.js'
import { MAYBE } from '../guard/prescreen.js'
import type { TextLevels } from '../guard/text-levels.js'
import type { TextFacts, TextMemory } from '../guard/text-memory.js'
import { newWindow } from '../guard/words.js'
import type { FieldNode } from './field-node.js'
import { BACKSLASH, CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, FALSE_LETTERS, isEscape, isIndex, MINUS, NO, NULL_LETTERS, OPEN_ARRAY, OPEN_OBJECT, QUOTE, space, TRUE_LETTERS, word } from './json-bytes.js'
import { NumberReader } from './number-reader.js'
import { RawFinds } from './raw-finds.js'
import { ARRAY, FALSE, MOST_ENTRIES, NULL, NUMBER, NUMBERS, OBJECT, Tape, TEXT, TRUE } from './tape.js'
import { Unclassified } from './unclassified.js'
import { UnknownKeys } from './unknown-keys.js'

/** Longer reports go the long way. */
export const LONGEST_WALK = 262_144

export interface StatedTexts {
  readonly order: number
  readonly entries: readonly number[]
}

export class Walk {
  readonly tape = new Tape()
  /** The bytes, with a zero after them that ends every scan. */
  readonly window = newWindow(LONGEST_WALK)
  readonly finds = new RawFinds()
  readonly unclassified = new Unclassified()
  /** Entries in which the report tells of its device's firmware. */
  readonly firmware: number[] = []
  /** Texts of closed categories in objects that name a device. */
  readonly stated: StatedTexts[] = []
  #classes = 0
  /** Of the text that was passed last. */
  #textClasses = 0
  #textCounts = 0
  #hasEscape = false
  #serial = 0
  readonly #bytes = this.window.bytes
  readonly #view = this.window.view
  readonly #memory: TextMemory
  readonly #levels: TextLevels
  readonly #number = new NumberReader()
  readonly #unknown = new UnknownKeys()
  /** Of the key that was passed last, where it was looked at closely. */
  #keyFacts: TextFacts | undefined

  constructor (memory: TextMemory, levels: TextLevels) {
    this.#memory = memory
    this.#levels = levels
  }

  /** False: the report is none of these. */
  take (payload: Uint8Array, root: FieldNode): boolean {
    if (payload.length > LONGEST_WALK) return false
    const bytes = this.#bytes
    bytes.set(payload)
    bytes[payload.length] = 0
    this.tape.clear()
    this.finds.clear()
    this.unclassified.clear()
    this.#unknown.forgetFrom(0)
    if (this.firmware.length > 0) this.firmware.length = 0
    if (this.stated.length > 0) this.stated.length = 0
    this.#classes = 0
    const start = space(bytes, 0)
    if (bytes[start] !== OPEN_OBJECT) return false
    const end = this.#object(start + 1, root, NO, NO, undefined, 1)
    if (end === NO || space(bytes, end) !== payload.length) return false
    return (this.#classes & HIGH) === 0 || isUtf8(payload)
  }

  #object (from: number, node: FieldNode, keyStart: number, keyEnd: number, keyFacts: TextFacts | undefined, depth: number): number {
    if (depth > MAX_DEPTH) return NO
    const bytes = this.#bytes
    const { tape } = this
    const open = node.path === undefined ? NO : tape.put(OBJECT, node, keyStart, keyEnd, keyFacts)
    if (open === MOST_ENTRIES) return NO
    const serial = ++this.#serial
    const unknown = this.#unknown.count
    let isOfDevice = false
    let closed: number[] | undefined
    let before: FieldNode | undefined
    let likely = node.first
    let i = space(bytes, from)
    if (bytes[i] === CLOSE_OBJECT) return this.#close(open, node, i)
    for (;;) {
      if (bytes[i] !== QUOTE) return NO
      const start = ++i
      let member = likely
      let memberFacts: TextFacts | undefined
      if (member !== undefined && member.isAt(this.#view, start)) {
        i = start + member.keyLength
      } else {
        i = this.#keyEnd(start)
        if (i === NO) return NO
        member = node.member(bytes, this.#view, start, i)
        if (member === undefined) return NO
        if (!member.isShared) {
          if (before === undefined) node.first = member
          else before.follower = member
        }
      }
      if (member.isShared || member.keyed !== undefined) {
        if (!this.#passKey(member, start, i, unknown)) return NO
        memberFacts = this.#keyFacts
      }
      if (!member.isShared) {
        if (member.seenIn === serial) return NO
        member.seenIn = serial
        before = member
        likely = member.follower
      }
      const end = i
      i = bytes[end + 1] === COLON ? end + 1 : space(bytes, end + 1)
      if (bytes[i] !== COLON) return NO
      if (bytes[++i]! <= 0x20) i = space(bytes, i)
      const byte = bytes[i]!
      const { length } = tape
      if (byte === QUOTE) {
        i = this.#text(i + 1, member, start, end, memberFacts)
        if (i === NO) return NO
        if (member.isDeviceId) isOfDevice = true
        if (member.rawKind === 'closed') (closed ??= []).push(tape.length - 1)
      } else if (byte === OPEN_OBJECT) {
        i = this.#object(i + 1, member, start, end, memberFacts, depth + 1)
      } else if (byte === OPEN_ARRAY) {
        i = this.#array(i + 1, member, start, end, memberFacts, depth + 1)
      } else {
        i = this.#scalar(i, byte, member, start, end, memberFacts)
        if (member.isDeviceId) isOfDevice = true
      }
      // a classified key of an unclassified value has no place on the tape
      if (i === NO || (member.keyed !== undefined && tape.length === length)) return NO
      if (bytes[i]! <= 0x20) i = space(bytes, i)
      if (bytes[i] === COMMA) {
        if (bytes[++i]! <= 0x20) i = space(bytes, i)
      } else if (bytes[i] === CLOSE_OBJECT) break
      else return NO
    }
    this.#unknown.forgetFrom(unknown)
    if (isOfDevice && closed !== undefined) this.stated.push({ order: serial, entries: closed })
    return this.#close(open, node, i)
  }

  /** Where a key ends of which a place of the report may be asked for. */
  #keyEnd (start: number): number {
    const bytes = this.#bytes
    let classes = 0
    let i = start
    for (let bits = 0; ((bits = CLASSES[bytes[i]!]!) & STOPS) === 0; i++) classes |= bits
    return bytes[i] !== QUOTE || (classes & HIGH) !== 0 || isIndex(bytes, start, i) ? NO : i
  }

  /** A key that stands for many, or is itself a value. */
  #passKey (member: FieldNode, start: number, end: number, unknown: number): boolean {
    const bytes = this.#bytes
    let classes = 0
    let counts = 0
    for (let i = start; i < end; i++) {
      classes |= CLASSES[bytes[i]!]!
      counts += COUNTS[bytes[i]!]!
    }
    this.#keyFacts = undefined
    if (member.isShared && !this.#unknown.take(this.#view, start, end, unknown)) return false
    if (member.keyed !== undefined || this.#levels.at(bytes, this.#view, start, end, classes, counts) === MAYBE) {
      const facts = this.#memory.at(bytes, this.#view, start, end, classes, false)
      this.#keyFacts = facts
      if (member.isShared && facts.level === MAYBE && !this.finds.take(facts)) return false
      if (member.keyed !== undefined) this.finds.takeKey(facts, member)
    }
    return true
  }

  #array (from: number, node: FieldNode, keyStart: number, keyEnd: number, keyFacts: TextFacts | undefined, depth: number): number {
    if (depth > MAX_DEPTH) return NO
    const bytes = this.#bytes
    const open = node.path === undefined ? NO : this.tape.put(ARRAY, node, keyStart, keyEnd, keyFacts)
    if (open === MOST_ENTRIES) return NO
    const element = node.element
    let i = space(bytes, from)
    if (bytes[i] === CLOSE_ARRAY) return this.#close(open, node, i)
    if (open !== NO && element.field !== undefined && (bytes[i] === MINUS || (bytes[i]! >= 0x30 && bytes[i]! <= 0x39))) {
      const end = this.#numbers(i, element)
      if (end !== NO) return this.#close(open, node, end)
    }
    for (;;) {
      const byte = bytes[i]!
      if (byte === OPEN_OBJECT) {
        i = this.#object(i + 1, element, NO, NO, undefined, depth + 1)
      } else if (byte === OPEN_ARRAY) {
        i = this.#array(i + 1, element, NO, NO, undefined, depth + 1)
      } else {
        if (element.field === undefined && open !== NO) this.tape.flags[open] = 1
        i = byte === QUOTE ? this.#text(i + 1, element, NO, NO, undefined) : this.#scalar(i, byte, element, NO, NO, undefined)
      }
      if (i === NO) return NO
      if (bytes[i]! <= 0x20) i = space(bytes, i)
      if (bytes[i] === COMMA) i = space(bytes, i + 1)
      else if (bytes[i] === CLOSE_ARRAY) return this.#close(open, node, i)
      else return NO
    }
  }

  /** Two and more numbers in the spelling of JSON, parted by nothing but commas, up to the end of their array: one entry. `NO` for any others. */
  #numbers (start: number, element: FieldNode): number {
    const bytes = this.#bytes
    const number = this.#number
    const { tape } = this
    const first = tape.itemsLength
    let count = 0
    let i = start
    for (;;) {
      i = number.read(bytes, i)
      if (i === NO || !number.isCanonical) return NO
      tape.items[first + count++] = number.value
      if (bytes[i] !== COMMA) break
      i++
    }
    if (bytes[i] !== CLOSE_ARRAY || count < 2) return NO
    const entry = tape.put(NUMBERS, element, NO, NO, undefined)
    if (entry === MOST_ENTRIES) return NO
    tape.starts[entry] = start
    tape.ends[entry] = i
    tape.firstItems[entry] = first
    tape.endItems[entry] = tape.itemsLength = first + count
    return i
  }

  #text (start: number, node: FieldNode, keyStart: number, keyEnd: number, keyFacts: TextFacts | undefined): number {
    const bytes = this.#bytes
    const { tape } = this
    let i = node.rawKind === 'closed' ? this.finds.closedEnd(bytes, node, start) : start
    const isFound = i !== start
    let facts: TextFacts | undefined
    let hasEscape = false
    if (!isFound) {
      i = this.#textEnd(start)
      if (i === NO) return NO
      hasEscape = this.#hasEscape
      if (node.rawKind === 'plain') {
        if (hasEscape || this.#levels.at(bytes, this.#view, start, i, this.#textClasses, this.#textCounts) === MAYBE) {
          facts = this.#memory.at(bytes, this.#view, start, i, this.#textClasses, hasEscape)
          if (!this.finds.take(facts)) return NO
        }
      } else if (hasEscape || !this.finds.takePlain(bytes, this.#view, node, start, i)) {
        facts = this.#memory.at(bytes, this.#view, start, i, this.#textClasses, hasEscape)
        if (!this.finds.takeAsField(facts, node)) return NO
      }
    }
    if (node.field === undefined) {
      this.unclassified.note(node, start - 1, i + 1)
      return i + 1
    }
    const entry = tape.put(TEXT, node, keyStart, keyEnd, keyFacts)
    if (entry === MOST_ENTRIES) return NO
    tape.starts[entry] = start
    tape.ends[entry] = i
    tape.flags[entry] = hasEscape ? 1 : 0
    tape.facts[entry] = facts
    if (node.isFirmware) this.firmware.push(entry)
    return i + 1
  }

  /** Where a text ends; what it was made of stands by. */
  #textEnd (start: number): number {
    const bytes = this.#bytes
    let classes = 0
    let counts = 0
    let bits = 0
    let hasEscape = false
    let i = start
    for (;; i++) {
      let byte = bytes[i]!
      for (; ((bits = CLASSES[byte]!) & STOPS) === 0; byte = bytes[++i]!) {
        classes |= bits
        counts += COUNTS[byte]!
      }
      if (byte === QUOTE) break
      if (byte !== BACKSLASH || !isEscape(bytes, i + 1)) return NO
      hasEscape = true
      classes |= bits
      i++
    }
    this.#classes |= classes
    this.#textClasses = classes
    this.#textCounts = counts
    this.#hasEscape = hasEscape
    return i
  }

  #scalar (start: number, byte: number, node: FieldNode, keyStart: number, keyEnd: number, keyFacts: TextFacts | undefined): number {
    const bytes = this.#bytes
    const { tape } = this
    let kind = NUMBER
    let end = NO
    switch (byte) {
      case 0x74: kind = TRUE; end = word(bytes, start, TRUE_LETTERS); break
      case 0x66: kind = FALSE; end = word(bytes, start, FALSE_LETTERS); break
      case 0x6e: kind = NULL; end = word(bytes, start, NULL_LETTERS); break
      default: end = this.#number.read(bytes, start)
    }
    if (end === NO) return NO
    if (node.field === undefined) {
      this.unclassified.note(node, start, end)
      return end
    }
    const entry = tape.put(kind, node, keyStart, keyEnd, keyFacts)
    if (entry === MOST_ENTRIES) return NO
    tape.starts[entry] = start
    tape.ends[entry] = end
    if (kind === NUMBER) {
      tape.numbers[entry] = this.#number.value
      tape.flags[entry] = this.#number.isCanonical ? 1 : 0
    }
    return end
  }

  #close (open: number, node: FieldNode, at: number): number {
    return open === NO || this.tape.close(open, node) ? at + 1 : NO
  }
}
