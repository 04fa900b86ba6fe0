/** Segments of a journal in memory, with power cuts: at any byte of a write, and between any two. */

import type { Segments } from '../../src/outbox/journal/segment.js'

export interface Written {
  readonly which: number
  readonly at: number
  readonly bytes: Uint8Array
}

/** What becomes of a write: `true`, it is done; a number, so many of its bytes are, and then the power is gone; an error. */
export type Fate = (written: Written) => true | number | Error

export class TestSegments {
  readonly contents: [Buffer, Buffer]
  readonly log: Written[] = []
  fate: Fate = () => true
  #power = { isOn: true }

  constructor (bytes: number) {
    this.contents = [Buffer.alloc(bytes), Buffer.alloc(bytes)]
  }

  get isOn (): boolean {
    return this.#power.isOn
  }

  /** Whoever had them before reaches nothing any more: its writes never end. */
  open (): Segments {
    this.#power.isOn = false
    const power = this.#power = { isOn: true }
    const [first, second] = [0, 1].map(which => ({
      bytes: this.contents[0].length,
      read: () => Buffer.from(this.contents[which]!),
      write: async (bytes: Uint8Array, at: number) => { await this.#write({ which, at, bytes: Uint8Array.from(bytes) }, power) }
    }))
    return { all: [first!, second!], close: () => {} }
  }

  cut (): void {
    this.#power.isOn = false
  }

  async #write (written: Written, power: { isOn: boolean }): Promise<void> {
    await new Promise(resolve => { setImmediate(resolve) })
    if (!power.isOn) return await new Promise(() => {})
    if (written.at + written.bytes.length > this.contents[0].length) throw new RangeError('beyond the segment')
    const fate = this.fate(written)
    if (fate instanceof Error) throw fate
    this.log.push(written)
    this.contents[written.which]!.set(fate === true ? written.bytes : written.bytes.subarray(0, fate), written.at)
    if (fate === true) return
    power.isOn = false
    await new Promise(() => {})
  }
}
