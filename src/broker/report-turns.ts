/** Reports wait for their turn, one of each connection after the other: what a burst costs is shared out over turns of the event loop. */

import type { Client } from 'aedes'
import { Rounds, type Runner } from './gate/rounds.js'

export class ReportTurns {
  readonly #rounds = new Rounds()
  readonly #queues = new Map<Client | null, Queue>()

  /** Calls `work` at once or in one of the next turns, in the order of the calls for each connection. It must not throw. */
  take (client: Client | null, work: () => void): void {
    const queue = this.#queues.get(client) ?? new Queue(() => this.#queues.delete(client))
    this.#queues.set(client, queue)
    queue.add(work)
    this.#rounds.enter(queue)
  }
}

/** Of one connection; short, since the gate bounds what is in flight. */
class Queue implements Runner {
  readonly #work: (() => void)[] = []
  readonly #onEmpty: () => void

  constructor (onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  add (work: () => void): void {
    this.#work.push(work)
  }

  step (): boolean {
    this.#work.shift()?.()
    if (this.#work.length === 0) this.#onEmpty()
    return this.#work.length > 0
  }
}
