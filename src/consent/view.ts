/**
 * What stands of an account after a row of ledger entries: its facts and the records not cancelled.
 *
 * ```
 * consent.views   account → [regime, region, minor, opt-out signal, group...]
 * ```
 */

import type { AccountConsent, AccountFacts } from '../model/consent.js'
import { isConsent, packGroup, sharesGroup, unpackGroup, type AccountRecord, type LedgerRecord, type Packed } from './entry.js'
import { withRecord } from './scope.js'

const NO_FACTS: AccountFacts = { regime: '', region: '', minor: false, optOutSignal: false }

/** Undefined as long as no regime was recorded: the account is not registered. */
export function withEntry (view: AccountConsent | undefined, account: string, record: AccountRecord): AccountConsent | undefined {
  if (!isConsent(record)) return withFacts(view, account, record.facts)
  return view === undefined ? undefined : { ...view, records: withRecord(view.records, record) }
}

function withFacts (view: AccountConsent | undefined, account: string, facts: Partial<AccountFacts>): AccountConsent | undefined {
  if (view === undefined && facts.regime === undefined) return undefined
  return { account, facts: { ...(view?.facts ?? NO_FACTS), ...facts }, records: view?.records ?? [] }
}

export function packView ({ facts, records }: AccountConsent): Packed {
  return [facts.regime, facts.region, facts.minor, facts.optOutSignal, ...groupsOf(records).map(packGroup)]
}

export function unpackView (account: string, packed: Packed): AccountConsent {
  const [regime, region, minor, optOutSignal, ...groups] = packed as [string, string, boolean, boolean, ...Packed[]]
  return { account, facts: { regime, region, minor, optOutSignal }, records: groups.flatMap(unpackGroup).filter(isConsent) }
}

/** Parts a row of records into groups, in order. */
export function groupsOf<R extends LedgerRecord> (records: readonly R[]): R[][] {
  const groups: R[][] = []
  for (const record of records) {
    const last = groups.at(-1)
    if (last?.[0] !== undefined && sharesGroup(last[0], record)) last.push(record)
    else groups.push([record])
  }
  return groups
}
