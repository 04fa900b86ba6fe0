/**
 * The walk: goes over a report's bytes once, strictly, and finds the fields and the addresses on its way.
 *
 * It takes only JSON that the reference (classify/decode.ts) takes, and not all of it: an escape in a key, a key twice or
 * made of digits, an exponent beyond plain numbers, depth and length beyond bounds, anything that is not JSON at all, and
 * it says no. The reference then decides, and says why.
 */

import { isUtf8 } from 'node:buffer'
import { MAX_DEPTH } from '../classify/decode.js'
import { CLASSES, HIGH, STOPS } from '../guard/byte-classes.js'
import type { KnownIndex } from '../guard/known-index.js'
import { isNumericText } from '../guard/numeric-text.js'
import { isNobody, plainIpv4, plainMac } from '../guard/plain-address.js'
import { MAYBE, prescreen } from '../guard/prescreen.js'
import { indexOf } from '../guard/questions.js'
import type { TextFacts, TextMemory } from '../guard/text-memory.js'
import type { FieldNode } from './field-node.js'
import { isStillInBase64, keyUseOf, rawUseOf } from './raw-use.js'
import { ARRAY, CLOSE, FALSE, MOST_ENTRIES, NULL, NUMBER, OBJECT, Tape, TEXT, TRUE } from './tape.js'

/** Longer reports go the long way. */
export const LONGEST_WALK = 262_144

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const MINUS = 0x2d
const POINT = 0x2e
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const TRUE_LETTERS = [0x74, 0x72, 0x75, 0x65]
const FALSE_LETTERS = [0x66, 0x61, 0x6c, 0x73, 0x65]
const NULL_LETTERS = [0x6e, 0x75, 0x6c, 0x6c]

/** So many digits a double holds exactly, and writes again as they were. */
const MOST_DIGITS = 15
const MOST_DECIMALS = 16
/** Smaller numbers are written with an exponent. */
const SMALLEST_PLAIN = 1e-6
const POWERS = Array.from({ length: MOST_DECIMALS + 1 }, (_, power) => 10 ** power)
/** Members of one object whose keys no report type knows. */
const MOST_UNKNOWN = 64
const NO = -1

export interface StatedTexts {
  readonly order: number
  readonly entries: readonly number[]
}

export class Walk {
  readonly tape = new Tape()
  /** The bytes, with a zero after them that ends every scan. */
  readonly bytes: Uint8Array = new Uint8Array(LONGEST_WALK + 8)
  /** Addresses found. */
  readonly own = { indexes: [] as KnownIndex[], macs: [] as number[], ipv4s: [] as number[] }
  /** Unclassified leaves: where in the report type, and their JSON. */
  readonly unclassifiedAt: FieldNode[] = []
  readonly unclassifiedStarts: number[] = []
  readonly unclassifiedEnds: number[] = []
  /** Entries in which the report tells of its device's firmware. */
  readonly firmware: number[] = []
  /** Texts of closed categories in objects that name a device. */
  readonly stated: StatedTexts[] = []
  extra = 0
  #classes = 0
  #serial = 0
  #number = 0
  #isCanonical = false
  readonly #memory: TextMemory
  readonly #unknownStarts: number[] = []
  readonly #unknownEnds: number[] = []

  constructor (memory: TextMemory) {
    this.#memory = memory
  }

