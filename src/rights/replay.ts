/** From what is recorded to entries of the replay list, and from entries that the store lacks back to what is recorded. */

import { isConsent } from '../consent/entry.js'
import { REPLAY, type Elsewhere, type OwnedRecord } from '../consent/ledger.js'
import type { ConsentStatement } from '../consent/statement.js'
import type { AccountFacts } from '../model/consent.js'
import type { Recalled } from '../registry/accounts.js'
import type { Registry } from '../registry/registry.js'
import { endAgain, type AccessEntry, type AccessParts, type ByPrint } from './replay-access.js'
import type { ReplayLater } from './replay-later.js'
import type { ReplayEntry, ReplayList, UnnumberedEntry } from './replay-list.js'

const PAGE = 1_000
const BY = { source: 'replay', actor: REPLAY } as const

/** What was recorded again; `later`: when its account is added, which is not in the store; `skipped`: there is nothing to do. */
export interface Replayed {
  readonly erasures: number
  readonly consents: number
  readonly facts: number
  /** Devices removed again, and passwords and tokens that are void again. */
  readonly access: number
  /** Recipients paused again, or resumed. */
  readonly pauses: number
  readonly later: number
  readonly skipped: number
}

export interface ReplayParts extends AccessParts {
  readonly append: (statements: readonly ConsentStatement[]) => Promise<unknown>
}

/** Denials, withdrawals and facts stand on the list; what only allows does not. */
export function listingOf (replay: ReplayList, records: readonly OwnedRecord[]): Elsewhere {
  return replay.list(records.flatMap(owned => entryOf(replay, owned) ?? []))
}

function entryOf (replay: ReplayList, { account: name, record, isNew }: OwnedRecord): UnnumberedEntry | undefined {
  const account = replay.account(name)
  if (!isConsent(record)) {
    const facts = 'facts' in record ? isNew ? marksOf(record.facts) : record.facts : {}
    return Object.keys(facts).length === 0 ? undefined : { what: 'facts', account, facts }
  }
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

/** Of an account that is registered with marks: whoever adds it again after a restore may not know of them. */
function marksOf ({ minor, optOutSignal }: Partial<AccountFacts>): Partial<AccountFacts> {
  return { ...(minor === true && { minor }), ...(optOutSignal === true && { optOutSignal }) }
}

/** Records again what an older store lacks; erasures, and what minors' marks take back, are begun and stay to be finished. */
export async function replayMissing (parts: ReplayParts): Promise<Replayed> {
  const missing = await parts.replay.missing()
  const counts = { erasures: 0, consents: 0, facts: 0, access: 0, pauses: 0, later: 0, skipped: 0 }
  const last = missing.at(-1)
  if (last === undefined) return counts
  const find = byPrint(parts)
  const absent: OwnedEntry[] = []
  for (const entry of missing) {
    const outcome = isOwned(entry) ? await apply(entry, find.account(entry.account), parts) : await endAgain(entry, parts, find) ? 'done' : 'skipped'
    if (outcome !== 'done' && isOwned(entry)) absent.push(entry)
    counts[outcome === 'done' ? KIND[entry.what] : outcome] += 1
  }
  await parts.replay.reflect(last.number, () => keepForLater(absent, parts.replay.later))
  return counts
}

const KIND = { erasure: 'erasures', consent: 'consents', facts: 'facts', removed: 'access', void: 'access', pause: 'pauses' } as const

/** About an account. */
type OwnedEntry = Exclude<ReplayEntry, AccessEntry>

function isOwned (entry: ReplayEntry): entry is OwnedEntry {
  return 'account' in entry
}

/** An erasure ends what was said before it; what was said after it is of an account of that id that came later. */
function keepForLater (entries: readonly OwnedEntry[], later: ReplayLater): void {
  for (const entry of entries) {
    if (entry.what === 'erasure') later.drop(entry.account)
    else later.put(entry)
  }
}

/** What an account that is added begins with, since it had said so before an older store was put back: denials and marks, never grants. */
export function recalled (replay: ReplayList, account: string): Recalled | undefined {
  const { later } = replay
  if (later.isEmpty) return undefined
  const print = replay.account(account)
  const entries = later.of(print)
  if (entries.length === 0) return undefined
  const facts = Object.assign({}, ...entries.map(entry => entry.what === 'facts' ? defined(entry.facts) : {})) as Partial<AccountFacts>
  return {
    minor: facts.minor === true,
    optOutSignal: facts.optOutSignal === true,
    statements: entries.flatMap(entry => entry.what === 'consent' ? [statementOf(entry, account, undefined)] : []),
    drop: () => later.drop(print)
  }
}

function byPrint ({ registry: { accounts, devices }, replay }: ReplayParts): ByPrint {
  let known: { readonly accounts: ReadonlyMap<string, string>, readonly devices: ReadonlyMap<string, string> } | undefined
  const all = () => {
    known ??= {
      accounts: new Map(everyAccount(accounts).map(account => [replay.account(account), account])),
      devices: new Map(devices.list().map(device => [replay.device(device), device]))
    }
    return known
  }
  return { account: print => all().accounts.get(print), device: print => all().devices.get(print) }
}

function everyAccount (accounts: Registry['accounts']): string[] {
  const found: string[] = []
  for (let page = accounts.list(undefined, PAGE); page.length > 0; page = accounts.list(page.at(-1), PAGE)) found.push(...page)
  return found
}

async function apply (entry: OwnedEntry, account: string | undefined, { registry, replay, append }: ReplayParts): Promise<'done' | 'later' | 'skipped'> {
  if (account === undefined) return entry.what === 'erasure' ? 'skipped' : 'later'
  if (entry.what === 'erasure') {
    if (!registry.unfinished.isErasing(account)) await registry.unfinished.begin(account, 'erasure', { isListed: true })
  } else if (registry.unfinished.isErasing(account)) {
    return 'later'
  } else if (entry.what === 'consent') {
    await append([statementOf(entry, account, deviceOf(entry, account, registry, replay))])
  } else {
    await registry.accounts.set(account, defined(entry.facts), BY, entry.facts.minor === true ? () => registry.unfinished.beginMinor(account) : undefined)
  }
  return 'done'
}

type ConsentEntry = Extract<ReplayEntry, { what: 'consent' }>

function deviceOf ({ device: print }: ConsentEntry, account: string, { devices }: Registry, replay: ReplayList): string | undefined {
  return print === undefined ? undefined : devices.list(account).find(device => replay.device(device) === print)
}

/** A device that the store does not know, or not yet, widens the denial to all: it must not leave when it is registered again. */
function statementOf ({ state, purpose, recipient, category }: ConsentEntry, account: string, device: string | undefined): ConsentStatement {
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

function defined<T extends object> (parts: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> }
}
