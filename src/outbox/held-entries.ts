/** The entries held: on disk, and in memory the line of each recipient. */

import { setImmediate } from 'node:timers/promises'
import type { Database, Key } from 'lmdb'
import type { Disclosure, PrivateHeader } from '../model/disclosure.js'
import type { AlsoWrite, OutboxEntry, OutboxItem, StoredDisclosure, WaitingHeader } from './contract.js'
import { transactDurably } from './durably.js'
import { Line } from './line.js'
import { Recent } from './recent.js'
import { AFTER_HELD, FIRST_HELD, heldKey, readStored, storedValue, type HeldKey, type Stored } from './stored-entry.js'

const RECENT_BYTES = 16 * 1024 * 1024
/** Entries that a purge or a walk over all looks at before others have a turn. */
const STRIDE = 500

export interface Placed {
  readonly sequence: number
  readonly entry: OutboxEntry
}

export class HeldEntries {
  readonly #database: Database<unknown, Key>
  readonly #restore: (stored: StoredDisclosure) => Disclosure | undefined
  readonly #lines = new Map<string, Line>()
  readonly #recent = new Recent(RECENT_BYTES)
  #nextSequence = 1
  #size = 0

  /** Reads the key of every entry, no value. */
  constructor (database: Database<unknown, Key>, restore: (stored: StoredDisclosure) => Disclosure | undefined) {
    this.#database = database
    this.#restore = restore
    for (const key of database.getKeys({ start: FIRST_HELD, end: AFTER_HELD })) this.#recover(key as HeldKey)
  }

  get size (): number {
    return this.#size
  }

  /** Gives each entry its place in the order of this call. */
  place (entries: readonly OutboxEntry[]): Placed[] {
    return entries.map(entry => ({ sequence: this.#nextSequence++, entry }))
  }

  /** To be called inside the append's transaction. */
  write (placed: readonly Placed[]): void {
    for (const { sequence, entry } of placed) {
      this.#database.put(heldKey(entry.disclosure.recipient, sequence, entry.header.notBeforeMs), storedValue(entry))
    }
  }

  /** To be called when the transaction is durable. */
  add (placed: readonly Placed[]): void {
    for (const { sequence, entry } of placed) {
      this.#join(entry.disclosure.recipient, sequence, entry.header.notBeforeMs)
      this.#recent.add(sequence, entry)
    }
  }

  /** Throws what the store throws; nothing is claimed then. */
  claim (recipient: string, max: number, nowMs: number): OutboxItem[] {
    const line = this.#line(recipient)
    const sequences = line.claim(max, nowMs)
    try {
      return sequences.flatMap(sequence => this.#item(line, sequence) ?? [])
    } catch (error) {
      line.unclaim(sequences)
      throw error
    }
  }

  unclaim (recipient: string, sequences: readonly number[]): void {
    this.#line(recipient).unclaim(sequences)
  }

  /**
   * Resolves, when the removal is durable, to the number of those that were still there. `alsoWrite` is told of them in
   * the same transaction; if it throws, all of them stay.
   */
  async remove (recipient: string, sequences: readonly number[], alsoWrite?: AlsoWrite): Promise<number> {
    const line = this.#line(recipient)
    const held = sequences.filter(sequence => line.has(sequence))
    if (held.length === 0) return 0
    await transactDurably(this.#database, () => { this.#removeFromDisk(line, held, alsoWrite) })
    return held.filter(sequence => this.#leave(line, sequence)).length
  }

  async purge (match: (header: PrivateHeader, recipient: string) => boolean): Promise<number> {
    let purged = 0
    for await (const [recipient, sequences] of this.#strides()) purged += await this.#purgeAmong(recipient, sequences, match)
    return purged
  }

  async * headers (): AsyncIterable<WaitingHeader> {
    for await (const [recipient, sequences] of this.#strides()) {
      const line = this.#line(recipient)
      for (const sequence of sequences) {
        const header = this.#stored(line, sequence)?.header
        if (header !== undefined) yield { recipient, header }
      }
    }
  }

  recipients (): string[] {
    return [...this.#lines.keys()].filter(recipient => this.depth(recipient) > 0)
  }

  depth (recipient: string): number {
    return this.#line(recipient).depth
  }

  nextDueMs (recipient: string): number | undefined {
    return this.#line(recipient).nextDueMs()
  }

  oldestMs (recipient: string): number | undefined {
    const line = this.#line(recipient)
    const oldest = line.oldest()
    return oldest === undefined ? undefined : this.#stored(line, oldest)?.header.decidedMs
  }

  /** All entries as they are when the walk begins, a stride of one recipient at a time, with turns for others between. */
  async * #strides (): AsyncIterable<[recipient: string, sequences: number[]]> {
    for (const recipient of this.recipients()) {
      const sequences = [...this.#line(recipient).sequences()]
      for (let i = 0; i < sequences.length; i += STRIDE) {
        yield [recipient, sequences.slice(i, i + STRIDE)]
        await setImmediate()
      }
    }
  }

  /** To be called inside the removal's transaction. */
  #removeFromDisk (line: Line, sequences: readonly number[], alsoWrite: AlsoWrite | undefined): void {
    const removed: Stored[] = []
    for (const sequence of sequences) {
      const stored = alsoWrite && this.#stored(line, sequence)
      // of two that remove the same at one time, the second finds nothing
      if (this.#database.removeSync(line.key(sequence)) && stored !== undefined) removed.push(stored)
    }
    if (removed.length > 0) alsoWrite?.(removed.map(({ disclosure: { id, report }, header }) => ({ recipient: line.recipient, report, id, header })))
  }

  async #purgeAmong (recipient: string, sequences: number[], match: (header: PrivateHeader, recipient: string) => boolean): Promise<number> {
    const line = this.#line(recipient)
    return await this.remove(recipient, sequences.filter(sequence => {
      const header = this.#stored(line, sequence)?.header
      return header !== undefined && match(header, recipient)
    }))
  }

  #recover ([, recipient, sequence, notBeforeMs]: HeldKey): void {
    this.#join(recipient, sequence, notBeforeMs)
    this.#nextSequence = Math.max(this.#nextSequence, sequence + 1)
  }

  #join (recipient: string, sequence: number, notBeforeMs: number): void {
    this.#line(recipient).add(sequence, notBeforeMs)
    this.#size++
  }

  #leave (line: Line, sequence: number): boolean {
    this.#recent.remove(sequence)
    const wasHeld = line.remove(sequence)
    if (wasHeld) this.#size--
    return wasHeld
  }

  #line (recipient: string): Line {
    const line = this.#lines.get(recipient) ?? new Line(recipient)
    this.#lines.set(recipient, line)
    return line
  }

  #item (line: Line, sequence: number): OutboxItem | undefined {
    const { recipient } = line
    const recent = this.#recent.get(sequence)
    if (recent !== undefined) return { recipient, sequence, entry: recent }
    const key = line.key(sequence)
    const value = this.#database.get(key)
    if (value !== undefined) return { recipient, sequence, entry: this.#restored(key, value) }
    // A removal that is on disk and not yet answered.
    this.#leave(line, sequence)
    return undefined
  }

  #restored (key: HeldKey, value: unknown): OutboxEntry | undefined {
    const stored = readStored(key, value)
    const disclosure = stored && this.#restore(stored.disclosure)
    return stored && disclosure && { disclosure, header: stored.header }
  }

  /** Undefined: gone, or the disk holds something else. */
  #stored (line: Line, sequence: number): Stored | undefined {
    const key = line.key(sequence)
    return this.#recent.get(sequence) ?? readStored(key, this.#database.get(key))
  }
}
