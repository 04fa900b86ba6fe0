/** Brings back into memory what the journal holds and the database does not: the state as it was, but for claims. Writes nothing. */

import { CurtilageError } from '../../model/errors.js'
import type { Delivered } from '../contract.js'
import type { HeldEntries } from '../held-entries.js'
import type { Line } from '../line.js'
import type { Redeliveries, SeenRow } from '../redeliveries.js'
import { readStored, type HeldKey, type Stored } from '../stored-entry.js'
import { recordsOf, type EntryRow, type Frame, type JournalRecord, type SettleRecord } from './frame.js'

export interface ReplayParts {
  readonly held: HeldEntries
  readonly redeliveries: Redeliveries
  /** Ends up to that record have been told to whoever counts them. */
  readonly counted: number
}

/** Returns the number of records. Throws CurtilageError outbox-journal: a frame is whole, and this program cannot read it. */
export function replay (frames: readonly Frame[], parts: ReplayParts): number {
  const touched = new Set<string>()
  for (const frame of frames) {
    try {
      new FrameReplay(frame, parts, touched).run()
    } catch (error) {
      throw new CurtilageError('outbox-journal', 'the journal of the outbox holds what this version cannot read: use the version that wrote it', undefined, { cause: error })
    }
  }
  for (const recipient of touched) parts.held.line(recipient).sort()
  return frames.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}

class FrameReplay {
  readonly #frame: Frame
  readonly #parts: ReplayParts
  readonly #touched: Set<string>
  #body = 0

  constructor (frame: Frame, parts: ReplayParts, touched: Set<string>) {
    this.#frame = frame
    this.#parts = parts
    this.#touched = touched
  }

  run (): void {
    for (const [i, record] of recordsOf(this.#frame).entries()) this.#take(this.#frame.first + i, record)
  }

  #take (number: number, record: JournalRecord): void {
    if (record[0] === 1) return this.#settle(number, record)
    const [kind, entries, seen] = record
    if (kind !== 0) throw new TypeError('no kind of record')
    for (const row of entries) this.#append(number, row)
    if (seen !== 0) this.#parts.redeliveries.hold(seen as SeenRow, number)
  }

  #append (record: number, [recipient, sequence, notBeforeMs, size, value]: EntryRow): void {
    const { held } = this.#parts
    const stored = this.#stored(recipient, notBeforeMs, value)
    const isPut = held.line(recipient).has(sequence)
    held.skipTo(sequence)
    held.unapplied.add({ record, sequence, size, stored, entry: undefined, isPut })
    if (isPut) return
    held.join(recipient, sequence, notBeforeMs, size)
    this.#touched.add(recipient)
  }

  #stored (recipient: string, notBeforeMs: number, [id, report, length, ...rest]: readonly unknown[]): Stored {
    const end = this.#body + (length as number)
    const stored = readStored(recipient, notBeforeMs, [id, report, Buffer.from(this.#frame.body.subarray(this.#body, end)), ...rest])
    if (stored === undefined || stored.disclosure.bytes.byteLength !== length) throw new TypeError('no entry')
    this.#body = end
    return stored
  }

  #settle (record: number, [, recipient, atMs, arrived, sequences]: SettleRecord): void {
    const { held, counted } = this.#parts
    const line = held.line(recipient)
    const there = sequences.filter(sequence => line.has(sequence))
    const delivered = arrived === 1 && record > counted ? there.flatMap(sequence => deliveredOf(held, line, sequence, atMs) ?? []) : []
    held.unapplied.end({ record, keys: keysToRemove(held, line, there), delivered }, there)
    for (const sequence of there) held.leave(line, sequence)
  }
}

/** Undefined: nobody can tell what it was. */
export function deliveredOf (held: HeldEntries, line: Line, sequence: number, atMs: number): Delivered | undefined {
  const stored = held.stored(line, sequence)
  return stored && { recipient: line.recipient, report: stored.disclosure.report, id: stored.disclosure.id, header: stored.header, atMs }
}

/** Of those that the database may hold. To be asked as long as they are in their line. */
export function keysToRemove (held: HeldEntries, line: Line, sequences: readonly number[]): HeldKey[] {
  return sequences.filter(sequence => held.unapplied.get(sequence)?.isPut !== false).map(sequence => line.key(sequence))
}
