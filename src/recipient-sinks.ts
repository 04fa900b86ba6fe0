/**
 * The sinks of the recipients that are switched on, and the closed ones of those that are gone: opened and closed as the
 * policy in force changes.
 *
 * New sinks are opened before anything changes, so that one that cannot be opened changes nothing. A recipient whose sink
 * changes keeps what waits for it; of one that goes, what waits is withheld and counted. Nothing is delivered twice at a
 * time: a sink begins when the one before it has ended, and a file sink when no other file sink is ending, since two of them
 * may share a folder for a moment.
 */

import { isDeepStrictEqual } from 'node:util'
import type { CompiledPolicy } from './model/policy.js'
import type { SinkSettings } from './model/sink-settings.js'
import type { Delivery } from './outbox/delivery.js'
import type { Sink } from './outbox/sink.js'
import type { Prepared } from './policy/policy-desk.js'
import { closedSink } from './sinks/closed-sink.js'

export interface RecipientSinksParts {
  readonly delivery: Pick<Delivery, 'start' | 'end' | 'settle'>
  /** Rejects where it cannot be opened. */
  readonly open: (recipient: string, settings: SinkSettings) => Promise<Sink>
}

export class RecipientSinks {
  readonly #parts: RecipientSinksParts
  /** Of those that are switched on. */
  #settings: ReadonlyMap<string, SinkSettings> = new Map()
  /** Recipients that are not, and of which something may wait. */
  readonly #closed = new Set<string>()

  constructor (parts: RecipientSinksParts) {
    this.#parts = parts
  }

  /** At the start; `waiting` are those for which the outbox holds anything. Rejects where a sink cannot be opened. */
  async begin (policy: CompiledPolicy, waiting: Iterable<string>): Promise<void> {
    const { delivery, open } = this.#parts
    this.#settings = settingsOf(policy)
    for (const [recipient, settings] of this.#settings) delivery.start(recipient, await open(recipient, settings))
    for (const recipient of waiting) this.#close(recipient)
  }

  /** Opens what the policy needs beyond what is open. Rejects, and leaves nothing open, where that fails. */
  async prepare (policy: CompiledPolicy): Promise<Prepared> {
    const next = settingsOf(policy)
    const opened = new Map<string, Sink>()
    const abandon = async (): Promise<void> => { await Promise.allSettled([...opened.values()].map(async sink => await sink.close())) }
    try {
      for (const [recipient, settings] of next) {
        if (!isDeepStrictEqual(this.#settings.get(recipient), settings)) opened.set(recipient, await this.#parts.open(recipient, settings))
      }
    } catch (error) {
      await abandon()
      throw error
    }
    return { commit: async () => await this.#swap(next, opened), abandon }
  }

  /** Answers whether everything handed to a sink before has settled. */
  async #swap (next: ReadonlyMap<string, SinkSettings>, opened: ReadonlyMap<string, Sink>): Promise<boolean> {
    const before = this.#settings
    this.#settings = next
    const ends = new Map([...before.keys()].filter(recipient => !next.has(recipient) || opened.has(recipient)).map(recipient => [recipient, this.#end(recipient)]))
    const filesEnded = Promise.all([...ends].filter(([recipient]) => before.get(recipient)?.type === 'file').map(async ([, ended]) => await ended))
    const begun = [...opened].map(async ([recipient, sink]) => {
      await (ends.get(recipient) ?? this.#reopen(recipient))
      if (next.get(recipient)?.type === 'file') await filesEnded
      this.#parts.delivery.start(recipient, sink)
    })
    const gone = [...ends].filter(([recipient]) => !next.has(recipient)).map(async ([recipient, ended]) => {
      await ended
      this.#close(recipient)
    })
    await Promise.all([...begun, ...gone])
    const others = await this.#parts.delivery.settle().then(() => true, () => false)
    return others && (await Promise.all(ends.values())).every(settled => settled)
  }

  /** What waits for it is asked about, and withheld; what is appended later, too. */
  #close (recipient: string): void {
    if (this.#settings.has(recipient) || this.#closed.has(recipient)) return
    this.#closed.add(recipient)
    this.#parts.delivery.start(recipient, closedSink)
  }

  async #reopen (recipient: string): Promise<void> {
    if (this.#closed.delete(recipient)) await this.#end(recipient)
  }

  /** False: its sink would not end what it was sending, and is left to itself. */
  async #end (recipient: string): Promise<boolean> {
    return await this.#parts.delivery.end(recipient).then(() => true, () => false)
  }
}

function settingsOf ({ recipients }: CompiledPolicy): Map<string, SinkSettings> {
  return new Map(recipients.filter(({ enabled }) => enabled).map(({ name, sink }) => [name, sink]))
}
