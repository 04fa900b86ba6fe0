/** A delivery loop for each recipient; none holds up another. */

import { CurtilageError } from '../model/errors.js'
import { settlesWithin } from './clock.js'
import { DeliveryLoop, type DeliverySettings, type Trouble } from './delivery-loop.js'
import type { Sink } from './sink.js'

export class Delivery {
  readonly #settings: DeliverySettings
  readonly #loops = new Map<string, DeliveryLoop>()
  /** Ended, but their sinks still hold something that they neither send nor give up. */
  readonly #stuck = new Map<DeliveryLoop, string>()
  readonly #stopListening: () => void

  constructor (settings: DeliverySettings) {
    this.#settings = settings
    this.#stopListening = settings.outbox.onAppend(recipient => { this.#loops.get(recipient)?.notify() })
  }

  /** Begins delivery to a recipient; the sink is closed when that ends. A recipient has one loop at a time. */
  start (recipient: string, sink: Sink): void {
    if (this.#loops.has(recipient)) throw new TypeError(`delivery to ${recipient} has begun already`)
    this.#loops.set(recipient, new DeliveryLoop(recipient, sink, this.#settings))
  }

  /** Ends delivery to a recipient; its disclosures stay in the outbox. Rejects with `delivery-unsettled`. */
  async end (recipient: string): Promise<void> {
    const loop = this.#loops.get(recipient)
    this.#loops.delete(recipient)
    if (loop === undefined) return
    // whoever settles meanwhile has to wait for it, too
    this.#stuck.set(loop, recipient)
    const stopped = loop.stop()
    loop.closed?.catch(() => {}).finally(() => this.#stuck.delete(loop))
    failUnlessAll([await stopped])
  }

  /** Tries again at once, for instance when the recipient has connected. */
  wake (recipient: string): void {
    this.#loops.get(recipient)?.wake()
  }

  /** What holds up delivery to a recipient now. */
  troubleOf (recipient: string): Trouble | undefined {
    return this.#loops.get(recipient)?.trouble
  }

  /**
   * Resolves when everything handed to a sink before the call, or to the sink of one recipient, has arrived, failed or been
   * aborted, and the outbox knows.
   *
   * INVARIANT: after a withdrawal or an erasure is acknowledged, nothing more of it leaves. Record it first, then settle:
   * whatever is handed over after the record was asked about after the record. Rejects with `delivery-unsettled` when a
   * sink neither ends nor gives up in time; then the withdrawal must not be acknowledged as complete.
   */
  async settle (recipient?: string): Promise<void> {
    const stuck = [...this.#stuck].map(([loop, name]) => [name, loop] as const)
    const loops = [...this.#loops, ...stuck].filter(([name]) => recipient === undefined || name === recipient)
    failUnlessAll(await Promise.all(loops.map(async ([, loop]) => await loop.settle())))
  }

  /** Lets what is due leave, for so long at most; what cannot leave now is not waited for. For the time before `stop`. */
  async drain (maxMs: number): Promise<void> {
    const drained = Promise.all([...this.#loops.values()].map(async loop => await loop.drained()))
    await settlesWithin(drained.then(() => {}), maxMs, this.#settings.clock)
  }

  /** Ends what is under way, then closes the sinks. Rejects with `delivery-unsettled`. */
  async stop (): Promise<void> {
    this.#stopListening()
    const loops = [...this.#loops.values(), ...this.#stuck.keys()]
    this.#loops.clear()
    failUnlessAll(await Promise.all(loops.map(async loop => await loop.stop())))
  }
}

function failUnlessAll (settled: readonly boolean[]): void {
  const stuck = settled.filter(one => !one).length
  if (stuck > 0) throw new CurtilageError('delivery-unsettled', `${stuck} of ${settled.length} sinks neither finished nor gave up what they were sending; ask again`)
}
