/** What is fuzzed. */

import type { Mutator } from './mutate-bytes.js'

export interface Opened {
  /** Tries one input, however strange. Throws, or rejects, where a promise of the code under test is broken. */
  attempt (input: Uint8Array): void | Promise<void>
  close? (): Promise<void>
}

export interface Target {
  readonly name: string
  /** URLs of the modules whose blocks tell inputs apart. */
  readonly sources: RegExp
  readonly mutators: readonly Mutator[]
  readonly maxBytes: number
  /** Many times the same must take that many times the work, counted in blocks. */
  readonly isLinear?: boolean
  open (): Promise<Opened>
}
