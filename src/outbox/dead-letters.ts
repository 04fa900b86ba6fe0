/**
 * What recipients refused for good: on disk, and in memory all of it but the content.
 *
 * ```
 * key    ['dead', recipient, sequence]                                    ordered-binary
 * value  [reason, firstMs, lastMs, refusals, notBeforeMs, size, value]    msgpack; the last one as stored-entry.ts draws it
 * ```
 */

import type { Database, Key } from 'lmdb'
import type { DeadLetter } from './contract.js'
import { readRange, readValue } from './read-value.js'
import { readStored, storedValue, type Stored } from './stored-entry.js'

const FIRST_DEAD = ['dead']
/** After every key that begins with `dead`, before `held`. */
const AFTER_DEAD = ['deae']

export interface BuriedLetter extends DeadLetter {
  readonly sequence: number
  /** Room that it takes on the disk. */
  readonly size: number
}

export interface Burial {
  readonly recipient: string
  readonly sequence: number
  readonly size: number
  readonly reason: string
  readonly atMs: number
}

export class DeadLetters {
  readonly #database: Database<unknown, Key>
  readonly #letters = new Map<string, Map<number, BuriedLetter>>()
  readonly #bytes = new Map<string, number>()
  #lastSequence = 0

  /** Reads all of them. */
  constructor (database: Database<unknown, Key>) {
    this.#database = database
    for (const { key, value } of readRange(database, { start: FIRST_DEAD, end: AFTER_DEAD })) this.#recover(key as [string, string, number], value)
  }

  /** The highest one on disk at the start. */
  get lastSequence (): number {
    return this.#lastSequence
  }

  recipients (): string[] {
    return [...this.#letters.keys()]
  }

  /** Ascending. */
  sequences (recipient: string): number[] {
    return [...this.#of(recipient).keys()].sort((a, b) => a - b)
  }

  list (recipient?: string): BuriedLetter[] {
    const recipients = recipient === undefined ? this.recipients().sort() : [recipient]
    return recipients.flatMap(one => [...this.#of(one).values()].sort((a, b) => a.sequence - b.sequence))
  }

  count (recipient: string): number {
    return this.#of(recipient).size
  }

  /** Room that they take on the disk. */
  bytes (recipient: string): number {
    return this.#bytes.get(recipient) ?? 0
  }

  /** To be called inside a transaction; then `add` when it is durable. */
  write ({ recipient, sequence, size, reason, atMs }: Burial, { disclosure, header, refused }: Stored): BuriedLetter {
    const [firstMs, refusals] = [refused?.firstMs ?? atMs, (refused?.times ?? 0) + 1]
    const { id, report, bytes } = disclosure
    this.#database.putSync(keyOf(recipient, sequence), [reason, firstMs, atMs, refusals, header.notBeforeMs, size, storedValue({ disclosure, header })])
    return { recipient, sequence, size, id, report, reason, firstMs, lastMs: atMs, refusals, bytes: bytes.byteLength }
  }

  add (letter: BuriedLetter): void {
    const letters = this.#letters.get(letter.recipient) ?? new Map<number, BuriedLetter>()
    this.#letters.set(letter.recipient, letters.set(letter.sequence, letter))
    this.#bytes.set(letter.recipient, this.bytes(letter.recipient) + letter.size)
  }

  /** To be called inside a transaction; then `forget` when it is durable. False: it was gone. */
  erase ({ recipient, sequence }: BuriedLetter): boolean {
    return this.#database.removeSync(keyOf(recipient, sequence))
  }

  forget ({ recipient, sequence, size }: BuriedLetter): void {
    const letters = this.#of(recipient)
    if (!letters.delete(sequence)) return
    this.#bytes.set(recipient, this.bytes(recipient) - size)
    if (letters.size === 0) this.#letters.delete(recipient)
  }

  get (recipient: string, sequence: number): BuriedLetter | undefined {
    return this.#of(recipient).get(sequence)
  }

  /** Its content; undefined: gone, or the disk holds something else. */
  read ({ recipient, sequence, firstMs, refusals }: BuriedLetter): Stored | undefined {
    const value = readValue(this.#database, keyOf(recipient, sequence))
    if (!Array.isArray(value) || typeof value[4] !== 'number') return undefined
    const stored = readStored(recipient, value[4], value[6])
    return stored && { ...stored, refused: { firstMs, times: refusals } }
  }

  #recover ([, recipient, sequence]: [string, string, number], value: unknown): void {
    const [reason, firstMs, lastMs, refusals, , size, stored] = Array.isArray(value) ? value as unknown[] : []
    const [id, report, bytes] = Array.isArray(stored) ? stored as unknown[] : []
    this.#lastSequence = Math.max(this.#lastSequence, sequence)
    this.add({
      recipient,
      sequence,
      id: textOr(id, ''),
      report: textOr(report, 'unknown'),
      reason: textOr(reason, 'unknown'),
      firstMs: numberOr0(firstMs),
      lastMs: numberOr0(lastMs),
      refusals: numberOr0(refusals),
      size: numberOr0(size),
      bytes: bytes instanceof Uint8Array ? bytes.byteLength : 0
    })
  }

  #of (recipient: string): Map<number, BuriedLetter> {
    return this.#letters.get(recipient) ?? new Map<number, BuriedLetter>()
  }
}

function keyOf (recipient: string, sequence: number): Key {
  return ['dead', recipient, sequence]
}

function textOr (value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

function numberOr0 (value: unknown): number {
  return typeof value === 'number' ? value : 0
}
