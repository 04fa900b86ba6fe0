/**
 * Walks over everything: purge, discard, retry, headers.
 *
 * They go by strides, a transaction and a turn for others each, and those that change something go one after the other: what
 * one of them moves, another must not miss.
 */

import { setImmediate } from 'node:timers/promises'
import type { Database, Key } from 'lmdb'
import type { PrivateHeader } from '../model/disclosure.js'
import type { DeadLetter, WaitingHeader } from './contract.js'
import type { BuriedLetter, DeadLetters } from './dead-letters.js'
import { transactDurably } from './durably.js'
import type { HeldEntries } from './held-entries.js'
import type { Removal } from './removal.js'
import { heldKey, storedValue } from './stored-entry.js'

const STRIDE = 500

export type Match = (header: PrivateHeader, recipient: string) => boolean

/** Reserves room for that many entries of a recipient, or throws; what it returns gives it free again. */
export type Admit = (recipient: string, entries: number) => () => void

export class Walks {
  readonly #database: Database<unknown, Key>
  readonly #held: HeldEntries
  readonly #dead: DeadLetters
  readonly #removal: Removal
  #last: Promise<unknown> = Promise.resolve()

  constructor (database: Database<unknown, Key>, held: HeldEntries, dead: DeadLetters, removal: Removal) {
    this.#database = database
    this.#held = held
    this.#dead = dead
    this.#removal = removal
  }

  /** An entry that is refused meanwhile is met as a dead letter, or its refusal finds nothing to bury. */
  async purge (match: Match): Promise<number> {
    return await this.#inTurn(async () => await this.#purgeHeld(match) + await this.#purgeDead(match))
  }

  /** Resolves to what is gone. */
  async discard (match: (letter: DeadLetter) => boolean): Promise<DeadLetter[]> {
    return await this.#inTurn(async () => {
      const discarded: BuriedLetter[] = []
      for await (const letters of this.#deadStrides()) discarded.push(...await this.#forget(letters.filter(match)))
      return discarded.map(shown)
    })
  }

  /** Back into their lines; resolves to their number. */
  async retry (match: (letter: DeadLetter) => boolean, admit: Admit): Promise<number> {
    return await this.#inTurn(async () => {
      let retried = 0
      for await (const letters of this.#deadStrides()) retried += await this.#revive(letters.filter(match), admit)
      return retried
    })
  }

  async * headers (): AsyncIterable<WaitingHeader> {
    for await (const [recipient, sequences] of this.#heldStrides()) {
      const line = this.#held.line(recipient)
      for (const sequence of sequences) {
        const header = this.#held.stored(line, sequence)?.header
        if (header !== undefined) yield { recipient, header, dead: false }
      }
    }
    for await (const letters of this.#deadStrides()) {
      for (const letter of letters) {
        const header = this.#dead.read(letter)?.header
        if (header !== undefined) yield { recipient: letter.recipient, header, dead: true }
      }
    }
  }

  async #purgeHeld (match: Match): Promise<number> {
    let purged = 0
    for await (const [recipient, sequences] of this.#heldStrides()) {
      const line = this.#held.line(recipient)
      const matching = sequences.filter(sequence => isMatch(match, this.#held.stored(line, sequence)?.header, recipient))
      purged += await this.#removal.remove(recipient, matching)
    }
    return purged
  }

  async #purgeDead (match: Match): Promise<number> {
    let purged = 0
    for await (const letters of this.#deadStrides()) {
      const matching = letters.filter(letter => isMatch(match, this.#dead.read(letter)?.header, letter.recipient))
      purged += (await this.#forget(matching)).length
    }
    return purged
  }

  async #forget (letters: readonly BuriedLetter[]): Promise<BuriedLetter[]> {
    if (letters.length === 0) return []
    await transactDurably(this.#database, () => { for (const letter of letters) this.#dead.erase(letter) })
    for (const letter of letters) this.#dead.forget(letter)
    return [...letters]
  }

  /** All of one recipient. */
  async #revive (letters: readonly BuriedLetter[], admit: Admit): Promise<number> {
    const readable = letters.flatMap(letter => {
      const stored = this.#dead.read(letter)
      return stored === undefined ? [] : [{ letter, stored, sequence: this.#held.takeSequence() }]
    })
    const recipient = letters[0]?.recipient
    if (readable.length === 0 || recipient === undefined) return 0
    const release = admit(recipient, readable.length)
    try {
      await transactDurably(this.#database, () => {
        for (const { letter, stored, sequence } of readable) {
          if (this.#dead.erase(letter)) this.#database.putSync(heldKey(recipient, sequence, stored.header.notBeforeMs, letter.size), storedValue(stored))
        }
      })
      for (const { letter, stored, sequence } of readable) {
        this.#dead.forget(letter)
        this.#held.join(recipient, sequence, stored.header.notBeforeMs, letter.size)
      }
    } finally { release() }
    return readable.length
  }

  async #inTurn<T> (walk: () => Promise<T>): Promise<T> {
    const result = this.#last.then(walk)
    this.#last = result.catch(() => {})
    return await result
  }

  /** All entries as they are when the walk begins, a stride of one recipient at a time. */
  async * #heldStrides (): AsyncIterable<[recipient: string, sequences: number[]]> {
    for (const recipient of this.#held.recipients()) {
      const sequences = [...this.#held.line(recipient).sequences()]
      for (let i = 0; i < sequences.length; i += STRIDE) {
        yield [recipient, sequences.slice(i, i + STRIDE)]
        await setImmediate()
      }
    }
  }

  async * #deadStrides (): AsyncIterable<BuriedLetter[]> {
    for (const recipient of this.#dead.recipients()) {
      const sequences = this.#dead.sequences(recipient)
      for (let i = 0; i < sequences.length; i += STRIDE) {
        yield sequences.slice(i, i + STRIDE).flatMap(sequence => this.#dead.get(recipient, sequence) ?? [])
        await setImmediate()
      }
    }
  }
}

/** As others may see it. */
export function shown ({ id, recipient, report, reason, firstMs, lastMs, refusals, bytes }: BuriedLetter): DeadLetter {
  return { id, recipient, report, reason, firstMs, lastMs, refusals, bytes }
}

function isMatch (match: Match, header: PrivateHeader | undefined, recipient: string): boolean {
  return header !== undefined && match(header, recipient)
}
