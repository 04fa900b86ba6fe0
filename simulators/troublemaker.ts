/** Lets devices of a fleet misbehave, one misdeed after the other, and counts whether the gateway did right. */

import type { TlsOptions } from './connection.js'
import type { SimulatedDevice } from './device.js'
import { makeHome, type Home } from './home.js'
import { MISBEHAVIORS, type Outcome, type Subject } from './misbehavior.js'
import { Random } from './random.js'

/** Number of a home that stands for a stranger where there is no second home. */
const UNKNOWN_HOME = 9999

export interface Tally {
  readonly expected: Outcome
  tried: number
  asExpected: number
}

export interface TroublemakerOptions {
  readonly url: string
  readonly seed: string
  readonly tls?: TlsOptions
  readonly credentials?: (device: SimulatedDevice) => string
  readonly now?: () => number
}

export class Troublemaker {
  private readonly homes: readonly Home[]
  private readonly options: TroublemakerOptions
  private readonly random: Random
  private readonly tallies = new Map<string, Tally>()
  private stopping = false
  private running: Promise<void> = Promise.resolve()
  private timer: NodeJS.Timeout | undefined
  private wake: () => void = () => {}
  private deeds = 0

  constructor (homes: readonly Home[], options: TroublemakerOptions) {
    this.homes = homes
    this.options = options
    this.random = new Random(`${options.seed}/trouble`)
  }

  /** A misdeed every `everyMs`, in the order of the catalog, round and round. */
  start (everyMs: number): void {
    this.running = this.keepOn(everyMs)
  }

  async stop (): Promise<void> {
    this.stopping = true
    this.wake()
    await this.running
  }

  /** By name of the misbehavior. */
  counts (): Readonly<Record<string, Tally>> {
    return Object.fromEntries(this.tallies)
  }

  /** The next one of the catalog, by a device and with a stranger picked at random. */
  async misbehave (): Promise<void> {
    const deed = MISBEHAVIORS[this.deeds % MISBEHAVIORS.length]
    if (deed === undefined) return
    const outcome = await deed.run(this.subject(this.deeds++))
    const tally = this.tallies.get(deed.name) ?? { expected: deed.expected, tried: 0, asExpected: 0 }
    tally.tried++
    if (outcome === deed.expected) tally.asExpected++
    this.tallies.set(deed.name, tally)
  }

  private async keepOn (everyMs: number): Promise<void> {
    while (!this.stopping) {
      await this.misbehave()
      if (!this.stopping) await new Promise<void>(resolve => { this.wake = resolve; this.timer = setTimeout(resolve, everyMs) })
      clearTimeout(this.timer)
    }
  }

  private subject (sequence: number): Subject {
    const { url, tls, credentials, now = Date.now } = this.options
    const home = this.random.pick(this.homes)
    const device = this.random.pick(home.devices)
    const stranger = this.random.pick(this.otherThan(home).devices)
    return { url, device, stranger, epochMs: now(), sequence, ...(tls ? { tls } : {}), ...(credentials ? { password: credentials(device) } : {}) }
  }

  private otherThan (home: Home): Home {
    const others = this.homes.filter(other => other !== home)
    return others.length > 0 ? this.random.pick(others) : makeHome(this.options.seed, UNKNOWN_HOME)
  }
}
