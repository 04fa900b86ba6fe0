/** What the API stands on: an open data folder, and the gateway that has it, where one runs. */

import type { Core } from '../core.js'
import type { Gateway } from '../gateway.js'

export interface Services {
  readonly core: Core
  /** Absent: a command has opened the folder itself, and nothing is delivered meanwhile. */
  readonly gateway?: Gateway | undefined
  /** Where the API listens; the configuration's host where absent. */
  readonly listeningHost?: string
  /** A bearer token with the rights of ops that lives as long as this process; for commands that opened the folder themselves. */
  readonly operator?: string
  /** Told of every request answered. */
  readonly onAnswered?: (answered: Answered) => void
}

/** All that may be logged of a request: no path as asked, no header, no query, no body. */
export interface Answered {
  readonly method: string
  /** The route's pattern, such as `/v1/accounts/:account`. */
  readonly route: string
  readonly status: number
  readonly ms: number
}
