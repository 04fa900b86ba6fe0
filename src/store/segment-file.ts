/**
 * A file of a fixed length and mode 600 whose blocks are all there from the start, so that a write at a place in it needs no
 * room on the disk and changes nothing but its bytes. (A file system that writes each block anew elsewhere, as btrfs and ZFS
 * do, does need room.)
 */

import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync, write } from 'node:fs'
import { createPrivateFile, removeDrafts } from './private-file.js'

export class SegmentFile {
  readonly path: string
  readonly bytes: number
  readonly #file: number

  /** Made, durable, where it is missing. Another length than `bytes` stays as it is. */
  constructor (path: string, bytes: number) {
    this.path = path
    removeDrafts(path)
    this.#file = openOrMake(path, bytes)
    fchmodSync(this.#file, 0o600)
    this.bytes = fstatSync(this.#file).size
  }

  read (): Buffer {
    const content = Buffer.alloc(this.bytes)
    for (let at = 0; at < content.length;) {
      const read = readSync(this.#file, content, at, content.length - at, at)
      if (read === 0) break
      at += read
    }
    return content
  }

  /** Resolves when they are on disk. Within the file's length. */
  async write (bytes: Uint8Array, at: number): Promise<void> {
    await new Promise<void>((resolve, reject) => { this.#writeFrom(bytes, 0, at, error => { if (error === null) resolve(); else reject(error) }) })
  }

  close (): void {
    closeSync(this.#file)
  }

  #writeFrom (bytes: Uint8Array, from: number, at: number, done: (error: Error | null) => void): void {
    write(this.#file, bytes, from, bytes.byteLength - from, at + from, (error, written) => {
      if (error !== null || from + written === bytes.byteLength) done(error)
      else this.#writeFrom(bytes, from + written, at, done)
    })
  }
}

/** O_DSYNC, or O_SYNC where there is none: a write is on disk when it ends, without a second call for it. */
function openOrMake (path: string, bytes: number): number {
  const durably = (constants as { readonly O_DSYNC?: number }).O_DSYNC ?? constants.O_SYNC
  const flags = constants.O_RDWR | durably | constants.O_NOFOLLOW
  try {
    return openSync(path, flags)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  createPrivateFile(path, Buffer.alloc(bytes))
  return openSync(path, flags)
}
