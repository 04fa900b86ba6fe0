/**
 * Addresses learned from reports, written by groups: all that wait share one transaction.
 *
 * A report is acknowledged when what it taught is durable, so a burst of new addresses from many devices must not stand in
 * line for a commit each. Requests are taken in the order given; those of one device build on each other.
 */

import type { Device } from '../model/registry.js'
import type { KnownAddress } from './fingerprints.js'
import type { RegistryParts } from './registry.js'

const MAX_BATCH = 5_000

/** The device with those addresses; the same object where nothing is new. */
export type Taught = (device: Device, found: readonly KnownAddress[]) => Device

export interface LearningParts {
  readonly serial: RegistryParts['serial']
  get (device: string): Device | undefined
  /** Writes all or none; durable when it resolves. */
  write (devices: readonly Device[]): Promise<void>
  readonly taught: Taught
}

interface Request {
  readonly device: string
  readonly found: readonly KnownAddress[]
  resolve (learned: boolean): void
  reject (error: unknown): void
}

export class Learning {
  readonly #parts: LearningParts
  #waiting: Request[] = []

  constructor (parts: LearningParts) {
    this.#parts = parts
  }

  /** True if something was new and is kept; durable when it resolves. Rejects with store-write. */
  async learn (device: string, found: readonly KnownAddress[]): Promise<boolean> {
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ device, found, resolve, reject })
      if (this.#waiting.length === 1) this.#standInLine()
    })
  }

  /** One turn in the registry's line takes all that wait by then; other writes come between two turns. */
  #standInLine (): void {
    this.#parts.serial.run(async () => {
      const batch = this.#waiting.splice(0, MAX_BATCH)
      if (this.#waiting.length > 0) this.#standInLine()
      await this.#commit(batch)
    }).catch(() => {})
  }

  async #commit (requests: readonly Request[]): Promise<void> {
    const changed = new Map<string, Device>()
    const answers = requests.flatMap(request => this.#take(request, changed))
    try {
      if (changed.size > 0) await this.#parts.write([...changed.values()])
      for (const { request, learned } of answers) request.resolve(learned)
    } catch (error) {
      for (const { request } of answers) request.reject(error)
    }
  }

  #take (request: Request, changed: Map<string, Device>): { request: Request, learned: boolean }[] {
    const { device, found } = request
    try {
      const known = changed.get(device) ?? this.#parts.get(device)
      const taught = known && this.#parts.taught(known, found)
      if (taught !== undefined && taught !== known) changed.set(device, taught)
      return [{ request, learned: taught !== undefined && taught !== known }]
    } catch (error) {
      request.reject(error)
      return []
    }
  }
}
