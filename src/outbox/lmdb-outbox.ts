/**
 * The outbox in an LMDB database of its own. stored-entry.ts and redeliveries.ts draw what is on disk.
 *
 * The environment must be open with `overlappingSync: false`, so that a resolved write is on disk, and
 * `eventTurnBatching: false`: with it, a failed commit is also an unhandled rejection, which ends the process.
 */

import type { Database, Key } from 'lmdb'
import type { Disclosure, PrivateHeader } from '../model/disclosure.js'
import { CurtilageError, errorOf } from '../model/errors.js'
import type { AlsoWrite, Outbox, OutboxEntry, OutboxItem, RedeliveryKey, StoredDisclosure, WaitingHeader } from './contract.js'
import { durably } from './durably.js'
import { HeldEntries } from './held-entries.js'
import { Redeliveries } from './redeliveries.js'

const MAX_FINGERPRINT = 128

export interface LmdbOutboxSettings {
  /** Msgpack values and ordered-binary keys (lmdb's defaults); for the outbox alone. */
  readonly database: Database<unknown, Key>
  /** The egress guard's way back from disk; undefined: it found an address, or no disclosure. */
  readonly restore: (stored: StoredDisclosure) => Disclosure | undefined
  /** Entries of all recipients together. */
  readonly maxEntries: number
  readonly nowMs: () => number
  /** Written with every `ack`. */
  readonly alsoWrite?: AlsoWrite | undefined
  /** Room on the disk, and what there must be for an append and for any other write; refused below. */
  readonly room?: { readonly freeBytes: () => number, readonly leastToAppend: number, readonly leastToWrite: number }
}

export class LmdbOutbox implements Outbox {
  readonly #settings: LmdbOutboxSettings
  readonly #held: HeldEntries
  readonly #redeliveries: Redeliveries
  readonly #listeners = new Set<(recipient: string) => void>()
  readonly #writing = new Set<Promise<unknown>>()
  /** Entries of the appends under way. */
  #reserved = 0
  #closed = false

  /** Reads the key of every entry held: about a second for a million. */
  constructor (settings: LmdbOutboxSettings) {
    this.#settings = settings
    this.#held = new HeldEntries(settings.database, settings.restore)
    this.#redeliveries = new Redeliveries(settings.database)
  }

  async append (entries: readonly OutboxEntry[], redelivery?: RedeliveryKey): Promise<'appended' | 'duplicate'> {
    if (entries.length === 0) return 'appended'
    if (redelivery?.redelivered === true) {
      const underWay = this.#redeliveries.underWay(redelivery)
      if (underWay !== undefined) return await underWay.then(ignore, ignore).then(() => this.append(entries, redelivery))
      if (this.#redeliveries.has(redelivery, this.#settings.nowMs())) return 'duplicate'
    }
    // No await may stand between that question and `follow`: of two equal packets one has to see the other.
    const append = this.#write(async () => { await this.#append(entries, redelivery) })
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

  async ack (recipient: string, sequences: readonly number[]): Promise<void> {
    await this.#write(async () => await this.#held.remove(recipient, sequences, this.#settings.alsoWrite))
  }

  async nack (recipient: string, sequences: readonly number[]): Promise<void> {
    this.#held.unclaim(recipient, sequences)
  }

  async withhold (recipient: string, sequences: readonly number[]): Promise<void> {
    await this.#write(async () => await this.#held.remove(recipient, sequences))
  }

  depth (recipient: string): number {
    return this.#held.depth(recipient)
  }

  oldestMs (recipient: string): number | undefined {
    return this.#held.oldestMs(recipient)
  }

  nextDueMs (recipient: string): number | undefined {
    return this.#held.nextDueMs(recipient)
  }

  recipients (): string[] {
    return this.#held.recipients()
  }

  async purge (match: (header: PrivateHeader, recipient: string) => boolean): Promise<number> {
    await Promise.allSettled([...this.#writing])
    return await this.#write(async () => await this.#held.purge(match))
  }

  headers (): AsyncIterable<WaitingHeader> {
    return this.#held.headers()
  }

  async forgetDevice (device: string): Promise<void> {
    await this.#write(async () => { await this.#redeliveries.forget(device) })
  }

  onAppend (listener: (recipient: string) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  async close (): Promise<void> {
    this.#closed = true
    await Promise.allSettled([...this.#writing])
  }

  /** lmdb ends the process when it is written to after its end: whatever comes after `close` has to fail here. */
  async #write<T> (write: () => Promise<T>): Promise<T> {
    if (this.#closed) throw errorOf('outbox-closed')
    this.#demandRoom('leastToWrite')
    const writing = write()
    this.#writing.add(writing)
    return await writing.finally(() => this.#writing.delete(writing))
  }

  async #append (entries: readonly OutboxEntry[], redelivery: RedeliveryKey | undefined): Promise<void> {
    this.#admit(entries.length, redelivery)
    this.#reserved += entries.length
    try {
      const placed = this.#held.place(entries)
      await durably(this.#settings.database, () => {
        this.#held.write(placed)
        if (redelivery !== undefined) this.#redeliveries.record(redelivery, this.#settings.nowMs())
      })
      this.#held.add(placed)
    } finally {
      this.#reserved -= entries.length
    }
    this.#announce(entries)
  }

  #admit (count: number, redelivery: RedeliveryKey | undefined): void {
    if ((redelivery?.fingerprint.length ?? 0) > MAX_FINGERPRINT) throw new TypeError('a fingerprint has at most 128 characters')
    this.#demandRoom('leastToAppend')
    const { maxEntries } = this.#settings
    if (this.#held.size + this.#reserved + count <= maxEntries) return
    throw new CurtilageError('outbox-full', `the outbox holds ${this.#held.size} of at most ${maxEntries} disclosures; see which recipient takes none, or raise limits.maxOutboxEntries`)
  }

  #demandRoom (least: 'leastToAppend' | 'leastToWrite'): void {
    const { room } = this.#settings
    if (room !== undefined && room.freeBytes() < room[least]) throw new CurtilageError('outbox-write', 'the disk is nearly full: nothing is taken until there is room')
  }

  #announce (entries: readonly OutboxEntry[]): void {
    const recipients = new Set(entries.map(({ disclosure }) => disclosure.recipient))
    for (const listener of this.#listeners) recipients.forEach(listener)
  }
}

function ignore (): void {}
