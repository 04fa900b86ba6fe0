/** A count, and how fast it has grown over the last seconds. */

const WINDOW_SECONDS = 5

export class Meter {
  #count = 0
  #firstSecond: number | undefined
  readonly #bySecond = new Map<number, number>()

  get count (): number {
    return this.#count
  }

  add (count: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000)
    this.#count += count
    this.#firstSecond ??= second
    this.#bySecond.set(second, (this.#bySecond.get(second) ?? 0) + count)
    for (const old of this.#bySecond.keys()) if (old < second - WINDOW_SECONDS) this.#bySecond.delete(old)
  }

  /** Over the last whole seconds, five at most. */
  perSecond (nowMs: number): number {
    const present = Math.floor(nowMs / 1000)
    const seconds = Math.min(WINDOW_SECONDS, present - (this.#firstSecond ?? present))
    let sum = 0
    for (let second = present - seconds; second < present; second++) sum += this.#bySecond.get(second) ?? 0
    return seconds === 0 ? 0 : sum / seconds
  }
}
