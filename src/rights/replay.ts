/** From what is recorded to entries of the replay list, and from entries that the store lacks back to what is recorded. */

import { isConsent } from '../consent/entry.js'
import { REPLAY, type Elsewhere, type OwnedRecord } from '../consent/ledger.js'
import type { ConsentStatement } from '../consent/statement.js'
import { CurtilageError } from '../model/errors.js'
import type { Registry } from '../registry/registry.js'
import type { ReplayEntry, ReplayList, UnnumberedEntry } from './replay-list.js'

const PAGE = 1_000
const BY = { source: 'replay', actor: REPLAY } as const

/** What was recorded again; `skipped`: the account is not in the store, or the policy knows the names no more. */
export interface Replayed {
  readonly erasures: number
  readonly consents: number
  readonly facts: number
  readonly skipped: number
}

export interface ReplayParts {
  readonly replay: ReplayList
  readonly registry: Registry
  readonly append: (statements: readonly ConsentStatement[]) => Promise<unknown>
}

/** Denials, withdrawals and facts stand on the list; what only allows does not. */
export function listingOf (replay: ReplayList, records: readonly OwnedRecord[]): Elsewhere {
  return replay.list(records.flatMap(owned => entryOf(replay, owned) ?? []))
}

function entryOf (replay: ReplayList, { account: name, record }: OwnedRecord): UnnumberedEntry | undefined {
  const account = replay.account(name)
  if (!isConsent(record)) return 'facts' in record ? { what: 'facts', account, facts: record.facts } : undefined
  const { state, purpose, recipient, category, device } = record
  if (state === 'granted') return undefined
  return {
    what: 'consent',
    account,
    state,
    purpose,
    ...(recipient !== undefined && { recipient }),
    ...(category !== undefined && { category }),
    ...(device !== undefined && { device: replay.device(device) })
  }
}

/** Records again what an older store lacks; erasures, and what minors' marks take back, are begun and stay to be finished. */
export async function replayMissing (parts: ReplayParts): Promise<Replayed> {
  const missing = await parts.replay.missing()
  const counts = { erasures: 0, consents: 0, facts: 0, skipped: 0 }
  const last = missing.at(-1)
  if (last === undefined) return counts
  const accounts = accountsByFingerprint(parts)
  for (const entry of missing) {
    const account = accounts.get(entry.account)
    const isDone = account !== undefined && await apply(entry, account, parts)
    counts[isDone ? KIND[entry.what] : 'skipped'] += 1
  }
  await parts.replay.reflect(last.number)
  return counts
}

const KIND = { erasure: 'erasures', consent: 'consents', facts: 'facts' } as const

function accountsByFingerprint ({ registry: { accounts }, replay }: ReplayParts): Map<string, string> {
  const found = new Map<string, string>()
  for (let page = accounts.list(undefined, PAGE); page.length > 0; page = accounts.list(page.at(-1), PAGE)) {
    for (const account of page) found.set(replay.account(account), account)
  }
  return found
}

async function apply (entry: ReplayEntry, account: string, parts: ReplayParts): Promise<boolean> {
  const { registry } = parts
  if (registry.unfinished.isErasing(account)) return entry.what === 'erasure'
  if (entry.what === 'erasure') {
    await registry.unfinished.begin(account, 'erasure', { isListed: true })
    return true
  }
  return await unlessInvalid(async () => {
    if (entry.what === 'consent') await parts.append([statementOf(entry, account, parts)])
    else await registry.accounts.set(account, defined(entry.facts), BY, entry.facts.minor === true ? () => registry.unfinished.beginMinor(account) : undefined)
  })
}

/** A device that the store does not know, or not yet, widens the denial to all: it must not leave when it is registered again. */
function statementOf ({ state, purpose, recipient, category, device: print }: Extract<ReplayEntry, { what: 'consent' }>, account: string, { registry, replay }: ReplayParts): ConsentStatement {
  const device = print === undefined ? undefined : registry.devices.list(account).find(device => replay.device(device) === print)
  return {
    account,
    state,
    purpose,
    ...(recipient !== undefined && { recipient }),
    ...(category !== undefined && { category }),
    ...(device !== undefined && { device }),
    ...BY
  }
}

/** Names that the policy in force does not know allow nothing either. */
async function unlessInvalid (work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof CurtilageError && (error.code === 'consent-invalid' || error.code === 'account-invalid')) return false
    throw error
  }
}

function defined<T extends object> (parts: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }
}
