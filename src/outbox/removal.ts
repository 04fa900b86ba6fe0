/**
 * How entries of the database end: arrived, refused, or removed for another reason. One transaction each; memory follows when
 * it is durable.
 */

import type { Database, Key } from 'lmdb'
import type { AlsoWrite, Delivered, Refused } from './contract.js'
import type { BuriedLetter, DeadLetters } from './dead-letters.js'
import { transactDurably } from './durably.js'
import type { HeldEntries } from './held-entries.js'
import type { Line } from './line.js'
import type { HeldKey } from './stored-entry.js'

export class Removal {
  readonly #database: Database<unknown, Key>
  readonly #held: HeldEntries
  readonly #dead: DeadLetters
  readonly #bringIn: (sequences: readonly number[]) => Promise<void>

  /** `bringIn` resolves when the database holds those that only the journal holds: what it removes there would come again. */
  constructor (database: Database<unknown, Key>, held: HeldEntries, dead: DeadLetters, bringIn: (sequences: readonly number[]) => Promise<void> = async () => {}) {
    this.#bringIn = bringIn
    this.#database = database
    this.#held = held
    this.#dead = dead
  }

  /** Resolves, when the removal is durable, to the number of those that were still there. */
  async remove (recipient: string, sequences: readonly number[]): Promise<number> {
    await this.#bringIn(sequences)
    const line = this.#held.line(recipient)
    const keys = sequences.filter(sequence => line.has(sequence)).map(sequence => line.key(sequence))
    if (keys.length === 0) return 0
    await transactDurably(this.#database, () => { for (const key of keys) this.#database.removeSync(key) })
    return keys.filter(([, , sequence]) => this.#held.leave(line, sequence)).length
  }

  /** What arrived is told to `alsoWrite`, what was refused is buried, in one transaction. */
  async settle (recipient: string, arrived: readonly number[], refused: readonly Refused[], atMs: number, alsoWrite: AlsoWrite | undefined): Promise<void> {
    await this.#bringIn([...arrived, ...refused.map(({ sequence }) => sequence)])
    const line = this.#held.line(recipient)
    const keys = arrived.filter(sequence => line.has(sequence)).map(sequence => line.key(sequence))
    const burials = refused.filter(({ sequence }) => line.has(sequence)).map(({ sequence, reason }) => ({ key: line.key(sequence), reason }))
    if (keys.length + burials.length === 0) return
    let buried: BuriedLetter[] = []
    await transactDurably(this.#database, () => {
      this.#deliver(line, keys, atMs, alsoWrite)
      buried = burials.flatMap(({ key, reason }) => this.#bury(line, key, reason, atMs) ?? [])
    })
    for (const letter of buried) this.#dead.add(letter)
    for (const [, , sequence] of [...keys, ...burials.map(({ key }) => key)]) this.#held.leave(line, sequence)
  }

  #deliver (line: Line, keys: readonly HeldKey[], atMs: number, alsoWrite: AlsoWrite | undefined): void {
    const delivered: Delivered[] = []
    for (const key of keys) {
      const stored = alsoWrite && this.#held.stored(line, key[2])
      // of two that remove the same at one time, the second finds nothing
      if (!this.#database.removeSync(key) || stored === undefined) continue
      const { disclosure: { id, report }, header } = stored
      delivered.push({ recipient: line.recipient, report, id, header, atMs })
    }
    if (delivered.length > 0) alsoWrite?.(delivered)
  }

  #bury (line: Line, key: HeldKey, reason: string, atMs: number): BuriedLetter | undefined {
    const [, recipient, sequence, , size] = key
    const stored = this.#held.stored(line, sequence)
    if (!this.#database.removeSync(key) || stored === undefined) return undefined
    return this.#dead.write({ recipient, sequence, size, reason, atMs }, stored)
  }
}