  /** False: the report is none of these. */
  take (payload: Uint8Array, root: FieldNode): boolean {
    if (payload.length > LONGEST_WALK) return false
    const { bytes, tape } = this
    bytes.set(payload)
    bytes[payload.length] = 0
    tape.length = 0
    this.own.indexes.length = this.own.macs.length = this.own.ipv4s.length = this.unclassifiedAt.length = this.unclassifiedStarts.length = this.unclassifiedEnds.length = this.firmware.length = this.stated.length = this.#unknownStarts.length = this.#unknownEnds.length = 0
    this.extra = this.#classes = 0
    const start = space(bytes, 0)
    if (bytes[start] !== OPEN_OBJECT) return false
    const end = this.#object(start + 1, root, NO, NO, undefined, 1)
    if (end === NO || space(bytes, end) !== payload.length) return false
    return (this.#classes & HIGH) === 0 || isUtf8(payload)
  }

  #object (from: number, node: FieldNode, keyStart: number, keyEnd: number, keyFacts: TextFacts | undefined, depth: number): number {
    if (depth > MAX_DEPTH) return NO
    const { bytes, tape } = this
    const open = node.path === undefined ? NO : this.#entry(OBJECT, node, keyStart, keyEnd, keyFacts)
    if (open === MOST_ENTRIES) return NO
    const serial = ++this.#serial
    const unknown = this.#unknownStarts.length
    let isOfDevice = false
    let closed: number[] | undefined
    let i = space(bytes, from)
    if (bytes[i] === CLOSE_OBJECT) return this.#close(open, node, i)
    for (;;) {
      if (bytes[i] !== QUOTE) return NO
      const start = ++i
      let classes = 0
      for (let bits = 0; ((bits = CLASSES[bytes[i]!]!) & STOPS) === 0; i++) classes |= bits
      if (bytes[i] !== QUOTE || (classes & HIGH) !== 0 || isIndex(bytes, start, i)) return NO
      const end = i
      const member = node.member(bytes, start, end)
      if (member === undefined) return NO
      let memberFacts: TextFacts | undefined
      if (member.isShared) {
        if (!this.#isNew(start, end, unknown)) return NO
        if (member.keyed !== undefined || prescreen(bytes, start, end, classes) === MAYBE) {
          memberFacts = this.#memory.at(bytes, start, end, classes, false)
          if (memberFacts.level === MAYBE && !this.#know(memberFacts)) return NO
        }
      } else if (member.seenIn === serial) {
        return NO
      } else if (member.keyed !== undefined) {
        memberFacts = this.#memory.at(bytes, start, end, classes, false)
      }
      member.seenIn = serial
      if (member.keyed !== undefined && memberFacts !== undefined) {
        const index = indexOf(keyUseOf(memberFacts, member.keyed))
        if (index !== undefined) this.own.indexes.push(index)
      }
      i = space(bytes, end + 1)
      if (bytes[i] !== COLON) return NO
      i = space(bytes, i + 1)
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
      i = space(bytes, i)
      if (bytes[i] === COMMA) i = space(bytes, i + 1)
      else if (bytes[i] === CLOSE_OBJECT) break
      else return NO
    }
    this.#unknownStarts.length = this.#unknownEnds.length = unknown
    if (isOfDevice && closed !== undefined) this.stated.push({ order: serial, entries: closed })
    return this.#close(open, node, i)
  }

  #array (from: number, node: FieldNode, keyStart: number, keyEnd: number, keyFacts: TextFacts | undefined, depth: number): number {
    if (depth > MAX_DEPTH) return NO
    const { bytes } = this
    const open = node.path === undefined ? NO : this.#entry(ARRAY, node, keyStart, keyEnd, keyFacts)
    if (open === MOST_ENTRIES) return NO
    const element = node.element
    let i = space(bytes, from)
    if (bytes[i] === CLOSE_ARRAY) return this.#close(open, node, i)
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
      i = space(bytes, i)
      if (bytes[i] === COMMA) i = space(bytes, i + 1)
      else if (bytes[i] === CLOSE_ARRAY) return this.#close(open, node, i)
      else return NO
    }
  }

