/**
 * The format of the store: a number in `meta`, and the steps from one to the next.
 *
 * ```
 * meta  'format'      N; `N>M` while the step from N to M is under way, which no program takes for its own
 *       'migrations'  [{from, to, atMs}], the steps that this store went through
 * ```
 * A step may use several transactions. It can be cut off at any point and is then run again from its start, so it has to
 * find for itself what is done already. A new format needs a step here and a fixture of the one before it in
 * test/store/fixtures.
 */

import type { Database, Key, RootDatabase } from 'lmdb'
import { openDatabase } from './open-root.js'

export const FORMAT = 3

export interface Step {
  readonly from: number
  readonly to: number
  /** What changes, for the log. */
  readonly about: string
  run (parts: StepParts): Promise<void>
}

export interface StepParts {
  database<V, K extends Key> (name: string): Database<V, K>
  /** One atomic transaction of synchronous writes, durable when it resolves. */
  transaction (writes: () => void): Promise<void>
}

export const STEPS: readonly Step[] = [
  {
    from: 1,
    to: 2,
    about: 'the ledger holds audit entries, with an index of their own',
    run: async ({ database }) => { database('consent.audit') }
  },
  {
    from: 2,
    to: 3,
    about: 'the outbox has a journal in front of it, which earlier versions would pass by',
    run: async () => {}
  }
]

export function stepParts (root: RootDatabase): StepParts {
  return {
    database: <V, K extends Key> (name: string) => openDatabase(root, name) as unknown as Database<V, K>,
    transaction: async writes => { await root.transaction(writes) }
  }
}
