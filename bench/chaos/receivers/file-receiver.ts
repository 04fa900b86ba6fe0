/** Follows the files of a file sink. A torn last line is left for later: the sink cuts it at its next start. */

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RecipientWords } from '../../figures/write-configuration.js'
import { Arrivals } from '../arrivals.js'
import type { Receiver } from './receiver.js'

const STRIDE = 16 * 1024 * 1024

export class FileReceiver implements Receiver {
  readonly words: RecipientWords
  readonly arrivals = new Arrivals()
  readonly canBeDown = false
  readonly #folder: string
  readonly #offsets = new Map<string, number>()

  constructor (name: string, purpose: RecipientWords['purpose'], data: string) {
    this.words = { name, purpose, sink: `{ type: file, folder: ${name} }` }
    this.#folder = join(data, 'recipients', name)
  }

  async attach (): Promise<void> {}
  async detach (): Promise<void> {}
  async end (): Promise<void> {}

  async look (): Promise<void> {
    const days = existsSync(this.#folder) ? readdirSync(this.#folder) : []
    for (const day of days.sort()) {
      for (const file of readdirSync(join(this.#folder, day)).sort()) this.#read(join(this.#folder, day, file))
    }
  }

  #read (path: string): void {
    const offset = this.#offsets.get(path) ?? 0
    const size = Math.min(statSync(path).size - offset, STRIDE)
    if (size <= 0) return
    const bytes = readPart(path, offset, size)
    const end = bytes.lastIndexOf(10) + 1
    this.#offsets.set(path, offset + end)
    for (let at = 0; at < end;) {
      const next = bytes.indexOf(10, at)
      this.arrivals.take(bytes.subarray(at, next))
      at = next + 1
    }
    if (size === STRIDE && end > 0) this.#read(path)
  }
}

function readPart (path: string, offset: number, size: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(size)
    return bytes.subarray(0, readSync(file, bytes, 0, size, offset))
  } finally {
    closeSync(file)
  }
}
