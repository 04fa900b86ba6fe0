/**
 * Rows of bytes in the arrays of a disclosure, as byte-array.ts judges them, while the look goes over the numbers: how many
 * stand in a row, and the last six of them. One for each array around, the innermost last.
 */

import { isKnownQuad, type KnownHere } from './known-here.js'

export const MOST_DEPTH = 80
const MAC_BYTES = 6
const COMMA = 0x2c
const CLOSE = 0x5d
const MINUS = 0x2d
/** Numbers below 2^24, of whatever sign, ask for nothing but as bytes. */
const LONGEST_SHORT = 7

export class ByteRows {
  /** Where each container begins; -1 for an object. */
  readonly starts = new Int32Array(MOST_DEPTH)
  readonly scalars = new Int32Array(MOST_DEPTH)
  readonly hasText = new Uint8Array(MOST_DEPTH)
  /** A row was as long as an address, and only the reference can tell whether it is a known one. */
  readonly isOdd = new Uint8Array(MOST_DEPTH)
  /** Asked since `begin` of rows that were judged here. */
  questions = 0
  readonly #rows = new Int32Array(MOST_DEPTH)
  readonly #highs = new Int32Array(MOST_DEPTH)
  readonly #lows = new Int32Array(MOST_DEPTH)
  readonly #macLows: number[] = []
  /** A bit for the lowest five bits of each of these: most bytes that are no address's last are told by it. */
  #lowBits = 0
  #known: KnownHere | undefined
  #isPlain = false

  /** `isPlain`: see `areNumbers` in known-here.ts. */
  begin (known: KnownHere, isPlain: boolean): void {
    this.#known = known
    this.#isPlain = isPlain
    this.questions = 0
    const lows = this.#macLows
    if (lows.length > 0) lows.length = 0
    // the last three bytes of the known MACs
    for (const mac of known.own.macs) lows.push(mac % 2 ** 24)
    for (const { macNumbers } of known.own.indexes) if (macNumbers.size > 0) for (const mac of macNumbers) lows.push(mac % 2 ** 24)
    this.#lowBits = 0
    for (let k = 0; k < lows.length; k++) this.#lowBits |= 1 << (lows[k]! & 31)
  }

  /** A container begins: `start` is where, or -1 for an object. */
  open (depth: number, start: number): void {
    this.starts[depth] = start
    this.scalars[depth] = this.hasText[depth] = this.isOdd[depth] = this.#rows[depth] = 0
  }

  /** A number in an array, as a byte of the row that it may go on with; false where it may make a known address. */
  take (value: number, depth: number): boolean {
    this.scalars[depth]!++
    if (value < -128 || value > 255 || value !== Math.floor(value)) return this.end(depth)
    const low = this.#lows[depth]!
    this.#highs[depth] = (this.#highs[depth]! << 8 | low >>> 16) & 0xffffff
    const lows = this.#lows[depth] = (low << 8 | value & 0xff) & 0xffffff
    // the halves of other addresses may meet: then the long way finds that out
    return ++this.#rows[depth]! < MAC_BYTES || !this.#isLow(lows)
  }

  /**
   * Goes over short whole numbers at the beginning of an array, as `take` would, one after the other. Where it stops, at
   * whatever else there is, the look goes on; -1 where they may make a known address.
   */
  passNumbers (bytes: Uint8Array, from: number, depth: number): number {
    let at = from
    let row = 0
    let high = 0
    let low = 0
    let scalars = 0
    for (;;) {
      const isNegative = bytes[at] === MINUS
      const first = isNegative ? at + 1 : at
      let i = first
      let value = 0
      for (let digit = 0; (digit = bytes[i]! - 0x30) >= 0 && digit <= 9; i++) value = value * 10 + digit
      const next = bytes[i]!
      // as numbers of their own, longer ones ask
      if (i === first || i - first > LONGEST_SHORT || (next !== COMMA && next !== CLOSE)) break
      scalars++
      if (value > (isNegative ? 128 : 255)) {
        this.#put(depth, row, high, low)
        if (!this.end(depth)) return -1
        row = 0
      } else {
        high = (high << 8 | low >>> 16) & 0xffffff
        low = (low << 8 | (isNegative ? -value : value) & 0xff) & 0xffffff
        if (++row >= MAC_BYTES && this.#isLow(low)) return -1
      }
      at = i
      if (next === CLOSE) break
      at++
    }
    this.#put(depth, row, high, low)
    this.scalars[depth]! += scalars
    return at
  }

  #put (depth: number, row: number, high: number, low: number): void {
    this.#rows[depth] = row
    this.#highs[depth] = high
    this.#lows[depth] = low
  }

  #isLow (low: number): boolean {
    return (this.#lowBits >>> (low & 31) & 1) === 1 && this.#macLows.includes(low)
  }

  /**
   * A row ends. Of four bytes, it may be a known IPv4 address. Six would have been found when the last was taken, and eight
   * and sixteen are no numbers: where all that is known are numbers, they are nothing.
   */
  end (depth: number): boolean {
    const row = this.#rows[depth]!
    if (row === 0) return true
    this.#rows[depth] = 0
    if (row !== 4 && row !== 6 && row !== 8 && row !== 16) return true
    if (this.#isPlain) this.questions++
    else this.isOdd[depth] = 1
    return !this.#isPlain || row !== 4 || !isKnownQuad((this.#highs[depth]! & 0xff) * 2 ** 24 + this.#lows[depth]!, this.#known!.own)
  }
}
