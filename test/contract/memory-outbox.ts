/** The outbox in its plainest form: the model that every other one is compared with. */

import type { PrivateHeader } from '../../src/model/disclosure.js'
import { errorOf } from '../../src/model/errors.js'
import type { AlsoWrite, Outbox, OutboxEntry, OutboxItem, RedeliveryKey, WaitingHeader } from '../../src/outbox/contract.js'

/** What survives a crash. */
export interface MemoryDisk {
  entries: Array<{ sequence: number, entry: OutboxEntry }>
  seen: Array<{ device: string, fingerprint: string, atMs: number }>
  nextSequence: number
}

export function emptyDisk (): MemoryDisk {
  return { entries: [], seen: [], nextSequence: 1 }
}

export class MemoryOutbox implements Outbox {
  readonly #disk: MemoryDisk
  readonly #maxEntries: number
  readonly #nowMs: () => number
  readonly #alsoWrite: AlsoWrite
  readonly #claimed = new Set<number>()
  readonly #renewed = new Set<string>()
  readonly #listeners = new Set<(recipient: string) => void>()
  #closed = false

  constructor (disk: MemoryDisk, maxEntries: number, nowMs: () => number, alsoWrite: AlsoWrite = () => {}) {
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
    if (disk.entries.length + entries.length > this.#maxEntries) throw errorOf('outbox-full')
    if (key !== undefined) this.#renewed.delete(`${key.device} ${key.fingerprint}`)
    if (key !== undefined) disk.seen.push({ device: key.device, fingerprint: key.fingerprint, atMs: this.#nowMs() })
    for (const entry of entries) disk.entries.push({ sequence: disk.nextSequence++, entry })
    for (const listener of this.#listeners) for (const recipient of new Set(entries.map(({ disclosure }) => disclosure.recipient))) listener(recipient)
    return 'appended'
  }

  claim (recipient: string, max: number, nowMs: number): OutboxItem[] {
    const due = this.#unclaimed(recipient).filter(({ entry }) => entry.header.notBeforeMs <= nowMs).slice(0, max)
    for (const { sequence } of due) this.#claimed.add(sequence)
    return due.map(({ sequence, entry }) => ({ recipient, sequence, entry }))
  }

  async ack (recipient: string, sequences: readonly number[]): Promise<void> {
    this.#refuseClosed()
    const arrived = this.#of(recipient).filter(({ sequence }) => sequences.includes(sequence))
    if (arrived.length > 0) this.#alsoWrite(arrived.map(({ entry: { disclosure: { report, id }, header } }) => ({ recipient, report, id, header })))
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
    const before = this.#disk.entries.length
    this.#keep(({ entry }) => !match(entry.header, entry.disclosure.recipient))
    return before - this.#disk.entries.length
  }

  async * headers (): AsyncIterable<WaitingHeader> {
    for (const { entry: { disclosure: { recipient }, header } } of [...this.#disk.entries]) yield { recipient, header }
  }

  async forgetDevice (device: string): Promise<void> {
    this.#disk.seen = this.#disk.seen.filter(seen => seen.device !== device)
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

  #seen ({ device, fingerprint }: RedeliveryKey): boolean {
    const last = this.#disk.seen.filter(seen => seen.device === device).slice(-64)
    return last.some(seen => seen.fingerprint === fingerprint && this.#nowMs() - seen.atMs <= 3_600_000)
  }

  #of (recipient: string): MemoryDisk['entries'] {
    return this.#disk.entries.filter(({ entry }) => entry.disclosure.recipient === recipient)
  }

  #unclaimed (recipient: string): MemoryDisk['entries'] {
    return this.#of(recipient).filter(({ sequence }) => !this.#claimed.has(sequence))
  }

  #keep (stays: (held: MemoryDisk['entries'][number]) => boolean): void {
    this.#disk.entries = this.#disk.entries.filter(stays)
  }
}
