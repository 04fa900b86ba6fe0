/** How many reports a second a device may send over all its connections: a bucket of tokens that refills steadily and holds a second's worth. */

const SECOND_MS = 1000

export class Allowance {
  readonly #perSecond: number
  #tokens: number
  #atMs: number
  /** Connections that share it. */
  users = 0

  constructor (perSecond: number, nowMs: number) {
    this.#perSecond = this.#tokens = perSecond
    this.#atMs = nowMs
  }

  /** False where the device has to wait. */
  take (nowMs: number): boolean {
    this.#refill(nowMs)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  isFull (nowMs: number): boolean {
    this.#refill(nowMs)
    return this.#tokens >= this.#perSecond
  }

  #refill (nowMs: number): void {
    this.#tokens = Math.min(this.#perSecond, this.#tokens + Math.max(0, nowMs - this.#atMs) * this.#perSecond / SECOND_MS)
    this.#atMs = nowMs
  }
}

/** The allowances of all devices; one that was left is kept until it is full again, so that reconnecting gains nothing. */
export class Allowances {
  readonly #perSecond: number
  readonly #byName = new Map<string, Allowance>()

  constructor (perSecond: number) {
    this.#perSecond = perSecond
  }

  get size (): number {
    return this.#byName.size
  }

  join (name: string, nowMs: number): Allowance {
    const known = this.#byName.get(name) ?? new Allowance(this.#perSecond, nowMs)
    known.users++
    this.#byName.set(name, known)
    return known
  }

  /** Forgets those that nobody uses and that are full. */
  sweep (nowMs: number): void {
    for (const [name, allowance] of this.#byName) {
      if (allowance.users === 0 && allowance.isFull(nowMs)) this.#byName.delete(name)
    }
  }
}
