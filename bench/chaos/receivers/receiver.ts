/** A recipient at the far end of a sink, which keeps all it gets. */

import type { GatewayProcess } from '../../figures/gateway-process.js'
import type { RecipientWords } from '../../figures/write-configuration.js'
import type { Arrivals } from '../arrivals.js'

export interface Receiver {
  /** As the configuration names it. */
  readonly words: RecipientWords
  readonly arrivals: Arrivals
  /** Told of each gateway that starts; one that comes to the gateway connects. */
  attach (gateway: GatewayProcess): Promise<void>
  /** Cannot be reached until `attach`. */
  detach (): Promise<void>
  /** Resolves when `arrivals` holds all that has come. */
  look (): Promise<void>
  end (): Promise<void>
}
