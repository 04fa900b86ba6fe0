/** JSON's grammar of numbers. Those whose value is written as anything but a plain number are refused. */

import { isNumericText } from '../guard/numeric-text.js'
import { MINUS, NO } from './json-bytes.js'

const POINT = 0x2e
/** So many digits a double holds exactly, and writes again as they were. */
const MOST_DIGITS = 15
const MOST_DECIMALS = 16
/** Smaller numbers are written with an exponent. */
const SMALLEST_PLAIN = 1e-6
const POWERS = Array.from({ length: MOST_DECIMALS + 1 }, (_, power) => 10 ** power)

export class NumberReader {
  /** Of the number that was read last. */
  value = 0
  /** It is spelled as JSON writes it. */
  isCanonical = false

  /** Where the number that begins at `start` ends, or `NO`. */
  read (bytes: Uint8Array, start: number): number {
    const isNegative = bytes[start] === MINUS
    const first = isNegative ? start + 1 : start
    let i = first
    let value = 0
    for (let digit = 0; (digit = bytes[i]! - 0x30) >= 0 && digit <= 9; i++) value = value * 10 + digit
    const digits = i - first
    if (digits === 0 || (digits > 1 && bytes[first] === 0x30)) return NO
    const next = bytes[i]!
    if (next === POINT || (next | 0x20) === 0x65 || digits > MOST_DIGITS) return this.#readFurther(bytes, start, first, i, value)
    this.value = isNegative ? -value : value
    this.isCanonical = !isNegative || value !== 0
    return i
  }

  /** Decimals, an exponent, or many digits. */
  #readFurther (bytes: Uint8Array, start: number, first: number, from: number, whole: number): number {
    let i = from
    let value = whole
    let decimals = 0
    if (bytes[i] === POINT) {
      const point = ++i
      for (let digit = 0; (digit = bytes[i]! - 0x30) >= 0 && digit <= 9; i++) value = value * 10 + digit
      decimals = i - point
      if (decimals === 0) return NO
    }
    const isExponential = (bytes[i]! | 0x20) === 0x65
    if (isExponential) {
      i++
      if (bytes[i] === 0x2b || bytes[i] === MINUS) i++
      const exponent = i
      while (bytes[i]! >= 0x30 && bytes[i]! <= 0x39) i++
      if (i === exponent) return NO
    }
    if (!isExponential && from - first + decimals <= MOST_DIGITS) {
      const size = value / POWERS[decimals]!
      this.value = first !== start ? -size : size
      this.isCanonical = bytes[i - 1] !== 0x30 && size >= SMALLEST_PLAIN
      if (size >= SMALLEST_PLAIN || size === 0) return i
    }
    this.value = Number(Buffer.from(bytes.buffer, bytes.byteOffset + start, i - start).toString('latin1'))
    this.isCanonical = false
    return isNumericText(String(this.value)) ? i : NO
  }
}
