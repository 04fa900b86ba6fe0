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
  const startedMs = performance.now()
  const shared = { url: options.url, ...given({ tls: options.tls, credentials: options.credentials, now: options.now }) }
  const pace = options.ratePerSecond === undefined ? { speed: options.speed ?? 1 } : { ratePerSecond: options.ratePerSecond }
  const fleet = new Fleet(homes.flatMap(home => home.devices), { ...shared, pace, ...given({ qos: options.qos, tour: options.tour }) })
  const trouble = new Troublemaker(homes, { ...shared, seed: String(options.seed) })
  const elapsedMs = () => Math.round(performance.now() - startedMs)

  const watch = watched(options, () => ({ homes: homes.length, elapsedMs: elapsedMs(), ...fleet.counts() }))
  const connected = fleet.start()
  if (options.misbehave === true) connected.then(() => trouble.start(options.misbehaveEveryMs ?? 1000))
  const { promise: done, resolve, reject } = settledLater<Summary>()
  let stopped = false
  const stop = (): Promise<Summary> => {
    if (stopped) return done
    stopped = true
    clearInterval(watch)
    clearTimeout(limit)
    Promise.all([fleet.stop(), trouble.stop()]).then(([counts]) => resolve({ homes: homes.length, elapsedMs: elapsedMs(), ...counts, misbehaviors: trouble.counts() }), reject)
    return done
  }
  const limit = options.durationMs === undefined ? undefined : setTimeout(stop, options.durationMs)
  return { homes, connected, done, counts: () => fleet.counts(), cut: device => fleet.cut(device), stop }
}

/** One home by itself, as fast as real devices are or `speed` times faster. */
export function startHome (home: Home, url: string, options: Omit<SimulateOptions, 'url' | 'homes' | 'seed'> = {}): Simulation {
  return simulate({ ...options, url, homes: [home], seed: home.household.seed })
}

function watched (options: SimulateOptions, look: () => Omit<Progress, 'acknowledgedPerSecond'>): NodeJS.Timeout | undefined {
  const { onProgress, progressMs = 1000 } = options
  if (onProgress === undefined) return undefined
  let before = look()
  return setInterval(() => {
    const present = look()
    const seconds = Math.max(1, present.elapsedMs - before.elapsedMs) / 1000
    onProgress({ ...present, acknowledgedPerSecond: (present.acknowledged - before.acknowledged) / seconds })
    before = present
  }, progressMs)
}

function settledLater<T> (): { promise: Promise<T>, resolve: (value: T) => void, reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((_resolve, _reject) => { resolve = _resolve; reject = _reject })
  return { promise, resolve, reject }
}

/** Only the options that were given: an absent option and an undefined one are not the same. */
function given<T extends object> (options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