  #text (start: number, node: FieldNode, keyStart: number, keyEnd: number, keyFacts: TextFacts | undefined): number {
    const { bytes, tape } = this
    let classes = 0
    let hasEscape = false
    let i = start
    for (;; i++) {
      const bits = CLASSES[bytes[i]!]!
      if ((bits & STOPS) !== 0) {
        if (bytes[i] === QUOTE) break
        if (bytes[i] !== BACKSLASH || !isEscape(bytes, i + 1)) return NO
        hasEscape = true
        i++
      }
      classes |= bits
    }
    this.#classes |= classes
    let facts: TextFacts | undefined
    if (node.rawKind === 'plain') {
      if (hasEscape || prescreen(bytes, start, i, classes) === MAYBE) {
        facts = this.#memory.at(bytes, start, i, classes, hasEscape)
        if (!this.#know(facts)) return NO
      }
    } else if (hasEscape || !this.#knowPlainly(node, start, i)) {
      facts = this.#memory.at(bytes, start, i, classes, hasEscape)
      const use = rawUseOf(facts, node.field!)
      if (use.isTooMuch) return NO
      this.extra += use.extra
      if (use.index !== undefined) this.own.indexes.push(use.index)
    }
    if (node.field === undefined) {
      this.#noteUnclassified(node, start - 1, i + 1)
      return i + 1
    }
    const entry = this.#entry(TEXT, node, keyStart, keyEnd, keyFacts)
    if (entry === MOST_ENTRIES) return NO
    tape.starts[entry] = start
    tape.ends[entry] = i
    tape.flags[entry] = hasEscape ? 1 : 0
    tape.facts[entry] = facts
    if (node.isFirmware) this.firmware.push(entry)
    return i + 1
  }

