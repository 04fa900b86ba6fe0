/**
 * Connections that have not said who they are, of all listeners together, bounded apart from the authenticated ones: what
 * strangers do here takes no place from a device that is in.
 *
 *     accept ─▶ TLS handshake, WebSocket upgrade ─▶ handed to the broker ─▶ authenticated, or closed
 *               at most `handshakeTimeoutMs`        the gate's own deadline
 */

import { randomInt } from 'node:crypto'
import type { Socket } from 'node:net'
import type { RefusedReason } from '../../model/reasons.js'
import { sourceOf } from '../source.js'

export interface WaitingRoomSettings {
  readonly maxWaiting: number
  readonly handshakeTimeoutMs: number
  readonly refused: (reason: RefusedReason) => void
}

export interface Waiting {
  readonly remoteAddress: string
  /** Handshakes are over: the broker has it. */
  handOver (): void
  /** Ends it, for a reason that is counted. */
  refuse (reason: RefusedReason): void
  /** Counts why it is going to end. */
  refused (reason: RefusedReason): void
  /** It is no stranger any more. May be called again. */
  leave (): void
}

interface Place {
  readonly socket: Socket
  readonly source: string
  readonly dueMs: number
  index: number
  /** Why it was ended, once it was. */
  reason?: RefusedReason
}

/** How many are looked at to find one that should make room. */
const SAMPLE = 16

export class WaitingRoom {
  readonly #settings: WaitingRoomSettings
  readonly #places: Place[] = []
  /** In order of their deadlines. */
  readonly #shaking = new Set<Place>()
  readonly #bySource = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor (settings: WaitingRoomSettings) {
    this.#settings = settings
  }

  get size (): number {
    return this.#places.length
  }

  /** Takes a socket in, as it was accepted. Where the room is full somebody makes place: see `#makeRoom`. */
  enter (socket: Socket): Waiting {
    if (this.#places.length >= this.#settings.maxWaiting) this.#makeRoom()
    const remoteAddress = socket.remoteAddress ?? ''
    const place: Place = { socket, source: sourceOf(remoteAddress), dueMs: performance.now() + this.#settings.handshakeTimeoutMs, index: this.#places.length }
    this.#places.push(place)
    this.#shaking.add(place)
    this.#bySource.set(place.source, (this.#bySource.get(place.source) ?? 0) + 1)
    this.#sweepLater()
    socket.once('close', () => this.#closed(place))
    return {
      remoteAddress,
      handOver: () => { this.#shaking.delete(place) },
      refuse: reason => this.#end(place, reason),
      refused: reason => this.#tell(place, reason),
      leave: () => this.#leave(place)
    }
  }

  /** Ends all that wait. */
  close (): void {
    clearTimeout(this.#timer)
    for (const place of [...this.#places]) this.#end(place, 'handshake')
  }

  /**
   * Of a few picked at random, the one whose source has the most goes; between equals the oldest. Whoever floods the room
   * is the likeliest to be picked and has the most, so its own sockets go. Costs the same however many there are.
   */
  #makeRoom (): void {
    let chosen = this.#pick()
    for (let i = 1; i < SAMPLE; i++) {
      const other = this.#pick()
      const more = this.#count(other) - this.#count(chosen)
      if (more > 0 || (more === 0 && other.dueMs < chosen.dueMs)) chosen = other
    }
    this.#end(chosen, 'too-many-strangers')
  }

  #pick (): Place {
    const place = this.#places[randomInt(this.#places.length)]
    if (place === undefined) throw new TypeError('nobody waits')
    return place
  }

  #count ({ source }: Place): number {
    return this.#bySource.get(source) ?? 0
  }

  #end (place: Place, reason: RefusedReason): void {
    this.#tell(place, reason)
    this.#leave(place)
    place.socket.destroy()
  }

  #tell (place: Place, reason: RefusedReason): void {
    if (place.reason === undefined) this.#settings.refused(place.reason = reason)
  }

  /** Ended before the broker had it, by either side: the handshake failed. */
  #closed (place: Place): void {
    if (this.#shaking.has(place)) this.#tell(place, 'handshake')
    this.#leave(place)
  }

  #leave (place: Place): void {
    if (place.index < 0) return
    const last = this.#places.pop()
    if (last !== undefined && last !== place) this.#places[last.index = place.index] = last
    place.index = -1
    this.#shaking.delete(place)
    const left = this.#count(place) - 1
    if (left > 0) this.#bySource.set(place.source, left)
    else this.#bySource.delete(place.source)
  }

  #sweepLater (): void {
    const [oldest] = this.#shaking
    if (this.#timer !== undefined || oldest === undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#sweep()
      this.#sweepLater()
    }, Math.max(1, Math.ceil(oldest.dueMs - performance.now()))).unref()
  }

  #sweep (): void {
    const nowMs = performance.now()
    for (const place of this.#shaking) {
      if (place.dueMs > nowMs) return
      this.#end(place, 'handshake')
    }
  }
}
