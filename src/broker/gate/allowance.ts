/**
 * How much of the gateway's time a device may take over all its connections: reports a second, and other packets.
 *
 * Each is a bucket of tokens that refills steadily and holds a second's worth. A packet may go below none, and the next one
 * waits for it.
 */

const SECOND_MS = 1000
const OTHERS_PER_SECOND = 1000
/** A packet with many filters costs what as many packets would. */
const BYTES_A_TOKEN = 64
const ANSWER_TOKENS = 1 / 16

export class Allowance {
  readonly #reports: Bucket
  readonly #others: Bucket
  /** Connections that share it. */
  users = 0

  constructor (perSecond: number, nowMs: number) {
    this.#reports = new Bucket(perSecond, nowMs)
    this.#others = new Bucket(OTHERS_PER_SECOND, nowMs)
  }

  /** A report. False where the device has to wait. */
  take (nowMs: number): boolean {
    return this.#reports.take(1, nowMs)
  }

  /** Another packet: the bytes of a request (SUBSCRIBE and so on), or an answer, of which a recipient gives one for each disclosure. */
  takeOther (cost: number | 'answer', nowMs: number): boolean {
    return this.#others.take(cost === 'answer' ? ANSWER_TOKENS : 1 + cost / BYTES_A_TOKEN, nowMs)
  }

  isFull (nowMs: number): boolean {
    return this.#reports.isFull(nowMs) && this.#others.isFull(nowMs)
  }
}

class Bucket {
  readonly #perSecond: number
  #tokens: number
  #atMs: number

  constructor (perSecond: number, nowMs: number) {
    this.#perSecond = this.#tokens = perSecond
    this.#atMs = nowMs
  }

  take (tokens: number, nowMs: number): boolean {
    this.#refill(nowMs)
    if (this.#tokens < Math.min(1, tokens)) return false
    this.#tokens -= tokens
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
