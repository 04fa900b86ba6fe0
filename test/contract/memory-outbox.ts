/** The outbox in its plainest form: the model that every other one is compared with. */

import type { PrivateHeader } from '../../src/model/disclosure.js'
import { errorOf } from '../../src/model/errors.js'
import { OutboxFull } from '../../src/outbox/outbox-full.js'
import type { AlsoWrite, DeadLetter, Outbox, OutboxEntry, OutboxItem, Pause, RedeliveryKey, Refused, WaitingHeader } from '../../src/outbox/contract.js'

/** What survives a crash. */
export interface MemoryDisk {
  entries: Array<{ sequence: number, entry: OutboxEntry }>
  dead: Array<{ sequence: number, entry: OutboxEntry, reason: string, firstMs: number, lastMs: number, refusals: number }>
  paused: Map<string, Pause>
  seen: Array<RedeliveryKey & { atMs: number }>
  nextSequence: number
}

export function emptyDisk (): MemoryDisk {
  return { entries: [], dead: [], paused: new Map(), seen: [], nextSequence: 1 }
}

export class MemoryOutbox implements Outbox {
  readonly #disk: MemoryDisk
  readonly #maxEntries: number
  readonly #nowMs: () => number
  readonly #alsoWrite: AlsoWrite
  readonly #maxDeadLetters: number
  readonly #claimed = new Set<number>()
  readonly #renewed = new Set<string>()
  readonly #listeners = new Set<(recipient: string) => void>()
  #closed = false

  constructor (disk: MemoryDisk, maxEntries: number, nowMs: () => number, alsoWrite: AlsoWrite = () => {}, maxDeadLetters = Infinity) {
    this.#maxDeadLetters = maxDeadLetters
    this.#alsoWrite = alsoWrite
    this.#disk = disk
    this.#maxEntries = maxEntries
    this.#nowMs = nowMs
  }

