/** The configuration: does it compile, and is it what is in force? */

import { loadConfiguration } from '../../policy/load.js'
import type { Configuration } from '../../policy/compile.js'
import { PolicyArchive } from '../../policy/archive.js'
import { compareConfigurations, isAtMost } from '../../policy/compare-configurations.js'
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
  const { active, candidate } = archive
  if (active === undefined || configuration === undefined) return
  const { digest } = configuration.policy
  if (active === digest) return findings.ok('the policy of the folder is the one in force')
  const before = archive.compiled(active)
  if (before === undefined) return findings.problem(`the policy in force (${active}) cannot be compiled by this version`, 'approve the one of the folder: curtilage policy approve')
  if (digest === archive.folder && digest !== candidate?.digest) return findings.warning(`the policy in force is ${active}; that of the folder was set aside when it was put in force`, `curtilage policy activate ${digest} --reason TEXT, or change the folder`)
  const comparison = compareConfigurations(before, configuration)
  if (isAtMost(comparison)) return findings.warning(`the policy in force is ${active}; that of the folder is ${comparison.verdict} and has not been taken up`, 'curtilage policy reload, or start the gateway')
  findings.warning(`the policy in force is ${active}; that of the folder is ${comparison.verdict} and waits`, `look at curtilage policy list, then curtilage policy approve ${digest}`)
}
