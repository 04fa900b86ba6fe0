/** The rights of accounts as a request reaches them: the running gateway's, or those of a command that has the folder to itself. */

import { rightsAlone } from '../rights/open-rights.js'
import type { Rights } from '../rights/rights.js'
import type { Services } from './services.js'

export async function rightsOf ({ core, gateway }: Services): Promise<Rights> {
  return gateway?.rights ?? await rightsAlone(core)
}
