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

/** One connection's place in the room. */
export class Waiting {
  readonly socket: Socket
  readonly remoteAddress: string
  readonly source: string
  readonly dueMs: number
  readonly #room: WaitingRoom
  /** Where it stands in the room; -1 once it left. */
  index: number
  /** Why it was ended, once it was. */
  reason: RefusedReason | undefined = undefined

  constructor (room: WaitingRoom, socket: Socket, dueMs: number, index: number) {
    this.#room = room
    this.socket = socket
    this.remoteAddress = socket.remoteAddress ?? ''
    this.source = sourceOf(this.remoteAddress)
    this.dueMs = dueMs
    this.index = index
  }

  /** It has not said who it is. */
  get isStranger (): boolean {
    return this.index >= 0
  }

  /** Handshakes are over: the broker has it. */
  handOver (): void {
    this.#room.handedOver(this)
  }

  /** Ends it, for a reason that is counted. */
  refuse (reason: RefusedReason): void {
    this.#room.end(this, reason)
  }

  /** It is no stranger any more. May be called again. */
  leave (): void {
    this.#room.leave(this)
  }
}

/** How many are looked at to find one that should make room. */
const SAMPLE = 16

export class WaitingRoom {
  readonly #settings: WaitingRoomSettings
  readonly #places: Waiting[] = []
  /** In order of their deadlines. */
  readonly #shaking = new Set<Waiting>()
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
    const place = new Waiting(this, socket, performance.now() + this.#settings.handshakeTimeoutMs, this.#places.length)
    this.#places.push(place)
    this.#shaking.add(place)
    this.#bySource.set(place.source, (this.#bySource.get(place.source) ?? 0) + 1)
    this.#sweepLater()
    socket.once('close', () => this.#closed(place))
    return place
  }

  /** Its handshakes are over. */
  handedOver (place: Waiting): void {
    this.#shaking.delete(place)
  }

  /** Counts why a connection is ended; the first reason is the one that counts. */
  tell (place: Waiting, reason: RefusedReason): void {
    if (place.reason === undefined) this.#settings.refused(place.reason = reason)
  }

  end (place: Waiting, reason: RefusedReason): void {
    this.tell(place, reason)
    this.leave(place)
    place.socket.destroy()
  }

  leave (place: Waiting): void {
    if (place.index < 0) return
    const last = this.#places.pop()
    if (last !== undefined && last !== place) this.#places[last.index = place.index] = last
    place.index = -1
    this.#shaking.delete(place)
    const left = this.#count(place) - 1
    if (left > 0) this.#bySource.set(place.source, left)
    else this.#bySource.delete(place.source)
  }

  /** Ends all that wait. */
  close (): void {
    clearTimeout(this.#timer)
    for (const place of [...this.#places]) this.end(place, 'handshake')
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
    this.end(chosen, 'too-many-strangers')
  }

  #pick (): Waiting {
    const place = this.#places[randomInt(this.#places.length)]
    if (place === undefined) throw new TypeError('nobody waits')
    return place
  }

  #count ({ source }: Waiting): number {
    return this.#bySource.get(source) ?? 0
  }

  /** Ended before the broker had it, by either side: the handshake failed. */
  #closed (place: Waiting): void {
    if (this.#shaking.has(place)) this.tell(place, 'handshake')
    this.leave(place)
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
      this.end(place, 'handshake')
    }
  }
}
