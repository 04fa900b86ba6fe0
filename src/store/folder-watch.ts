/**
 * Is what this process has open still what lies in the data folder?
 *
 * A folder that was deleted or replaced under a running gateway goes on taking writes, into files that nobody will find
 * again. Files are told apart by device and inode, so one that is moved away and put back counts as the same.
 *
 * INVARIANT: what is acknowledged was written into the files that the data folder holds.
 */

import { statSync } from 'node:fs'
import { CurtilageError } from '../model/errors.js'

interface Watched {
  readonly path: string
  /** What it is, for people. */
  readonly name: string
  readonly identity: string | undefined
}

export class FolderWatch {
  readonly #watched: Watched[] = []
  #checkedThisTurn = false

  /** Remembers the file as it is now. */
  add (path: string, name: string): void {
    this.#watched.push({ path, name, identity: identityOf(path) })
  }

  /** What is wrong; undefined where everything is in its place. Asks the file system. */
  trouble (): string | undefined {
    const lost = this.#watched.find(({ path, identity }) => identityOf(path) !== identity)
    return lost && `${lost.name} was deleted or replaced under the running process`
  }

  /** To be called before an acknowledgement, after its write. Asks the file system once a turn. Throws CurtilageError data-gone. */
  demandInPlace (): void {
    if (this.#checkedThisTurn) return
    const trouble = this.trouble()
    if (trouble !== undefined) throw new CurtilageError('data-gone', `${trouble}: nothing is acknowledged; start again on the right folder`)
    this.#checkedThisTurn = true
    setImmediate(() => { this.#checkedThisTurn = false })
  }
}

function identityOf (path: string): string | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat && `${stat.dev}:${stat.ino}`
  } catch {
    return undefined
  }
}
