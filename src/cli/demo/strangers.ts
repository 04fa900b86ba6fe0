/** Now and then a device that no registry knows tries to connect. */

import { DeviceConnection } from '../../../simulators/connection.js'
import { makeHome } from '../../../simulators/home.js'

/** Number of a home that nobody lives in. */
const NO_HOME = 9001

export class Strangers {
  tried = 0
  /** Must stay zero. */
  admitted = 0
  readonly #url: string
  readonly #device
  readonly #timer: NodeJS.Timeout
  #trying: Promise<void> = Promise.resolve()

  constructor (url: string, seed: string, everyMs: number) {
    this.#url = url
    this.#device = makeHome(seed, NO_HOME).devices[0]
    this.#trying = this.#try()
    this.#timer = setInterval(() => { this.#trying = this.#trying.then(async () => await this.#try()) }, everyMs)
  }

  async stop (): Promise<void> {
    clearInterval(this.#timer)
    await this.#trying
  }

  async #try (): Promise<void> {
    if (this.#device === undefined) return
    const connection = new DeviceConnection(this.#device, { url: this.#url, reconnectMs: 0 })
    if (await connection.opened()) this.admitted++
    this.tried++
    await connection.close(true)
  }
}
