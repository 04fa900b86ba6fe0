/**
 * Work in small steps, one runner after the other, so that nobody's burst takes a whole turn of the event loop.
 *
 *     turn:  a b c a b a a a  │ sockets, disk, timers │  b c a …
 *            └─ until the time is up ─┘
 *
 * Where nobody else waits and the turn has time left, a step is taken at once. What a step begins goes on after the turn, and
 * costs more there: a runner may say that it has had enough of this one.
 */

export interface Runner {
  /** One small piece of work; true where there is more to do, `next-turn` where not in this turn. Must not throw. */
  step (): boolean | 'next-turn'
}

/** Short beside the time that a disk takes for a commit, long beside a turn with nothing to do. */
const TURN_MS = 0.5
/** A step may cost more than it shows: what it hands to a stream is handled after it. */
const MAX_STEPS = 64

export class Rounds {
  readonly #waiting = new Set<Runner>()
  /** They have had enough of this turn. */
  readonly #resting = new Set<Runner>()
  #spentMs = 0
  #steps = 0
  #running = false
  #scheduled = false

  /** Another number in each turn of the event loop in which steps were taken. */
  turn = 0

  /** Gives a runner its next step; what waits already comes first. */
  enter (runner: Runner): void {
    if (this.#resting.has(runner)) return
    this.#waiting.add(runner)
    if (!this.#running) this.#run()
  }

  leave (runner: Runner): void {
    this.#waiting.delete(runner)
    this.#resting.delete(runner)
  }

  #run (): void {
    const startedMs = performance.now() - this.#spentMs
    this.#running = true
    for (const runner of this.#waiting) {
      if (this.#spentMs >= TURN_MS || this.#steps >= MAX_STEPS) break
      this.#waiting.delete(runner)
      const more = runner.step()
      if (more === 'next-turn') this.#resting.add(runner)
      // a set goes on to what was added last, so whoever has more to do comes after all others
      else if (more) this.#waiting.add(runner)
      this.#steps++
      this.#spentMs = performance.now() - startedMs
    }
    this.#running = false
    if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(this.#nextTurn)
    }
  }

  readonly #nextTurn = (): void => {
    this.#scheduled = false
    this.turn++
    this.#spentMs = this.#steps = 0
    for (const runner of this.#resting) this.#waiting.add(runner)
    this.#resting.clear()
    if (this.#waiting.size > 0) this.#run()
  }
}
