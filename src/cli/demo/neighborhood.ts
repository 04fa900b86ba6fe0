/** The homes' devices over MQTT, each home counted by itself; they come one after the other, so that it can be watched. */

import { simulate, type Simulation } from '../../../simulators/simulate.js'
import type { Resident } from './cast.js'

export interface NeighborhoodOptions {
  readonly url: string
  readonly seed: string
  /** Reports a second of all homes together. */
  readonly rate: number
}

const ARRIVAL_MS = 1500

export class Neighborhood {
  readonly devices: number
  readonly #simulations = new Map<string, Simulation>()
  readonly #timers: NodeJS.Timeout[]

  constructor (residents: readonly Resident[], { url, seed, rate }: NeighborhoodOptions) {
    this.devices = residents.reduce((sum, { home }) => sum + home.devices.length, 0)
    this.#timers = residents.map(({ home }, at) => setTimeout(() => {
      this.#simulations.set(home.account, simulate({ url, homes: [home], seed, ratePerSecond: rate / residents.length, tour: true }))
    }, at * ARRIVAL_MS / residents.length))
  }

  /** Reports of one home that the gateway has acknowledged. */
  reported (account: string): number {
    return this.#simulations.get(account)?.counts().acknowledged ?? 0
  }

  connected (): number {
    return this.#sum(({ connected }) => connected)
  }

  refused (): number {
    return this.#sum(({ refused }) => refused)
  }

  acknowledged (): number {
    return this.#sum(({ acknowledged }) => acknowledged)
  }

  /** Sends no more, waits for what is under way, disconnects. */
  async stop (): Promise<void> {
    this.#timers.forEach(timer => clearTimeout(timer))
    await Promise.all([...this.#simulations.values()].map(async simulation => await simulation.stop()))
  }

  #sum (of: (counts: ReturnType<Simulation['counts']>) => number): number {
    return [...this.#simulations.values()].reduce((sum, simulation) => sum + of(simulation.counts()), 0)
  }
}
