/** What all checks look at. */

import type { Configuration } from '../../policy/compile.js'
import type { LockHolder } from '../../store/lock.js'

export interface Examination {
  /** Folder of the configuration. */
  readonly config: string
  readonly data: string
  /** The folder's, checked and compiled; undefined where it has problems. */
  readonly configuration: Configuration | undefined
  /** The gateway that has the data folder. */
  readonly gateway: LockHolder | undefined
  readonly nowMs: number
  /** Hold the ledger against its chain, too. */
  readonly deep: boolean
}
