/** The simulator as a whole: many homes against any broker, at a steady total rate, with misdeeds between the reports if asked for. */

import type { TlsOptions } from './connection.js'
import type { SimulatedDevice } from './device.js'
import { Fleet, type Counts } from './fleet.js'
import { makeHomes, type Home } from './home.js'
import { Troublemaker, type Tally } from './troublemaker.js'

export interface SimulateOptions {
  /** `mqtt:`, `mqtts:`, `ws:` or `wss:`; misdeeds go over the first two only. */
  readonly url: string
  /** How many, or which. */
  readonly homes: number | readonly Home[]
  /** Over all homes. Without it, devices report as often as real ones do, or `speed` times more often. */
  readonly ratePerSecond?: number
  readonly speed?: number
  readonly seed: string | number
  /** Stops by itself after this time; otherwise it runs until `stop`. */
  readonly durationMs?: number
  readonly qos?: 0 | 1
  /** Devices start with one of each of their reports, so that a short run shows the rare ones too. */
  readonly tour?: boolean
  readonly misbehave?: boolean
  readonly misbehaveEveryMs?: number
  readonly onProgress?: (progress: Progress) => void
  readonly progressMs?: number
  readonly credentials?: (device: SimulatedDevice) => string
  readonly tls?: TlsOptions
  readonly now?: () => number
}

export interface Progress extends Counts {
  readonly homes: number
  readonly elapsedMs: number
  /** Acknowledged since the last progress, a second. */
  readonly acknowledgedPerSecond: number
}

export interface Summary extends Counts {
  readonly homes: number
  readonly elapsedMs: number
  /** By name; empty where nobody was asked to misbehave. */
  readonly misbehaviors: Readonly<Record<string, Tally>>
}

export interface Simulation {
  readonly homes: readonly Home[]
  /** Resolves when every device was taken or refused. */
  readonly connected: Promise<void>
  /** Resolves when it has stopped, by `stop` or by its duration. */
  readonly done: Promise<Summary>
  counts (): Counts
  /** Cuts the connection of one device, or of all; they come back. */
  cut (device?: string): void
  stop (): Promise<Summary>
}

/** Starts at once; the gateway must know the devices (see `registryLines`). */
export function simulate (options: SimulateOptions): Simulation {
  const homes = typeof options.homes === 'number' ? makeHomes(options.seed, options.homes) : options.homes
  return new Run(homes, options)
}

/** One home by itself, as fast as real devices are or `speed` times faster. */
export function startHome (home: Home, url: string, options: Omit<SimulateOptions, 'url' | 'homes' | 'seed'> = {}): Simulation {
  return simulate({ ...options, url, homes: [home], seed: home.household.seed })
}

class Run implements Simulation {
  readonly homes: readonly Home[]
  readonly connected: Promise<void>
  readonly done: Promise<Summary>
  private readonly fleet: Fleet
  private readonly trouble: Troublemaker
  private readonly startedMs = performance.now()
  private readonly timers: NodeJS.Timeout[] = []
  private finish: (summary: Promise<Summary>) => void = () => {}
  private stopped = false

  constructor (homes: readonly Home[], options: SimulateOptions) {
    const { url, seed, ratePerSecond, speed = 1, qos, tour, tls, credentials, now, durationMs } = options
    const shared = { url, ...given({ tls, credentials, now }) }
    this.homes = homes
    this.fleet = new Fleet(homes.flatMap(home => home.devices), { ...shared, pace: ratePerSecond === undefined ? { speed } : { ratePerSecond }, ...given({ qos, tour }) })
    this.trouble = new Troublemaker(homes, { ...shared, seed: String(seed) })
    this.done = new Promise(resolve => { this.finish = resolve })
    this.connected = this.fleet.start()
    this.watch(options)
    if (options.misbehave === true) this.connected.then(() => this.trouble.start(options.misbehaveEveryMs ?? 1000))
    if (durationMs !== undefined) this.timers.push(setTimeout(() => this.stop(), durationMs))
  }

  counts (): Counts {
    return this.fleet.counts()
  }

  cut (device?: string): void {
    this.fleet.cut(device)
  }

  stop (): Promise<Summary> {
    if (!this.stopped) this.finish(this.wind())
    this.stopped = true
    return this.done
  }

  private async wind (): Promise<Summary> {
    this.timers.forEach(timer => clearTimeout(timer))
    const [counts] = await Promise.all([this.fleet.stop(), this.trouble.stop()])
    return { ...this.place(), ...counts, misbehaviors: this.trouble.counts() }
  }

  private watch ({ onProgress, progressMs = 1000 }: SimulateOptions): void {
    if (onProgress === undefined) return
    let [beforeMs, before] = [0, 0]
    this.timers.push(setInterval(() => {
      const present = { ...this.place(), ...this.fleet.counts() }
      const seconds = Math.max(1, present.elapsedMs - beforeMs) / 1000
      onProgress({ ...present, acknowledgedPerSecond: (present.acknowledged - before) / seconds })
      beforeMs = present.elapsedMs
      before = present.acknowledged
    }, progressMs))
  }

  private place (): { homes: number, elapsedMs: number } {
    return { homes: this.homes.length, elapsedMs: Math.round(performance.now() - this.startedMs) }
  }
}

/** Only the options that were given: an absent option and an undefined one are not the same. */
function given<T extends object> (options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