  async append (entries: readonly OutboxEntry[], key?: RedeliveryKey): Promise<'appended' | 'duplicate'> {
    const disk = this.#disk
    if (entries.length === 0) return 'appended'
    if (key?.redelivered === true && !this.#renewed.has(`${key.device} ${key.fingerprint}`) && this.#seen(key)) return 'duplicate'
    if (key?.redelivered === false) this.#renewed.add(`${key.device} ${key.fingerprint}`)
    this.#refuseClosed()
    const areNotices = entries.every(({ header }) => header.erasure === true)
    if (!areNotices && disk.entries.length + entries.length > this.#maxEntries) throw new OutboxFull('', 'full')
    if (key !== undefined) this.#renewed.delete(`${key.device} ${key.fingerprint}`)
    if (key !== undefined) disk.seen.push({ ...key, atMs: this.#nowMs() })
    for (const entry of entries) disk.entries.push({ sequence: disk.nextSequence++, entry })
    for (const listener of this.#listeners) for (const recipient of new Set(entries.map(({ disclosure }) => disclosure.recipient))) listener(recipient)
    return 'appended'
  }

  claim (recipient: string, max: number, nowMs: number): OutboxItem[] {
    const due = this.#unclaimed(recipient).filter(({ entry }) => entry.header.notBeforeMs <= nowMs).slice(0, max)
    for (const { sequence } of due) this.#claimed.add(sequence)
    return due.map(({ sequence, entry }) => ({ recipient, sequence, entry }))
  }

  async ack (recipient: string, sequences: readonly number[], refused: readonly Refused[] = []): Promise<void> {
    this.#refuseClosed()
    const arrived = this.#of(recipient).filter(({ sequence }) => sequences.includes(sequence))
    for (const { sequence, reason } of refused) {
      const held = this.#of(recipient).find(one => one.sequence === sequence)
      if (held === undefined) continue
      const { refused: before, ...entry } = held.entry
      this.#disk.dead.push({ sequence, entry, reason, firstMs: before?.firstMs ?? this.#nowMs(), lastMs: this.#nowMs(), refusals: (before?.times ?? 0) + 1 })
      this.#keep(one => one !== held)
    }
    if (arrived.length > 0) this.#alsoWrite(arrived.map(({ entry: { disclosure: { report, id }, header } }) => ({ recipient, report, id, header, atMs: this.#nowMs() })))
    this.#keep(held => !arrived.includes(held))
  }

  async withhold (recipient: string, sequences: readonly number[]): Promise<void> {
    this.#refuseClosed()
    this.#keep(({ sequence, entry }) => entry.disclosure.recipient !== recipient || !sequences.includes(sequence))
  }

  async nack (_recipient: string, sequences: readonly number[]): Promise<void> {
    for (const sequence of sequences) this.#claimed.delete(sequence)
  }

  depth (recipient: string): number {
    return this.#of(recipient).length
  }

  bytes (recipient: string): number {
    return [...this.#of(recipient), ...this.#deadOf(recipient)].reduce((sum, { entry }) => sum + entry.disclosure.bytes.byteLength, 0)
  }

  deadLetters (recipient?: string): DeadLetter[] {
    return this.#deadOf(recipient).map(({ entry: { disclosure: { id, recipient, report, bytes } }, reason, firstMs, lastMs, refusals }) =>
      ({ id, recipient, report, reason, firstMs, lastMs, refusals, bytes: bytes.byteLength }))
  }

  deadLetterRoom (recipient: string): number {
    return Math.max(0, this.#maxDeadLetters - this.#deadOf(recipient).length)
  }

  async retry (match: (letter: DeadLetter) => boolean): Promise<number> {
    this.#refuseClosed()
    const letters = this.deadLetters()
    const back = this.#deadOf(undefined).filter((_, i) => match(letters[i]!))
    if (back.length === 0) return 0
    if (this.#disk.entries.length + back.length > this.#maxEntries) throw new OutboxFull('', 'full')
    this.#disk.dead = this.#disk.dead.filter(one => !back.includes(one))
    for (const { entry, firstMs, refusals } of back) this.#disk.entries.push({ sequence: this.#disk.nextSequence++, entry: { ...entry, refused: { firstMs, times: refusals } } })
    for (const recipient of new Set(back.map(({ entry }) => entry.disclosure.recipient))) for (const listener of this.#listeners) listener(recipient)
    return back.length
  }

  async discard (match: (letter: DeadLetter) => boolean): Promise<DeadLetter[]> {
    this.#refuseClosed()
    const letters = this.deadLetters()
    const gone = this.#deadOf(undefined).filter((_, i) => match(letters[i]!))
    this.#disk.dead = this.#disk.dead.filter(one => !gone.includes(one))
    for (const recipient of new Set(gone.map(({ entry }) => entry.disclosure.recipient))) for (const listener of this.#listeners) listener(recipient)
    return letters.filter(match)
  }

  oldestMs (recipient: string): number | undefined {
    return this.#of(recipient)[0]?.entry.header.decidedMs
  }

  /** Of those due already, any past time is right: the earliest is as good as the first in order. */
  nextDueMs (recipient: string): number | undefined {
    const times = this.#unclaimed(recipient).map(({ entry }) => entry.header.notBeforeMs)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  recipients (): string[] {
    return [...new Set(this.#disk.entries.map(({ entry }) => entry.disclosure.recipient))]
  }

  async purge (match: (header: PrivateHeader, recipient: string) => boolean): Promise<number> {
    this.#refuseClosed()
    const before = this.#disk.entries.length + this.#disk.dead.length
    this.#keep(({ entry }) => !match(entry.header, entry.disclosure.recipient))
    this.#disk.dead = this.#disk.dead.filter(({ entry }) => !match(entry.header, entry.disclosure.recipient))
    return before - this.#disk.entries.length - this.#disk.dead.length
  }

  async * headers (): AsyncIterable<WaitingHeader> {
    for (const { entry: { disclosure: { recipient }, header } } of [...this.#disk.entries]) yield { recipient, header, dead: false }
    for (const { entry: { disclosure: { recipient }, header } } of [...this.#disk.dead]) yield { recipient, header, dead: true }
  }

  async checkpoint (): Promise<void> {}

  async overwrite (): Promise<void> {}

  async forgetDevice (device: string): Promise<void> {
    this.#disk.seen = this.#disk.seen.filter(seen => seen.device !== device)
  }

  async pause (recipient: string, pause: Pause): Promise<void> {
    this.#refuseClosed()
    this.#disk.paused.set(recipient, pause)
  }

  async resume (recipient: string): Promise<void> {
    this.#refuseClosed()
    this.#disk.paused.delete(recipient)
    for (const listener of this.#listeners) listener(recipient)
  }

  pauseOf (recipient: string): Pause | undefined {
    return this.#disk.paused.get(recipient)
  }

  onAppend (listener: (recipient: string) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  async close (): Promise<void> {
    this.#closed = true
  }

  #refuseClosed (): void {
    if (this.#closed) throw errorOf('outbox-closed')
  }

  #seen ({ device, fingerprint, earlier = [] }: RedeliveryKey): boolean {
    const all = this.#disk.seen.filter(seen => seen.device === device).map((seen, ordinal) => ({ ...seen, ordinal }))
    const firsts = new Map(all.filter(({ redelivered }) => !redelivered).map(({ packetId, ordinal }) => [ordinal % 128, packetId]))
    if (firsts.size < 8 || new Set(firsts.values()).size < firsts.size) return false
    return all.slice(-64).some(seen => [fingerprint, ...earlier].includes(seen.fingerprint) && this.#nowMs() - seen.atMs <= 3_600_000)
  }

  #of (recipient: string): MemoryDisk['entries'] {
    return this.#disk.entries.filter(({ entry }) => entry.disclosure.recipient === recipient)
  }

  /** In the order in which the real one lists them. */
  #deadOf (recipient: string | undefined): MemoryDisk['dead'] {
    const order = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0
    return this.#disk.dead.filter(({ entry }) => recipient === undefined || entry.disclosure.recipient === recipient)
      .sort((a, b) => order(a.entry.disclosure.recipient, b.entry.disclosure.recipient) || a.sequence - b.sequence)
  }

  #unclaimed (recipient: string): MemoryDisk['entries'] {
    return this.#of(recipient).filter(({ sequence }) => !this.#claimed.has(sequence))
  }

  #keep (stays: (held: MemoryDisk['entries'][number]) => boolean): void {
    this.#disk.entries = this.#disk.entries.filter(stays)
  }
}
