/**
 * A seeded source of randomness: sfc32, its state filled by FNV-1a over the seed and splitmix32.
 *
 * One seed gives one sequence, on every machine. Not for secrets: the passwords it makes are for simulated devices only.
 */

const HEX = '0123456789ABCDEF'
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

export class Random {
  private a: number
  private b: number
  private c: number
  private counter = 1
  private readonly seed: string

  constructor (seed: string) {
    this.seed = seed
    const fill = splitmix32(fnv1a(seed))
    this.a = fill()
    this.b = fill()
    this.c = fill()
    for (let round = 0; round < 12; round++) this.next()
  }

  /** A source of its own for one named thing; drawing from it moves nothing here. */
  fork (name: string | number): Random {
    return new Random(`${this.seed}/${name}`)
  }

  /** At least 0, below 1. */
  next (): number {
    const sum = (this.a + this.b + this.counter++) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum | 0
    return (sum >>> 0) / 0x1_0000_0000
  }

  /** A whole number, both ends included. */
  integer (lowest: number, highest: number): number {
    return lowest + Math.floor(this.next() * (highest - lowest + 1))
  }

  /** A number with that many decimals. */
  decimal (lowest: number, highest: number, decimals: number): number {
    return Number((lowest + this.next() * (highest - lowest)).toFixed(decimals))
  }

  chance (probability: number): boolean {
    return this.next() < probability
  }

  pick<T> (from: readonly T[]): T {
    if (from.length === 0) throw new TypeError('nothing to pick from')
    return from[this.integer(0, from.length - 1)] as T
  }

  /** Upper-case hex digits. */
  hex (length: number): string {
    return this.text(length, HEX)
  }

  digits (length: number): string {
    return this.text(length, HEX.slice(0, 10))
  }

  /** Letters and digits that a person can tell apart. */
  letters (length: number): string {
    return this.text(length, LETTERS)
  }

  /** A version 4 UUID (RFC 9562). */
  uuid (): string {
    const hex = this.hex(32).toLowerCase()
    const variant = this.pick(['8', '9', 'a', 'b'])
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  private text (length: number, alphabet: string): string {
    let text = ''
    for (let at = 0; at < length; at++) text += alphabet.charAt(this.integer(0, alphabet.length - 1))
    return text
  }
}

function fnv1a (text: string): number {
  let hash = 0x811C9DC5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}

function splitmix32 (state: number): () => number {
  return () => {
    state = (state + 0x9E3779B9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21F0AAAD)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735A2D97)
    return mixed ^ (mixed >>> 15)
  }
}
