/**
 * Explains a report where no gateway runs: by the policy of a configuration folder, with what a data folder knows.
 *
 * Reads only: no lock is taken, no policy takes force, and a data folder that is not there is not made.
 */

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { explainReport, type ReportToExplain } from '../console/explain-report.js'
import { ConsentLedger } from '../consent/ledger.js'
import { pseudonymKeyAt, readConfiguration } from '../core.js'
import type { Explanation } from '../explain.js'
import { anyId, anyKeys } from '../try/any-keys.js'
import type { PathContext } from '../pipeline.js'
import type { Configuration } from '../policy/compile.js'
import { NOTHING_KNOWN } from '../registry/fingerprints.js'
import { Registry } from '../registry/registry.js'
import type { Keyring } from '../store/keyring.js'
import { loadKeyring } from '../store/secret.js'
import { openStore, type Store } from '../store/store.js'

export interface Folders {
  readonly config: string
  readonly data: string
}

type Knowledge = Pick<PathContext, 'consent' | 'keysFor' | 'fingerprints'>

export async function explainAlone ({ config, data }: Folders, asked: ReportToExplain): Promise<Explanation> {
  const configuration = await readConfiguration(config)
  const store = existsSync(join(data, 'store', 'data.mdb')) ? openStore(data, { readOnly: true }) : undefined
  try {
    return explainReport(asked, Date.now(), device => ({
      policy: configuration.policy,
      maxReportBytes: configuration.maxReportBytes,
      newId: anyId,
      ...(store === undefined ? unknown() : known(store, loadKeyring(data), configuration, asked.account, device))
    }))
  } finally {
    await store?.close()
  }
}

function unknown (): Knowledge {
  return { consent: undefined, keysFor: anyKeys, fingerprints: NOTHING_KNOWN }
}

function known (store: Store, keyring: Keyring, { policy }: Configuration, account: string, device: string): Knowledge {
  const shared = { store, now: Date.now, randomBytes }
  const nothingNew = () => false
  const ledger = new ConsentLedger({ ...shared, vocabulary: { purpose: nothingNew, recipient: nothingNew, category: nothingNew }, noticeVersion: () => policy.noticeVersion })
  const registry = new Registry({ ...shared, keyring, ledger, containsAddress: () => true, defaultRegion: () => policy.defaultRegion })
  return {
    consent: ledger.current(account),
    keysFor: recipient => ({ gatewayKeyAt: pseudonymKeyAt(keyring), accountKey: registry.accounts.keyWith(recipient, account) ?? randomBytes(32) }),
    fingerprints: registry.devices.fingerprintLookup(device)
  }
}
