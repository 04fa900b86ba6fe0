/**
 * A snapshot a second of what the gateway does, to all who watch.
 *
 * Nothing is counted while nobody watches and nobody did lately. The last snapshots are kept, so that one who comes back
 * gets those that were missed. Who does not read, or whose token is void, is let go.
 */

import { Readable } from 'node:stream'
import type { Observe } from '../../model/events.js'
import { errorOf } from '../../model/errors.js'
import { LiveCounts } from './live-counts.js'
import type { Snapshot } from './snapshot.js'

const MAX_WATCHERS = 32
const KEPT = 60
const LINGER_MS = 60_000
const MAX_UNREAD_BYTES = 1024 * 1024

export interface LiveSource {
  observe (observer: Observe): () => void
  /** What stands now. */
  standing (): Pick<Snapshot, 'outbox'>
  now (): number
  /** A snapshot each time; a second. */
  readonly everyMs: number
}

interface Watcher {
  readonly stream: Readable
  readonly isWelcome: () => boolean
}

export class LiveFeed {
  readonly #source: LiveSource
  readonly #watchers = new Set<Watcher>()
  #counts: LiveCounts | undefined
  #kept: Snapshot[] = []
  #sequence = 0
  #lastMs = 0
  #lastWatchedMs = 0
  #end: () => void = () => {}

  constructor (source: LiveSource) {
    this.#source = source
  }

  /**
   * Server-sent events, beginning with those kept after `after`. Ends when `isWelcome` says no.
   *
   * @throws CurtilageError live-full
   */
  watch (after: number | undefined, isWelcome: () => boolean): Readable {
    if (this.#watchers.size >= MAX_WATCHERS) throw errorOf('live-full')
    this.#start()
    const stream = new Readable({ read () {} })
    const watcher = { stream, isWelcome }
    this.#watchers.add(watcher)
    stream.once('close', () => this.#watchers.delete(watcher))
    stream.push('retry: 2000\n\n')
    // numbers of another run of the gateway say nothing
    const missed = after === undefined || after > this.#sequence ? this.#kept : this.#kept.filter(({ sequence }) => sequence > after)
    for (const one of missed) stream.push(spell(one))
    return stream
  }

  /** Ends all streams, and counts no more. */
  close (): void {
    for (const { stream } of this.#watchers) stream.push(null)
    this.#watchers.clear()
    this.#stop()
  }

  #start (): void {
    this.#lastWatchedMs = this.#source.now()
    if (this.#counts !== undefined) return
    const counts = new LiveCounts()
    const unobserve = this.#source.observe(counts.observe)
    this.#counts = counts
    this.#lastMs = this.#source.now()
    const timer = setInterval(() => this.#tick(counts), this.#source.everyMs).unref()
    this.#end = () => {
      clearInterval(timer)
      unobserve()
    }
  }

  #stop (): void {
    this.#end()
    this.#counts = undefined
    this.#kept = []
  }

  #tick (counts: LiveCounts): void {
    const nowMs = this.#source.now()
    const standing = this.#standing()
    if (standing === undefined) return this.close()
    const made: Snapshot = { sequence: ++this.#sequence, atMs: nowMs, seconds: (nowMs - this.#lastMs) / 1000, ...counts.take(), ...standing }
    this.#lastMs = nowMs
    this.#kept = [...this.#kept.slice(1 - KEPT), made]
    const text = spell(made)
    for (const watcher of this.#watchers) this.#tell(watcher, text)
    if (this.#watchers.size > 0) this.#lastWatchedMs = nowMs
    else if (nowMs - this.#lastWatchedMs > LINGER_MS) this.#stop()
  }

  /** Undefined where it cannot be had: a view that fails ends, and nothing else with it. */
  #standing (): Pick<Snapshot, 'outbox'> | undefined {
    try {
      return this.#source.standing()
    } catch {
      return undefined
    }
  }

  #tell (watcher: Watcher, text: string): void {
    const { stream, isWelcome } = watcher
    if (isWelcome() && stream.readableLength <= MAX_UNREAD_BYTES) {
      stream.push(text)
      return
    }
    this.#watchers.delete(watcher)
    // what lies unread would hold up an end in good order
    if (stream.readableLength > MAX_UNREAD_BYTES) stream.destroy()
    else stream.push(null)
  }
}

function spell (snapshot: Snapshot): string {
  return `id: ${snapshot.sequence}\ndata: ${JSON.stringify(snapshot)}\n\n`
}
