/**
 * All checks of `curtilage doctor`, one after the other. Reads, listens for a moment where nobody does, and connects to what
 * the sinks name; writes nothing, takes no lock, and says nothing to anybody.
 */

import { CurtilageError } from '../../model/errors.js'
import { readLock } from '../../store/lock.js'
import type { Store } from '../../store/store.js'
import { checkCertificates } from './certificate-check.js'
import { checkClock } from './clock-check.js'
import { checkDisk } from './disk-check.js'
import type { Examination } from './examination.js'
import { Findings, systemCode, type Finding } from './finding.js'
import { checkGateway } from './gateway-check.js'
import { checkListeners } from './listener-check.js'
import { checkMemoryDumps, checkNode } from './node-check.js'
import { checkConfigFolder, checkCredentialFiles, checkDataFolder } from './permission-check.js'
import { checkInForce, loadToCheck } from './policy-check.js'
import { checkSinks } from './sink-check.js'
import { checkLedger, openToRead } from './store-check.js'

export interface Asked {
  readonly config: string
  readonly data: string
  readonly deep: boolean
}

/** Never rejects: a check that fails is a problem found. */
export async function examine ({ config, data, deep }: Asked): Promise<Finding[]> {
  const found: Finding[] = []
  const check = async <T>(name: string, work: (findings: Findings) => Promise<T>): Promise<T | undefined> => {
    const findings = new Findings(name)
    try {
      return await work(findings)
    } catch (error) {
      findings.problem(`this could not be looked at (${error instanceof CurtilageError ? error.code : systemCode(error)})`, 'ask as the user of the gateway')
    } finally { found.push(...findings.found) }
  }
  await check('node', checkNode)
  const configuration = await check('configuration', async findings => await loadToCheck(config, findings))
  const examination: Examination = { config, data, configuration, gateway: readLock(data), nowMs: Date.now(), deep }
  for (const [name, run] of CHECKS) await check(name, async findings => { await run(examination, findings) })
  const store = await check('store', async findings => openToRead(examination, findings))
  try {
    for (const [name, run] of CHECKS_OF_STORE) if (store !== undefined) await check(name, async findings => { await run(store, examination, findings) })
    await check('clock', async findings => { await checkClock(store, examination, findings) })
  } finally { await store?.close() }
  return found
}

const CHECKS: readonly (readonly [string, (examination: Examination, findings: Findings) => Promise<void>])[] = [
  ['gateway', checkGateway], ['data', checkDataFolder], ['permissions', checkConfigFolder], ['credentials', checkCredentialFiles], ['disk', checkDisk], ['memory', checkMemoryDumps],
  ['listeners', checkListeners], ['certificates', checkCertificates], ['sinks', checkSinks]
]
const CHECKS_OF_STORE: readonly (readonly [string, (store: Store, examination: Examination, findings: Findings) => Promise<void>])[] = [['policy', checkInForce], ['ledger', checkLedger]]
