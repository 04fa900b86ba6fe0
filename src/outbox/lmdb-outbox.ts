/**
 * The outbox in an LMDB database of its own, with a journal in front of it (journal/journal.ts), or without one: then each
 * append and each end is a transaction. stored-entry.ts, dead-letters.ts and redeliveries.ts draw what is on disk.
 *
 * The environment must be open with `overlappingSync: false`, so that a resolved write is on disk, and
 * `eventTurnBatching: false`: with it, a failed commit is also an unhandled rejection, which ends the process.
 */

import type { Database, Key } from 'lmdb'
import type { Disclosure, PrivateHeader } from '../model/disclosure.js'
import { CurtilageError, errorOf } from '../model/errors.js'
import type { AlsoWrite, DeadLetter, Outbox, OutboxEntry, OutboxItem, Pause, RedeliveryKey, Refused, StoredDisclosure, WaitingHeader } from './contract.js'
import { Appends, type Append } from './appends.js'
import { DeadLetters } from './dead-letters.js'
import { HeldEntries, type Placed } from './held-entries.js'
import { Journal, type FoundInJournal, type JournalSettings } from './journal/journal.js'
import { Pauses } from './pauses.js'
import { Redeliveries } from './redeliveries.js'
import { Removal } from './removal.js'
import { Room, type Bounds, type Taking } from './room.js'
import { upgradeKeys } from './upgrade-keys.js'
import { shown, Walks } from './walks.js'

const MAX_FINGERPRINT = 128

/** Bounds are read each time: they may change. */
export interface LmdbOutboxSettings {
  /** Msgpack values and ordered-binary keys (lmdb's defaults); for the outbox alone. */
  readonly database: Database<unknown, Key>
  /** The egress guard's way back from disk; undefined: it found an address, or no disclosure. */
  readonly restore: (stored: StoredDisclosure) => Disclosure | undefined
  /** Entries of all recipients together. */
  readonly maxEntries: number
  /** Room on the disk of entries and dead letters together; unbounded where absent. */
  readonly maxBytes?: number
  /** Of both, for one recipient; 1 where absent. */
  readonly maxShare?: number
  /** Of one recipient; unbounded where absent. */
  readonly maxDeadLetters?: number
  readonly nowMs: () => number
  /** Written with every `ack`; with a journal, when that is brought into the database. */
  readonly alsoWrite?: AlsoWrite | undefined
  readonly journal?: Pick<JournalSettings, 'segments' | 'checkpointMs' | 'maxSteps'> | undefined
  /** Without a journal: overwrites what one left on the disk, which the database holds by now. */
  readonly overwriteJournal?: (() => Promise<void>) | undefined
  /** Room on the disk, and what there must be for an append and for any other write; refused below. */
  readonly room?: { readonly freeBytes: () => number, readonly leastToAppend: number, readonly leastToWrite: number }
}

export class LmdbOutbox implements Outbox {
  readonly #settings: LmdbOutboxSettings
  readonly #held: HeldEntries
  readonly #dead: DeadLetters
  readonly #removal: Removal
  readonly #walks: Walks
  readonly #room: Room
  readonly #redeliveries: Redeliveries
  readonly #appends: Appends
  readonly #journal: Journal | undefined
  readonly #pauses: Pauses
  readonly #listeners = new Set<(recipient: string) => void>()
  readonly #writing = new Set<Promise<unknown>>()
  #closed = false

  /** Reads the key of every entry held: about a second for a million; all dead letters; and the journal. Throws outbox-journal. */
  constructor (settings: LmdbOutboxSettings) {
    const { database, restore } = settings
    upgradeKeys(database)
    this.#settings = settings
    this.#dead = new DeadLetters(database)
    this.#held = new HeldEntries(database, restore, this.#dead.lastSequence)
    this.#removal = new Removal(database, this.#held, this.#dead, async sequences => { await this.#journal?.bringIn(sequences) })
    this.#walks = new Walks(database, this.#held, this.#dead, this.#removal)
    this.#room = new Room(boundsOf(settings), () => [...this.#held.recipients(), ...this.#dead.recipients()], recipient => ({ entries: this.depth(recipient), bytes: this.bytes(recipient) }))
    this.#redeliveries = new Redeliveries(database)
    this.#pauses = new Pauses(database)
    const shared = {
      database,
      held: this.#held,
      redeliveries: this.#redeliveries,
      nowMs: settings.nowMs,
      announce: (recipients: ReadonlySet<string>) => { this.#announce(recipients) }
    }
    const wantOfAppendRoom = (): { reports: Error | undefined, notices: Error | undefined } => {
      const free = settings.room?.freeBytes()
      return { reports: this.#wantOfRoom('leastToAppend', free), notices: this.#wantOfRoom('leastToWrite', free) }
    }
    this.#appends = new Appends({ ...shared, wantOfRoom: wantOfAppendRoom })
    this.#journal = settings.journal && new Journal({
      ...shared,
      ...settings.journal,
      alsoWrite: settings.alsoWrite,
      wantOfAppendRoom,
      wantOfRoom: () => this.#wantOfRoom('leastToWrite', settings.room?.freeBytes())
    })
  }

