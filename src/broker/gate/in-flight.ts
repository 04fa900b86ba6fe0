/** The PUBLISH packets of one connection that are under way: how many, and how much content they hold. */

export interface InFlightLimits {
  readonly maxInFlight: number
  /** Content of all of them; a single one may be as large as any packet. */
  readonly maxPacketBytes: number
}

export class InFlight {
  readonly #limits: InFlightLimits
  #count = 0
  #bytes = 0

  constructor (limits: InFlightLimits) {
    this.#limits = limits
  }

  get isEmpty (): boolean {
    return this.#count === 0
  }

  /** Half of them at least are dealt with: the broker handles a run of packets as one. */
  get isHalfFree (): boolean {
    return this.#count <= this.#limits.maxInFlight / 2
  }

  hasRoomFor (payloadBytes: number): boolean {
    return this.isEmpty || (this.#count < this.#limits.maxInFlight && this.#bytes + payloadBytes <= this.#limits.maxPacketBytes)
  }

  began (payloadBytes: number): void {
    this.#count++
    this.#bytes += payloadBytes
  }

  /** Its content is let go; it may not be answered yet. */
  emptied (payloadBytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - payloadBytes)
  }

  ended (count = 1): void {
    this.#count = Math.max(0, this.#count - count)
  }
}
