/** What file sinks have written below `recipients/`, read as a recipient would: whole lines, each once, in order. */

import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

const CHUNK_BYTES = 64 * 1024
const LINE_FEED = 10

export class FollowedFolder {
  readonly #folder: string
  readonly #positions = new Map<string, number>()

  constructor (folder: string) {
    this.#folder = folder
  }

  /** Lines that have come since the last call. Synchronous, so that what is read is what stood there at the call. */
  newLines (): string[] {
    if (!existsSync(this.#folder)) return []
    const days = readdirSync(this.#folder, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => join(this.#folder, name))
    const files = days.sort().flatMap(day => readdirSync(day).filter(name => name.endsWith('.ndjson')).sort().map(name => join(day, name)))
    return files.flatMap(file => this.#linesOf(file))
  }

  #linesOf (file: string): string[] {
    const from = this.#positions.get(file) ?? 0
    const bytes = readFrom(file, from)
    const end = bytes.lastIndexOf(LINE_FEED) + 1
    this.#positions.set(file, from + end)
    return end === 0 ? [] : bytes.toString('utf8', 0, end - 1).split('\n')
  }
}

function readFrom (file: string, position: number): Buffer {
  const chunks: Buffer[] = []
  const descriptor = openSync(file, 'r')
  try {
    for (let at = position; ;) {
      const chunk = Buffer.alloc(CHUNK_BYTES)
      const length = readSync(descriptor, chunk, 0, CHUNK_BYTES, at)
      if (length === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, length))
      at += length
    }
  } finally {
    closeSync(descriptor)
  }
}
