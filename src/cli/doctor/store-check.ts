/** The store: does it open, is it of this format, where does its ledger end, and does it fit its own chain? Reads only. */

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openTables, readHead } from '../../consent/ledger-tables.js'
import { verifyLedger } from '../../consent/verify.js'
import { CurtilageError } from '../../model/errors.js'
import { FORMAT } from '../../store/format.js'
import { openStore, type Store } from '../../store/store.js'
import type { Examination } from './examination.js'
import { systemCode, type Findings } from './finding.js'

const MIB = 1024 * 1024

/** Undefined where there is none, or none that can be read; then that is found. */
export function openToRead ({ data }: Examination, findings: Findings): Store | undefined {
  try {
    const { size } = statSync(join(data, 'store', 'data.mdb'))
    const store = openStore(data, { readOnly: true })
    findings.ok(`the store opens: format ${FORMAT}, ${Math.ceil(size / MIB)} MiB`)
    return store
  } catch (error) {
    if (systemCode(error) === 'ENOENT') findings.ok('there is no store yet: the first start makes it')
    else if (error instanceof CurtilageError) findings.problem(error.message, `see the code ${error.code}`)
    else findings.problem(`the store cannot be read (${systemCode(error)})`, 'ask as the owner of the data folder')
    return undefined
  }
}

export async function checkLedger (store: Store, { data, deep }: Examination, findings: Findings): Promise<void> {
  const tables = openTables(store)
  const { sequence } = readHead(tables)
  const copies = readdirSync(data).filter(name => name.startsWith('store.format-'))
  if (copies.length > 0) findings.warning(`${copies.join(', ')}: a store of an earlier format, which no erasure reaches`, 'remove it as soon as nobody will go back to the earlier version; the gateway does after seven days')
  if (!deep) return findings.ok(`the ledger has ${sequence} entries; --deep holds them against its chain`)
  const { ok, entries, problems } = await verifyLedger(store, tables, [])
  if (ok) findings.ok(`the ledger fits its chain: ${entries} entries`)
  else findings.problem(`ledger-broken: the ledger does not fit its own chain, in ${problems.length} places`, 'curtilage ledger verify names them; keep a copy for evidence, restore a backup')
}
