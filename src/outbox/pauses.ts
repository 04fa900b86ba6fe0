/**
 * Recipients to which delivery is stopped by hand, until it is resumed by hand: an emergency stop that survives a restart.
 *
 * ```
 * key    ['paused', recipient]        value  [reason, by, atMs]
 * ```
 */

import type { Database, Key } from 'lmdb'
import type { Pause } from './contract.js'
import { durably } from './durably.js'
import { readRange } from './read-value.js'

const FIRST_PAUSED = ['paused']
/** After every key that begins with `paused`, before `seen`. */
const AFTER_PAUSED = ['pausee']

export class Pauses {
  readonly #database: Database<unknown, Key>
  readonly #paused = new Map<string, Pause>()

  constructor (database: Database<unknown, Key>) {
    this.#database = database
    for (const { key, value } of readRange(database, { start: FIRST_PAUSED, end: AFTER_PAUSED })) this.#paused.set((key as [string, string])[1], pauseOf(value))
  }

  of (recipient: string): Pause | undefined {
    return this.#paused.get(recipient)
  }

  recipients (): string[] {
    return [...this.#paused.keys()]
  }

  /** In this process; then `record` it, whatever becomes of that. */
  hold (recipient: string, pause: Pause): void {
    this.#paused.set(recipient, pause)
  }

  async record (recipient: string, { reason, by, atMs }: Pause): Promise<void> {
    await durably(this.#database, () => { this.#database.put(['paused', recipient], [reason, by, atMs]) })
  }

  /** Holds until it is durable that it does not. */
  async resume (recipient: string): Promise<void> {
    const ended = this.#paused.get(recipient)
    await durably(this.#database, () => { this.#database.remove(['paused', recipient]) })
    if (this.#paused.get(recipient) === ended) this.#paused.delete(recipient)
  }
}

/** Whatever the disk says of it: it is a pause. */
function pauseOf (value: unknown): Pause {
  const [reason, by, atMs] = Array.isArray(value) ? value as unknown[] : []
  return { reason: typeof reason === 'string' ? reason : '', by: typeof by === 'string' ? by : '', atMs: typeof atMs === 'number' ? atMs : 0 }
}
