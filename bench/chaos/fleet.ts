/** The devices of a chaos run: two to a home, all reporting what `planted.ts` plants, each under numbers of its own. */

import { setTimeout } from 'node:timers/promises'
import type { Api } from '../figures/api.js'
import { PASSWORD, registerHomes, type Home } from '../figures/register-homes.js'
import { Reporter } from '../figures/reporter.js'
import { CLIENT_ID, reportText } from './planted.js'

const NUMBERS = 1_000_000
const RECONNECT_MS = 20

export class Fleet {
  readonly homes: readonly Home[]
  readonly reporters: readonly Reporter[]

  /** `window` reports of a device are under way at one time; at most 64 can be told apart when they come again. */
  constructor (size: number, window = 32) {
    const names = Array.from({ length: size }, (_, i) => ({ account: accountOf(i), device: `chaos-device-${i}` }))
    this.homes = [...new Set(names.map(({ account }) => account))].map(account => ({ account, devices: names.filter(name => name.account === account).map(({ device }) => device) }))
    this.reporters = names.map(({ account, device }, i) => new Reporter({
      userName: device,
      password: PASSWORD,
      clientId: `${CLIENT_ID} ${i}`,
      topic: `kasa/${account}/${device}/energy-realtime`,
      window,
      payload: number => reportText(i + 1, i * NUMBERS + number)
    }))
  }

  async register (api: Api): Promise<void> {
    await registerHomes(api, this.homes)
  }

  async connect (url: URL): Promise<void> {
    await Promise.all(this.reporters.map(reporter => reporter.connect(url)))
  }

  /** Connects whoever is not, again and again, until the function that it returns is called. */
  keepConnected (url: () => URL): () => Promise<void> {
    const ending = new AbortController()
    const loops = this.reporters.map(async reporter => {
      while (!ending.signal.aborted) {
        if (!reporter.isConnected) await reporter.connect(url()).catch(() => {})
        await setTimeout(RECONNECT_MS)
      }
    })
    return async () => {
      ending.abort()
      await Promise.all(loops)
    }
  }

  /** All go on until each has sent that many in all. */
  report (limit: number): void {
    for (const reporter of this.reporters) reporter.report(limit)
  }

  pause (): void {
    for (const reporter of this.reporters) reporter.pause()
  }

  async cut (): Promise<void> {
    await Promise.all(this.reporters.map(reporter => reporter.cut()))
  }

  get answered (): number {
    return this.reporters.reduce((sum, { answered }) => sum + answered.size, 0)
  }

  get open (): number {
    return this.reporters.reduce((sum, { open }) => sum + open, 0)
  }

  /** The numbers, as the disclosures bear them, of all that was answered. */
  * numbers (): Iterable<number> {
    for (const [i, { answered }] of this.reporters.entries()) for (const number of answered) yield i * NUMBERS + number
  }
}

export function accountOf (device: number): string {
  return `chaos-home-${device >> 1}`
}

/** Which device a number is of. */
export function deviceOf (number: number): number {
  return Math.floor(number / NUMBERS)
}
