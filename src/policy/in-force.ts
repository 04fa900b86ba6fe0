/**
 * The policy in force: the one place where it is read.
 *
 * Whoever judges a report reads `current` once for it. It is put in place as a whole, between two reports, so none is judged
 * by a mixture of two policies.
 */

import type { Approval, Candidate } from './archive.js'
import type { Configuration } from './compile.js'
import type { Comparison } from './order.js'
import type { Problem } from './problem.js'

/** What was asked to take force, and why it has not. */
export interface Waiting extends Candidate {
  readonly comparison: Comparison
  /** From so many API tokens; 0: it waits for no approval, but for the next start or for its sinks. */
  readonly needed: number
  readonly given: readonly Approval[]
}

/** What the configuration folder held when it was looked at last. */
export type FolderState =
  | { readonly digest: string, readonly atMs: number }
  | { readonly problems: readonly Problem[], readonly atMs: number }

export class InForce {
  #current: Configuration
  #waiting: Waiting | undefined
  #folder: FolderState | undefined

  constructor (current: Configuration) {
    this.#current = current
  }

  /** Its gateway settings are those of the folder, whichever policy is in force. */
  get current (): Configuration {
    return this.#current
  }

  get waiting (): Waiting | undefined {
    return this.#waiting
  }

  get folder (): FolderState | undefined {
    return this.#folder
  }

  put (current: Configuration): void {
    this.#current = current
  }

  putWaiting (waiting: Waiting | undefined): void {
    this.#waiting = waiting
  }

  putFolder (folder: FolderState): void {
    this.#folder = folder
  }
}
