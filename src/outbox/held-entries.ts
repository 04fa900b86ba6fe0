/** The entries held: in the database or the journal, and in memory the line of each recipient. */

import type { Database, Key } from 'lmdb'
import type { Disclosure } from '../model/disclosure.js'
import type { OutboxEntry, OutboxItem, StoredDisclosure } from './contract.js'
import { diskRoom } from './disk-room.js'
import { Line } from './line.js'
import { readValue } from './read-value.js'
import { Unapplied, type UnappliedEntry } from './journal/unapplied.js'
import { Recent } from './recent.js'
import { AFTER_HELD, contentBytes, FIRST_HELD, heldKey, readStored, storedValue, type HeldKey, type Stored } from './stored-entry.js'

const RECENT_BYTES = 16 * 1024 * 1024

export interface Placed {
  readonly sequence: number
  readonly entry: OutboxEntry
  readonly contentBytes: number
  /** Room that it takes on the disk. */
  readonly size: number
}

export class HeldEntries {
  /** What only the journal holds. */
  readonly unapplied = new Unapplied()
  readonly #database: Database<unknown, Key>
  readonly #restore: (stored: StoredDisclosure) => Disclosure | undefined
  readonly #lines = new Map<string, Line>()
  readonly #recent = new Recent(RECENT_BYTES)
  #nextSequence: number

  /** Reads the key of every entry, no value. */
  constructor (database: Database<unknown, Key>, restore: (stored: StoredDisclosure) => Disclosure | undefined, lastSequence: number) {
    this.#database = database
    this.#restore = restore
    this.#nextSequence = lastSequence + 1
    for (const key of database.getKeys({ start: FIRST_HELD, end: AFTER_HELD })) this.#recover(key as HeldKey)
  }

  /** Gives each entry its place in the order of this call. */
  place (entries: readonly OutboxEntry[]): Placed[] {
    return entries.map(entry => {
      const bytes = contentBytes(entry)
      return { sequence: this.#nextSequence++, entry, contentBytes: bytes, size: diskRoom(bytes) }
    })
  }

  /** Spells an entry for the append's transaction. */
  spell ({ sequence, size, entry }: Placed): [HeldKey, unknown[]] {
    return [heldKey(entry.disclosure.recipient, sequence, entry.header.notBeforeMs, size), storedValue(entry)]
  }

  /** Gives a place in line to what is durable; `recent` where it may be kept in memory as it is. */
  add ({ sequence, entry, size }: Placed): void {
    this.join(entry.disclosure.recipient, sequence, entry.header.notBeforeMs, size)
    this.#recent.add(sequence, entry)
  }

  /** As `add`, of what has to be looked at by the guard again. */
  join (recipient: string, sequence: number, notBeforeMs: number, size: number): void {
    this.line(recipient).add(sequence, notBeforeMs, size)
  }

  takeSequence (): number {
    return this.#nextSequence++
  }

  /** That one is taken. */
  skipTo (sequence: number): void {
    this.#nextSequence = Math.max(this.#nextSequence, sequence + 1)
  }

  /** What the database holds now, as far as it is still there. */
  remember ({ sequence, stored: { disclosure: { recipient } }, entry }: UnappliedEntry): void {
    if (entry !== undefined && this.line(recipient).has(sequence)) this.#recent.add(sequence, entry)
  }

  /** Throws what the store throws; nothing is claimed then. */
  claim (recipient: string, max: number, nowMs: number): OutboxItem[] {
    const line = this.line(recipient)
    const sequences = line.claim(max, nowMs)
    try {
      return sequences.flatMap(sequence => this.#item(line, sequence) ?? [])
    } catch (error) {
      line.unclaim(sequences)
      throw error
    }
  }

  /** Takes it out of its line. False: it was gone. */
  leave (line: Line, sequence: number): boolean {
    this.#recent.remove(sequence)
    return line.remove(sequence)
  }

  recipients (): string[] {
    return [...this.#lines.values()].filter(({ depth }) => depth > 0).map(({ recipient }) => recipient)
  }

  oldestMs (recipient: string): number | undefined {
    const line = this.line(recipient)
    const oldest = line.oldest()
    return oldest === undefined ? undefined : this.stored(line, oldest)?.header.decidedMs
  }

  line (recipient: string): Line {
    const line = this.#lines.get(recipient) ?? new Line(recipient)
    this.#lines.set(recipient, line)
    return line
  }

  /** Undefined: gone, or the disk holds something else. */
  stored (line: Line, sequence: number): Stored | undefined {
    const inMemory = this.unapplied.get(sequence)?.stored ?? this.#recent.get(sequence)
    if (inMemory !== undefined) return inMemory
    const key = line.key(sequence)
    return readStored(line.recipient, key[3], readValue(this.#database, key))
  }

  #recover ([, recipient, sequence, notBeforeMs, size]: HeldKey): void {
    this.join(recipient, sequence, notBeforeMs, size)
    this.skipTo(sequence)
  }

  #item (line: Line, sequence: number): OutboxItem | undefined {
    const { recipient } = line
    const unapplied = this.unapplied.get(sequence)
    const recent = unapplied?.entry ?? this.#recent.get(sequence)
    if (recent !== undefined) return { recipient, sequence, entry: recent }
    if (unapplied !== undefined) return { recipient, sequence, entry: this.#guarded(unapplied.stored) }
    const key = line.key(sequence)
    const value = readValue(this.#database, key)
    if (value !== undefined) return { recipient, sequence, entry: this.#restored(key, value) }
    // A removal that is on disk and not yet answered.
    this.leave(line, sequence)
    return undefined
  }

  #restored ([, recipient, , notBeforeMs]: HeldKey, value: unknown): OutboxEntry | undefined {
    const stored = readStored(recipient, notBeforeMs, value)
    return stored && this.#guarded(stored)
  }

  #guarded (stored: Stored): OutboxEntry | undefined {
    const disclosure = this.#restore(stored.disclosure)
    return disclosure && { ...stored, disclosure }
  }
}
