/** Faults that strike now and then, in one stage at a time, and count how often they did. */

import { setTimeout } from 'node:timers/promises'
import type { Faults, Step, Work } from '../../src/faults.js'

export type Trouble =
  | { readonly kind: 'step', readonly step: Step }
  /** Fails before the work has begun, fails after it has succeeded, or is answered later than the gateway waits. */
  | { readonly kind: 'work', readonly work: Work, readonly way: 'before' | 'after' | 'slow' }
  | { readonly kind: 'store' }

export const TROUBLES: readonly Trouble[] = [
  ...(['consent', 'classify', 'decide', 'minimize', 'guard', 'reconsider'] as const).map(step => ({ kind: 'step', step }) as const),
  ...(['authenticate', 'append', 'learn', 'deliver'] as const).flatMap(work => (['before', 'after'] as const).map(way => ({ kind: 'work', work, way }) as const)),
  { kind: 'work', work: 'append', way: 'slow' },
  { kind: 'store' }
]

export class TroubleMaker {
  readonly #slowMs: number
  #trouble: Trouble | undefined
  #share = 0
  #struck = 0
  #stalledUntilMs = 0

  /** `slowMs`: longer than the gateway waits. */
  constructor (slowMs: number) {
    this.#slowMs = slowMs
  }

  /** How often the trouble at hand has struck. */
  get struck (): number {
    return this.#struck
  }

  /** From now on this strikes, at the first call and in that share of the others. */
  begin (trouble: Trouble, share: number): void {
    this.#trouble = trouble
    this.#share = share
    this.#struck = 0
  }

  end (): void {
    this.#trouble = undefined
  }

  readonly faults: Faults = {
    step: step => {
      if (this.#trouble?.kind === 'step' && this.#trouble.step === step && this.#strikes()) throw new Error('injected')
    },
    work: async (work, moment) => {
      const trouble = this.#trouble
      if (trouble?.kind !== 'work' || trouble.work !== work || (trouble.way === 'before') !== (moment === 'before')) return
      if (trouble.way === 'slow') return await this.#stall()
      if (this.#strikes()) throw new Error('injected')
    },
    freeBytes: () => this.#trouble?.kind === 'store' && this.#strikes() ? 0 : Infinity
  }

  /** As a disk does that answers nobody for a while. */
  async #stall (): Promise<void> {
    if (this.#strikes()) this.#stalledUntilMs = performance.now() + this.#slowMs
    while (performance.now() < this.#stalledUntilMs) await setTimeout(this.#stalledUntilMs - performance.now())
  }

  #strikes (): boolean {
    const strikes = this.#struck === 0 || Math.random() < this.#share
    if (strikes) this.#struck++
    return strikes
  }
}

/** As a row of a table names it. */
export function nameOf (trouble: Trouble): string {
  switch (trouble.kind) {
    case 'step': return `${trouble.step} fails`
    case 'work': return trouble.way === 'slow' ? `${trouble.work} takes too long` : `${trouble.work} fails ${trouble.way === 'before' ? 'at once' : 'after it has succeeded'}`
    case 'store': return 'the store refuses to write'
  }
}

/** Comes before the acknowledgement, so that none may be given while it always strikes. */
export function isBeforeAcknowledgement (trouble: Trouble): boolean {
  if (trouble.kind === 'step') return trouble.step !== 'reconsider'
  return trouble.kind === 'store' || trouble.work !== 'deliver'
}
