/**
 * Entries appended in this process and not gone yet, so that most never have to be read back and looked at again.
 *
 * Bounded by bytes: what finds no room is read from the disk when its turn comes.
 */

import type { OutboxEntry } from './contract.js'

export class Recent {
  readonly #entries = new Map<number, OutboxEntry>()
  readonly #maxBytes: number
  #bytes = 0

  constructor (maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get (sequence: number): OutboxEntry | undefined {
    return this.#entries.get(sequence)
  }

  add (sequence: number, entry: OutboxEntry): void {
    const bytes = entry.disclosure.bytes.byteLength
    if (this.#bytes + bytes > this.#maxBytes) return
    this.#entries.set(sequence, entry)
    this.#bytes += bytes
  }

  remove (sequence: number): void {
    const entry = this.#entries.get(sequence)
    if (entry === undefined) return
    this.#entries.delete(sequence)
    this.#bytes -= entry.disclosure.bytes.byteLength
  }
}
