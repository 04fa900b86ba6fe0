/** A recipient on a server of its own, reached through a doorway: what its kinds share. */

import type { RecipientWords } from '../../figures/write-configuration.js'
import { Arrivals } from '../arrivals.js'
import type { Doorway } from './doorway.js'
import type { Receiver } from './receiver.js'

export abstract class RemoteReceiver implements Receiver {
  readonly words: RecipientWords
  readonly arrivals = new Arrivals()
  readonly canBeDown = true
  readonly #doorway: Doorway

  /** The doorway has been opened once, so that its port is known. */
  constructor (words: RecipientWords, doorway: Doorway) {
    this.words = words
    this.#doorway = doorway
  }

  async attach (): Promise<void> {
    await this.#doorway.open()
  }

  async detach (): Promise<void> {
    this.#doorway.shut()
  }

  async end (): Promise<void> {
    await this.#doorway.end()
    await this.close()
  }

  abstract look (): Promise<void>
  protected abstract close (): Promise<void>
}