  #scalar (start: number, byte: number, node: FieldNode, keyStart: number, keyEnd: number, keyFacts: TextFacts | undefined): number {
    const { bytes, tape } = this
    let kind = NUMBER
    let end = NO
    switch (byte) {
      case 0x74: kind = TRUE; end = word(bytes, start, TRUE_LETTERS); break
      case 0x66: kind = FALSE; end = word(bytes, start, FALSE_LETTERS); break
      case 0x6e: kind = NULL; end = word(bytes, start, NULL_LETTERS); break
      default: end = this.#readNumber(start)
    }
    if (end === NO) return NO
    if (node.field === undefined) {
      this.#noteUnclassified(node, start, end)
      return end
    }
    const entry = this.#entry(kind, node, keyStart, keyEnd, keyFacts)
    if (entry === MOST_ENTRIES) return NO
    tape.starts[entry] = start
    tape.ends[entry] = end
    if (kind === NUMBER) {
      tape.numbers[entry] = this.#number
      tape.flags[entry] = this.#isCanonical ? 1 : 0
    }
    return end
  }

  /** JSON's grammar of numbers. Those whose value is written as anything but a plain number are refused. */
  #readNumber (start: number): number {
    const { bytes } = this
    let i = bytes[start] === MINUS ? start + 1 : start
    const first = i
    let value = 0
    for (let digit = 0; (digit = bytes[i]! - 0x30) >= 0 && digit <= 9; i++) value = value * 10 + digit
    let digits = i - first
    if (digits === 0 || (digits > 1 && bytes[first] === 0x30)) return NO
    let decimals = 0
    if (bytes[i] === POINT) {
      const point = ++i
      for (let digit = 0; (digit = bytes[i]! - 0x30) >= 0 && digit <= 9; i++) value = value * 10 + digit
      decimals = i - point
      if (decimals === 0) return NO
      digits += decimals
    }
    const isExponential = (bytes[i]! | 0x20) === 0x65
    if (isExponential) {
      i++
      if (bytes[i] === 0x2b || bytes[i] === MINUS) i++
      const exponent = i
      while (bytes[i]! >= 0x30 && bytes[i]! <= 0x39) i++
      if (i === exponent) return NO
    }
    if (!isExponential && digits <= MOST_DIGITS) {
      const size = decimals === 0 ? value : value / POWERS[decimals]!
      this.#number = bytes[start] === MINUS ? -size : size
      this.#isCanonical = decimals === 0 ? bytes[start] !== MINUS || size !== 0 : bytes[i - 1] !== 0x30 && size >= SMALLEST_PLAIN
      if (decimals === 0 || size >= SMALLEST_PLAIN || size === 0) return i
    }
    this.#number = Number(Buffer.from(bytes.buffer, start, i - start).toString('latin1'))
    this.#isCanonical = false
    return isNumericText(String(this.#number)) ? i : NO
  }

  #entry (kind: number, node: FieldNode, keyStart: number, keyEnd: number, keyFacts: TextFacts | undefined): number {
    const { tape } = this
    const entry = tape.length
    if (entry >= MOST_ENTRIES - 1) return MOST_ENTRIES
    tape.length = entry + 1
    tape.kinds[entry] = kind
    tape.nodes[entry] = node
    tape.flags[entry] = 0
    tape.facts[entry] = undefined
    tape.keyStarts[entry] = keyStart
    tape.keyEnds[entry] = keyEnd
    tape.keyFacts[entry] = keyFacts
    return entry
  }

  #close (open: number, node: FieldNode, at: number): number {
    if (open === NO) return at + 1
    const entry = this.#entry(CLOSE, node, NO, NO, undefined)
    if (entry === MOST_ENTRIES) return NO
    this.tape.closes[open] = entry
    this.tape.closes[entry] = open
    return at + 1
  }

  /** A closed text in a usual spelling, a name in base64: known without its having to be remembered. */
  #knowPlainly (node: FieldNode, start: number, end: number): boolean {
    const { bytes, own } = this
    if (node.rawKind !== 'closed') return node.rawKind === 'base64' && isStillInBase64(bytes, start, end)
    if (node.field?.encoding !== undefined) return false
    const mac = plainMac(bytes, start, end)
    if (mac >= 0) {
      if (!isNobody(mac)) own.macs.push(mac)
      return true
    }
    const ipv4 = plainIpv4(bytes, start, end)
    if (ipv4 >= 0) own.ipv4s.push(ipv4)
    return ipv4 >= 0
  }

  /** False where not all addresses could be found. */
  #know (facts: TextFacts): boolean {
    const { index, extra, isTooMuch } = facts.raw
    this.extra += extra
    if (index !== undefined) this.own.indexes.push(index)
    return !isTooMuch
  }

  #noteUnclassified (node: FieldNode, start: number, end: number): void {
    this.unclassifiedAt.push(node)
    this.unclassifiedStarts.push(start)
    this.unclassifiedEnds.push(end)
  }

  /** Keys that share a node are compared with each other. */
  #isNew (start: number, end: number, first: number): boolean {
    const { bytes } = this
    const count = this.#unknownStarts.length
    if (count - first >= MOST_UNKNOWN) return false
    for (let k = first; k < count; k++) {
      const other = this.#unknownStarts[k]!
      if (this.#unknownEnds[k]! - other !== end - start) continue
      let i = 0
      while (i < end - start && bytes[other + i] === bytes[start + i]) i++
      if (i === end - start) return false
    }
    this.#unknownStarts.push(start)
    this.#unknownEnds.push(end)
    return true
  }
}

function space (bytes: Uint8Array, from: number): number {
  let i = from
  for (let byte = bytes[i]!; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = bytes[++i]!);
  return i
}

function word (bytes: Uint8Array, start: number, letters: readonly number[]): number {
  for (let k = 0; k < letters.length; k++) if (bytes[start + k] !== letters[k]) return NO
  return start + letters.length
}

/** What may follow a backslash (RFC 8259, section 7). */
function isEscape (bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at]!
  if (byte !== 0x75) return '"\\/bfnrt'.includes(String.fromCharCode(byte)) && byte !== 0
  for (let k = 1; k <= 4; k++) if (!/[0-9a-fA-F]/.test(String.fromCharCode(bytes[at + k]!))) return false
  return true
}

/** A key of digits: JSON.parse puts such keys first. */
function isIndex (bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start) return false
  for (let i = start; i < end; i++) if (bytes[i]! < 0x30 || bytes[i]! > 0x39) return false
  return true
}
