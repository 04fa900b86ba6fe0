/**
 * Hashes of credentials made anew under the newest generation of the secret, at a login: only then is the credential there.
 *
 * Nobody waits for it. A storm of logins after a rotation shares transactions; what could not be written is made anew at the
 * next login.
 */

import type { RegistryParts } from './registry.js'

const MAX_BATCH = 5_000

/** Within a transaction: writes, and returns what follows once that is durable. Undefined where nothing is to be done any more. */
export type Renew = () => (() => void) | undefined

export class Renewal {
  readonly #parts: Pick<RegistryParts, 'serial' | 'store'>
  #waiting: Renew[] = []
  #last: Promise<void> = Promise.resolve()

  constructor (parts: Pick<RegistryParts, 'serial' | 'store'>) {
    this.#parts = parts
  }

  add (renew: Renew): void {
    this.#waiting.push(renew)
    if (this.#waiting.length === 1) this.#standInLine()
  }

  /** Resolves when all that was added so far is durable, or has failed. */
  async settled (): Promise<void> {
    await this.#last
  }

  #standInLine (): void {
    this.#last = this.#parts.serial.run(async () => {
      const batch = this.#waiting.splice(0, MAX_BATCH)
      if (this.#waiting.length > 0) this.#standInLine()
      const done = await this.#parts.store.transaction(() => batch.map(renew => renew()))
      for (const follow of done) follow?.()
    }).catch(() => {})
  }
}
