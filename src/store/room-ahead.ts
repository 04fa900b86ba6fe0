/**
 * Keeps blocks of the disk in the store's file, ahead of what it uses.
 *
 * The free space of a disk can go between the question and the write: another program may take the last of it. Pages that
 * are written into blocks that the file has already need none, so lmdb does not run into a full disk meanwhile.
 *
 * ```
 * data.mdb   │ pages in use, and free ones between │ 8 MiB or more of zeros │ end of the file
 * ```
 * Zeros are appended (O_APPEND), never written at a place: what lmdb writes beyond the end at the same time stays. A file
 * system that writes each block anew elsewhere (btrfs, ZFS) gains nothing by it, and loses nothing.
 */

import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import type { RootDatabase } from 'lmdb'

const AHEAD_BYTES = 8 * 1024 * 1024
const ZEROS = Buffer.alloc(1024 * 1024)
/** lmdb is asked no more often than this: that takes some 30 µs. */
const EVERY_MS = 20

interface Stats {
  readonly pageSize: number
  readonly lastPageNumber: number
}

export class RoomAhead {
  readonly #root: RootDatabase
  readonly #file: number
  #nextMs = 0
  #closed = false

  constructor (root: RootDatabase, path: string) {
    this.#root = root
    this.#file = openSync(path, constants.O_WRONLY | constants.O_APPEND)
    this.keep()
  }

  /** To be called before a write. A disk that has no room for it is left to whoever asks for the free space. */
  keep (): void {
    const nowMs = performance.now()
    if (this.#closed || nowMs < this.#nextMs) return
    this.#nextMs = nowMs + EVERY_MS
    const { pageSize, lastPageNumber } = this.#root.getStats() as Stats
    const wanted = (lastPageNumber + 1) * pageSize + AHEAD_BYTES
    try {
      for (let size = fstatSync(this.#file).size; size < wanted;) size += writeSync(this.#file, ZEROS, 0, Math.min(ZEROS.length, wanted - size))
    } catch {}
  }

  /** Before lmdb is closed, which may not be asked afterwards. */
  close (): void {
    this.#closed = true
    closeSync(this.#file)
  }
}
