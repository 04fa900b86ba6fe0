/** A recipient at the far end of a sink, which keeps all it gets. */

import type { Api } from '../../figures/api.js'
import type { RecipientWords } from '../../figures/write-configuration.js'
import type { Arrivals } from '../arrivals.js'

/** Where it runs, in a process of its own or in this one. */
export interface Gateway {
  readonly mqtt: URL
  readonly api: Api
}

export interface Receiver {
  /** As the configuration names it. */
  readonly words: RecipientWords
  readonly arrivals: Arrivals
  /** Whether `detach` keeps it from getting anything. */
  readonly canBeDown: boolean
  /** Told of each gateway that starts; one that comes to the gateway connects. */
  attach (gateway: Gateway): Promise<void>
  /** Cannot be reached until `attach`. */
  detach (): Promise<void>
  /** Resolves when `arrivals` holds all that has come. */
  look (): Promise<void>
  end (): Promise<void>
}
