/**
 * Brings what the journal holds into the database, by pieces, so that nobody waits long behind one.
 *
 * ```
 * key    ['journal']      value  [applied, counted]     numbers of records, see frame.ts
 * ```
 * All up to `applied` is in the database: what the journal still holds of it is left alone. Of a checkpoint that was cut off,
 * entries and redelivery keys are put again, which changes nothing; ends are not, since what is written with an arrival may
 * be a count: those up to `counted` have been told.
 *
 * INVARIANT: what is written with an arrival is written once, in the transaction that notes so.
 */

import { setImmediate } from 'node:timers/promises'
import type { Database, Key } from 'lmdb'
import { errorOf } from '../../model/errors.js'
import type { AlsoWrite } from '../contract.js'
import { transactDurably } from '../durably.js'
import type { HeldEntries } from '../held-entries.js'
import type { HeldSeen, Redeliveries } from '../redeliveries.js'
import { readValue } from '../read-value.js'
import { heldKey, storedValue } from '../stored-entry.js'
import type { UnappliedEnd, UnappliedEntry } from './unapplied.js'

const MARK = ['journal']
/** Of one piece, which is one transaction. */
const MAX_STEPS = 400
const MAX_BYTES = 1024 * 1024

export interface CheckpointSettings {
  readonly database: Database<unknown, Key>
  readonly held: HeldEntries
  readonly redeliveries: Redeliveries
  readonly alsoWrite: AlsoWrite | undefined
  /** Why nothing can be written. */
  readonly wantOfRoom: () => Error | undefined
  /** Rows of one transaction. */
  readonly maxSteps?: number
}

interface Piece {
  readonly ends: UnappliedEnd[]
  readonly entries: UnappliedEntry[]
  readonly seen: HeldSeen[]
}

export class Checkpoint {
  readonly #settings: CheckpointSettings
  #applied: number
  #counted: number
  #last: Promise<unknown> = Promise.resolve()
  #isEnded = false

  constructor (settings: CheckpointSettings) {
    this.#settings = settings
    const [applied, counted] = markOf(readValue(settings.database, MARK))
    this.#applied = applied
    this.#counted = counted
  }

  get applied (): number {
    return this.#applied
  }

  get counted (): number {
    return this.#counted
  }

  /** Resolves when the database holds all up to that record, which must be on disk. Rejects with outbox-write; what it did holds. */
  async apply (through: number): Promise<void> {
    if (this.#isEnded) throw errorOf('outbox-closed')
    const result = this.#last.then(async () => { if (through > this.#applied) await this.#apply(through) })
    this.#last = result.catch(() => {})
    await result
  }

  /** Resolves when nothing is under way; refuses what is asked later. */
  async end (): Promise<void> {
    this.#isEnded = true
    await this.#last
  }

  async #apply (through: number): Promise<void> {
    const { held: { unapplied }, redeliveries } = this.#settings
    const left = { ends: unapplied.endsThrough(through), entries: unapplied.entriesThrough(through), seen: redeliveries.heldThrough(through) }
    for (let isLast = false; !isLast;) {
      const want = this.#settings.wantOfRoom()
      if (want !== undefined) throw want
      const piece = take(left, this.#settings.maxSteps ?? MAX_STEPS)
      isLast = left.ends.length + left.entries.length + left.seen.length === 0
      await this.#write(piece, isLast ? through : undefined)
      if (!isLast) await setImmediate()
    }
    for (const dropped of unapplied.drop(through)) this.#settings.held.remember(dropped)
    redeliveries.dropHeld(through)
  }

  /** `through`: the piece is the last one of all up to there. */
  async #write (piece: Piece, through: number | undefined): Promise<void> {
    const { database, held: { unapplied } } = this.#settings
    const applied = through ?? this.#applied
    const counted = through ?? piece.ends.at(-1)?.record ?? this.#counted
    await transactDurably(database, () => {
      this.#putEnds(piece.ends)
      for (const entry of piece.entries) {
        // one that has ended meanwhile
        if (unapplied.get(entry.sequence) === entry) this.#put(entry)
      }
      for (const { key, value } of piece.seen) database.putSync(key, value)
      database.putSync(MARK, [applied, counted])
    })
    this.#applied = applied
    this.#counted = counted
    unapplied.dropEnds(counted)
  }

  #putEnds (ends: readonly UnappliedEnd[]): void {
    const { database, alsoWrite } = this.#settings
    for (const { keys } of ends) for (const key of keys) database.removeSync(key)
    const delivered = ends.flatMap(end => end.delivered)
    if (delivered.length > 0) alsoWrite?.(delivered)
  }

  #put (entry: UnappliedEntry): void {
    const { sequence, size, stored } = entry
    entry.isPut = true
    this.#settings.database.putSync(heldKey(stored.disclosure.recipient, sequence, stored.header.notBeforeMs, size), storedValue(stored))
  }
}

/** Ends come before entries, each in order. */
function take (left: Piece, maxSteps: number): Piece {
  let [steps, bytes] = [0, 0]
  const fits = (ofSteps: number, ofBytes: number): boolean => {
    const isFirst = steps === 0
    steps += ofSteps
    bytes += ofBytes
    return isFirst || (steps <= maxSteps && bytes <= MAX_BYTES)
  }
  return {
    ends: takeWhile(left.ends, ({ keys, delivered }) => fits(keys.length + delivered.length, 0)),
    entries: takeWhile(left.entries, ({ size }) => fits(1, size)),
    seen: takeWhile(left.seen, () => fits(1, 0))
  }
}

function takeWhile<T> (items: T[], fits: (item: T) => boolean): T[] {
  const beyond = items.findIndex(item => !fits(item))
  return items.splice(0, beyond < 0 ? items.length : beyond)
}

function markOf (value: unknown): [applied: number, counted: number] {
  const [applied, counted] = Array.isArray(value) ? value as unknown[] : []
  return [typeof applied === 'number' ? applied : 0, typeof counted === 'number' ? counted : 0]
}
