/**
 * What somebody did, as the ledger keeps it.
 *
 * An action that changes something leaves two entries: one before it (`begun`), durable before anything happens, and one
 * with its outcome. Of two the later one names the earlier; a `begun` that none names was cut off by a crash.
 */

/** Durable before the action; the outcome follows in an entry of its own. */
export const BEGUN = 'begun'

export interface Action {
  /** Such as `account.erase`. */
  readonly action: string
  /** `begun`, `done`, or the code of the error that it ended with. */
  readonly outcome: string
  /** Method and pattern of the API's route; absent where the gateway acted by itself. */
  readonly route?: string
  /** Beside the account: a device, recipient, token or policy. */
  readonly subject?: string
  /** Sequence of the entry that said that it begins. */
  readonly begun?: number
  /** How many reads, or lines of an import, the entry stands for; one where absent. */
  readonly count?: number
  /** When the first of several reads was, epoch milliseconds. */
  readonly firstMs?: number
  /** Who says so and why, in their own words, where the action asks for it. */
  readonly by?: string
  readonly reason?: string
}

const PARTS = ['action', 'outcome', 'route', 'subject', 'begun', 'count', 'firstMs', 'by', 'reason'] as const satisfies readonly (keyof Action)[]

export function packAction (action: Action): unknown[] {
  const packed = PARTS.map(part => action[part] ?? null)
  return packed.slice(0, packed.findLastIndex(value => value !== null) + 1)
}

export function unpackAction (packed: readonly unknown[]): Action {
  return Object.fromEntries(PARTS.flatMap((part, i) => packed[i] == null ? [] : [[part, packed[i]]])) as unknown as Action
}
