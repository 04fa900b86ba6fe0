/** The configuration: does it compile, and is it what is in force? */

import { loadConfiguration } from '../../policy/load.js'
import type { Configuration } from '../../policy/compile.js'
import { PolicyArchive } from '../../policy/in-force.js'
import { compare } from '../../policy/order.js'
import type { Store } from '../../store/store.js'
import type { Examination } from './examination.js'
import type { Findings } from './finding.js'

/** Undefined where it has problems; that is found then. */
export async function loadToCheck (config: string, findings: Findings): Promise<Configuration | undefined> {
  const loaded = await loadConfiguration(config)
  if ('problems' in loaded) {
    findings.problem(`the configuration in ${config} has ${loaded.problems.length === 1 ? 'a problem' : `${loaded.problems.length} problems`}`, `curtilage check --config ${config}`)
    return undefined
  }
  findings.ok(`the configuration in ${config} compiles to the policy ${loaded.policy.digest}`)
  return loaded
}

export async function checkInForce (store: Store, { configuration }: Examination, findings: Findings): Promise<void> {
  const archive = new PolicyArchive(store, Date.now)
  const active = archive.list().find(one => one.active)
  if (active === undefined || configuration === undefined) return
  const { digest } = configuration.policy
  if (active.digest === digest) return findings.ok('the policy of the folder is the one in force')
  const { policy } = archive.current(configuration).configuration
  if (policy.digest !== active.digest) return findings.problem(`the policy in force (${active.digest}) cannot be compiled by this version`, 'approve the one of the folder: curtilage policy approve')
  const { verdict } = compare(policy, configuration.policy)
  if (verdict === 'same' || verdict === 'narrower') return findings.warning(`the policy in force is ${active.digest}; that of the folder is ${verdict} and takes force with the next start`, 'start the gateway again')
  findings.warning(`the policy in force is ${active.digest}; that of the folder is ${verdict} and waits`, `look at curtilage policy list, then curtilage policy approve ${digest}`)
}
