/** Disclosures that wait in the outbox, by home: read from their private headers, which only the gateway's own process can see. */

import type { Gateway } from '../../gateway.js'

/** Beyond this, looking at each costs more than it shows. */
const MOST_COUNTED = 20_000

export class Waiting {
  readonly #gateway: Gateway
  #counts = new Map<string, number>()

  constructor (gateway: Gateway) {
    this.#gateway = gateway
  }

  of (recipient: string, account: string): number {
    return this.#counts.get(`${recipient} ${account}`) ?? 0
  }

  /** Counts anew. A purge that matches nothing removes nothing; it is the outbox's way to look at every header. */
  async count (): Promise<void> {
    const { outbox, recipients } = this.#gateway
    if (recipients.reduce((sum, name) => sum + outbox.depth(name), 0) > MOST_COUNTED) return
    const counts = new Map<string, number>()
    await outbox.purge(({ account }, recipient) => {
      const key = `${recipient} ${account}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return false
    })
    this.#counts = counts
  }
}
