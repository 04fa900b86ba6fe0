/**
 * Failed logins, counted for a source address and for a user name tried from it, so that guessing is slow.
 *
 * Never for a user name alone: a stranger cannot lock a device out. A pair that got in once is let past the count of its
 * source, so that neighbors behind one address do not suffer from the guesses of one among them.
 *
 * Kept in memory, bounded, under fingerprints whose key is made at the start and kept nowhere.
 */

import { createHmac, randomBytes } from 'node:crypto'
import { sourceOf } from './source.js'

const MINUTE_MS = 60_000
const MAX_FOR_PAIR = 6
const MAX_COUNTED = 50_000
const MAX_REMEMBERED = 50_000
const PRINT_BYTES = 12

export class FailedLogins {
  readonly #key = randomBytes(32)
  readonly #nowMs: () => number
  readonly #sources: Rates
  readonly #pairs: Rates
  #known = new Set<string>()
  #knownBefore = new Set<string>()

  /** @param maxForSource failures in a minute; one user name has six of them */
  constructor (maxForSource: number, nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
    this.#sources = new Rates(maxForSource)
    this.#pairs = new Rates(Math.min(MAX_FOR_PAIR, maxForSource))
  }

  /** False: refuse without asking for the credential. */
  mayTry (remoteAddress: string, userName: string): boolean {
    if (this.#sources.size === 0) return true
    const nowMs = this.#nowMs()
    const pair = this.#print(remoteAddress, userName)
    if (this.#pairs.isFull(pair, nowMs)) return false
    return this.#isKnown(pair) || !this.#sources.isFull(this.#print(remoteAddress), nowMs)
  }

  failed (remoteAddress: string, userName: string): void {
    const nowMs = this.#nowMs()
    this.#sources.add(this.#print(remoteAddress), nowMs)
    this.#pairs.add(this.#print(remoteAddress, userName), nowMs)
  }

  succeeded (remoteAddress: string, userName: string): void {
    const pair = this.#print(remoteAddress, userName)
    if (this.#known.has(pair)) return
    if (this.#known.size >= MAX_REMEMBERED) {
      this.#knownBefore = this.#known
      this.#known = new Set()
    }
    this.#known.add(pair)
  }

  /** Entries held: of failures, and of pairs that got in. */
  get size (): { counted: number, known: number } {
    return { counted: this.#sources.size + this.#pairs.size, known: this.#known.size + this.#knownBefore.size }
  }

  #isKnown (pair: string): boolean {
    return this.#known.has(pair) || this.#knownBefore.has(pair)
  }

  #print (remoteAddress: string, userName?: string): string {
    const hmac = createHmac('sha256', this.#key).update(sourceOf(remoteAddress))
    return (userName === undefined ? hmac : hmac.update('\0').update(userName)).digest().subarray(0, PRINT_BYTES).toString('latin1')
  }
}

/** So many at once, and as many again in each minute; a number for each key: when its count will be back at none. */
class Rates {
  readonly #emptyAtMs = new Map<string, number>()
  readonly #max: number

  constructor (max: number) {
    this.#max = max
  }

  get size (): number {
    return this.#emptyAtMs.size
  }

  isFull (key: string, nowMs: number): boolean {
    return (this.#emptyAtMs.get(key) ?? 0) - nowMs > (this.#max - 1) * MINUTE_MS / this.#max
  }

  /** What was counted longest ago goes when there are too many. */
  add (key: string, nowMs: number): void {
    const emptyAtMs = Math.max(this.#emptyAtMs.get(key) ?? 0, nowMs) + MINUTE_MS / this.#max
    this.#emptyAtMs.delete(key)
    this.#emptyAtMs.set(key, emptyAtMs)
    for (const [oldest, emptyMs] of this.#emptyAtMs) {
      if (emptyMs > nowMs && this.#emptyAtMs.size <= MAX_COUNTED) return
      this.#emptyAtMs.delete(oldest)
    }
  }
}
