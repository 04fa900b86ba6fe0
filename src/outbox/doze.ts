/**
 * A sleep that others can end.
 *
 * A call that comes while nobody sleeps is remembered and ends the next sleep at once, so that none is lost.
 */

import type { Clock } from './clock.js'

/** `news` ends a light sleep only; `urgent` ends any. */
export type Ring = 'news' | 'urgent'

export class Doze {
  readonly #clock: Clock
  readonly #rings = new Set<Ring>()
  #listen: ((ring: Ring) => void) | undefined

  constructor (clock: Clock) {
    this.#clock = clock
  }

  ring (ring: Ring): void {
    this.#rings.add(ring)
    this.#listen?.(ring)
  }

  /** Without a delay it sleeps until it is ended. */
  async sleep (delayMs: number | undefined, endedBy: readonly Ring[]): Promise<void> {
    if (!endedBy.some(ring => this.#rings.has(ring))) await this.#slept(delayMs, endedBy)
    this.#rings.clear()
  }

  async #slept (delayMs: number | undefined, endedBy: readonly Ring[]): Promise<void> {
    let cancel = (): void => {}
    await new Promise<void>(resolve => {
      if (delayMs !== undefined) cancel = this.#clock.after(delayMs, resolve)
      this.#listen = ring => { if (endedBy.includes(ring)) resolve() }
    })
    cancel()
    this.#listen = undefined
  }
}