  async append (entries: readonly OutboxEntry[], redelivery?: RedeliveryKey): Promise<'appended' | 'duplicate'> {
    if (entries.length === 0) return 'appended'
    if (redelivery?.redelivered === true) {
      const underWay = this.#redeliveries.underWay(redelivery)
      // not acknowledged yet, so its packet id cannot have been used again
      if (underWay !== undefined) return await underWay.then(() => 'duplicate', () => this.append(entries, redelivery))
      if (this.#redeliveries.has(redelivery, this.#settings.nowMs())) return 'duplicate'
    }
    // No await may stand between that question and `follow`: of two equal packets one has to see the other.
    const append = this.#append(entries, redelivery)
    if (redelivery !== undefined) this.#redeliveries.follow(redelivery, append)
    await append
    return 'appended'
  }

  claim (recipient: string, max: number, nowMs: number): OutboxItem[] {
    try {
      return this.#held.claim(recipient, max, nowMs)
    } catch {
      throw errorOf('outbox-read')
    }
  }

  async ack (recipient: string, sequences: readonly number[], refused: readonly Refused[] = []): Promise<void> {
    const { nowMs, alsoWrite } = this.#settings
    if (refused.length === 0 && this.#journal !== undefined) return this.#settle(recipient, sequences, true)
    await this.#write(async () => await this.#removal.settle(recipient, sequences, refused, nowMs(), alsoWrite))
  }

  async nack (recipient: string, sequences: readonly number[]): Promise<void> {
    this.#held.line(recipient).unclaim(sequences)
  }

  async withhold (recipient: string, sequences: readonly number[]): Promise<void> {
    if (this.#journal !== undefined) return this.#settle(recipient, sequences, false)
    await this.#write(async () => await this.#removal.remove(recipient, sequences))
  }

  depth (recipient: string): number {
    return this.#held.line(recipient).depth
  }

  bytes (recipient: string): number {
    return this.#held.line(recipient).bytes + this.#dead.bytes(recipient)
  }

  oldestMs (recipient: string): number | undefined {
    return this.#held.oldestMs(recipient)
  }

  nextDueMs (recipient: string): number | undefined {
    return this.#held.line(recipient).nextDueMs()
  }

  recipients (): string[] {
    return this.#held.recipients()
  }

  deadLetters (recipient?: string): DeadLetter[] {
    return this.#dead.list(recipient).map(shown)
  }

  deadLetterCount (recipient: string): number {
    return this.#dead.count(recipient)
  }

  deadLetterRoom (recipient: string): number {
    return Math.max(0, (this.#settings.maxDeadLetters ?? Infinity) - this.deadLetterCount(recipient))
  }

  async retry (match: (letter: DeadLetter) => boolean): Promise<number> {
    const back = new Set<string>()
    const admit = (recipient: string, entries: number): () => void => {
      back.add(recipient)
      // their bytes are counted already
      return this.#room.reserve(new Map([[recipient, { entries, bytes: 0 }]]))
    }
    return await this.#write(async () => await this.#walks.retry(match, admit)).finally(() => this.#announce(back))
  }

  async discard (match: (letter: DeadLetter) => boolean): Promise<DeadLetter[]> {
    const discarded = await this.#write(async () => await this.#walks.discard(match))
    this.#announce(new Set(discarded.map(({ recipient }) => recipient)))
    return discarded
  }

  /** Those that no packet can be recognized by any more; resolves to their number. */
  async forgetOldRedeliveries (nowMs: number): Promise<number> {
    return await this.#write(async () => await this.#redeliveries.forgetOld(nowMs))
  }

  async purge (match: (header: PrivateHeader, recipient: string) => boolean): Promise<number> {
    await Promise.allSettled([this.#appends.idle(), ...this.#writing])
    return await this.#write(async () => {
      await this.#journal?.checkpoint()
      return await this.#walks.purge(match)
    })
  }

  headers (): AsyncIterable<WaitingHeader> {
    return this.#walks.headers()
  }

  async forgetDevice (device: string): Promise<void> {
    await this.#write(async () => {
      await this.#journal?.checkpoint()
      await this.#redeliveries.forget(device)
    })
  }

  /**
   * Resolves when the database holds all that was appended, and lacks all that has ended, before the call; what is written
   * with an arrival is durable then.
   */
  async checkpoint (): Promise<void> {
    await this.#write(async () => { await this.#journal?.checkpoint() })
  }

  async overwrite (): Promise<void> {
    await this.#write(async () => {
      await (this.#journal === undefined ? this.#settings.overwriteJournal?.() : this.#journal.overwrite())
    })
  }

  /** What ended before the call is on disk when it resolves. */
  async flush (): Promise<void> {
    await this.#journal?.flush()
  }

  /** What the start found in the journal. */
  get foundInJournal (): FoundInJournal {
    return this.#journal?.found ?? { records: 0, isTorn: false }
  }

  async pause (recipient: string, pause: Pause): Promise<void> {
    this.#pauses.hold(recipient, pause)
    await this.#write(async () => { await this.#pauses.record(recipient, pause) })
  }

  async resume (recipient: string): Promise<void> {
    await this.#write(async () => { await this.#pauses.resume(recipient) })
    this.#announce(new Set([recipient]))
  }

  pauseOf (recipient: string): Pause | undefined {
    return this.#pauses.of(recipient)
  }

  /** Recipients that are paused, those that the policy no longer knows too. */
  paused (): string[] {
    return this.#pauses.recipients()
  }

  onAppend (listener: (recipient: string) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  async close (): Promise<void> {
    this.#closed = true
    await Promise.allSettled([this.#appends.idle(), ...this.#writing])
    await this.#journal?.close()
  }

  #settle (recipient: string, sequences: readonly number[], hasArrived: boolean): void {
    if (this.#closed) throw errorOf('outbox-closed')
    try {
      this.#journal?.settle(recipient, sequences, hasArrived)
    } catch {
      throw errorOf('outbox-read')
    }
  }

  /** lmdb ends the process when it is written to after its end: whatever comes after `close` has to fail here. */
  async #write<T> (write: () => Promise<T>): Promise<T> {
    if (this.#closed) throw errorOf('outbox-closed')
    const want = this.#wantOfRoom('leastToWrite', this.#settings.room?.freeBytes())
    if (want !== undefined) throw want
    const writing = write()
    this.#writing.add(writing)
    return await writing.finally(() => this.#writing.delete(writing))
  }

  async #append (entries: readonly OutboxEntry[], redelivery: RedeliveryKey | undefined): Promise<void> {
    if (this.#closed) throw errorOf('outbox-closed')
    if ((redelivery?.fingerprint.length ?? 0) > MAX_FINGERPRINT) throw new TypeError('a fingerprint has at most 128 characters')
    const areNotices = entries.every(({ header }) => header.erasure === true)
    const placed = this.#held.place(entries)
    const release = areNotices ? () => {} : this.#room.reserve(takenBy(placed))
    await new Promise<void>((resolve, reject) => this.#put({ placed, redelivery, areNotices, release, resolve, reject }))
  }

  #put (append: Append): void {
    const journal = this.#journal
    if (journal === undefined) return this.#appends.add(append)
    if (journal.takes(append)) return journal.add(append)
    // too large for it: the entries go into the database at once, and the key, which only the journal numbers, follows
    const { redelivery, resolve } = append
    const isDone = redelivery === undefined ? resolve : () => { journal.add({ ...append, placed: [], release: () => {} }) }
    this.#appends.add({ ...append, redelivery: undefined, resolve: isDone })
  }

  #wantOfRoom (least: 'leastToAppend' | 'leastToWrite', free: number | undefined): CurtilageError | undefined {
    const { room } = this.#settings
    if (room === undefined || free === undefined || free >= room[least]) return undefined
    return new CurtilageError('outbox-write', 'the disk is nearly full: nothing is taken until there is room')
  }

  #announce (recipients: ReadonlySet<string>): void {
    for (const listener of this.#listeners) recipients.forEach(recipient => { listener(recipient) })
  }
}

function takenBy (placed: readonly Placed[]): Map<string, Taking> {
  const taken = new Map<string, Taking>()
  for (const { entry: { disclosure: { recipient } }, size } of placed) {
    const before = taken.get(recipient) ?? { entries: 0, bytes: 0 }
    taken.set(recipient, { entries: before.entries + 1, bytes: before.bytes + size })
  }
  return taken
}

function boundsOf (settings: LmdbOutboxSettings): Bounds {
  return {
    get maxEntries () { return settings.maxEntries },
    get maxBytes () { return settings.maxBytes ?? Infinity },
    get maxShare () { return settings.maxShare ?? 1 }
  }
}
