/**
 * What was delivered of each account: how much, to whom, on which day, and under which names a recipient knows its devices.
 *
 * ```
 * rights.counts  [account, recipient, 'YYYY-MM-DD'] → [{ report: n }, { category: n }]     by the UTC day of delivery
 * rights.names   [account, recipient, device] → [[transform, firstMs, lastMs], ...]        by the time of decision
 * ```
 * Written in the transaction that takes the delivered disclosures out of the outbox. Counts are kept for a while, names
 * for as long as the account: an erasure tells each recipient the names it knows.
 */

import { setImmediate as breathe } from 'node:timers/promises'
import type { Database } from 'lmdb'
import type { PrivateHeader, ReportHeader } from '../model/disclosure.js'
import type { Store } from '../store/store.js'

const DAY_MS = 86_400_000
const DEVICE_PATH = '@device'
const STRIDE = 2_000
/** Follows every character of an id or name. */
const AFTER = '{'

type Counts = Readonly<Record<string, number>>
type CountKey = [account: string, recipient: string, day: string]
type NameKey = [account: string, recipient: string, device: string]
/** Canonical spelling of the transform of `device.id`, and when it was in use: no gap is kept. */
type Use = readonly [transform: string, firstMs: number, lastMs: number]

/** One disclosure that left, or may have. */
export interface Counted {
  readonly recipient: string
  readonly report: string
  readonly header: PrivateHeader
  /** Of the delivery, in epoch milliseconds. */
  readonly atMs: number
}

export interface DayCount {
  readonly recipient: string
  /** UTC. */
  readonly day: string
  readonly reports: Counts
  readonly categories: Counts
}

/** A name by which a recipient knows a device: what the transform makes of its id between two times, both included. */
export interface KnownName {
  readonly recipient: string
  readonly device: string
  readonly transform: string
  readonly firstMs: number
  readonly lastMs: number
}

export class DeliveryCounts {
  readonly #store: Store
  readonly #counts: Database<[reports: Counts, categories: Counts], CountKey>
  readonly #names: Database<readonly Use[], NameKey>

  constructor (store: Store) {
    this.#store = store
    this.#counts = store.database('rights.counts')
    this.#names = store.database('rights.names')
  }

  /** Within a transaction. Disclosures of accounts that `isKnown` denies are left out: they are erased or being so. */
  add (delivered: readonly Counted[], isKnown: (account: string) => boolean): void {
    for (const ofOne of groups(delivered.filter(({ header }) => header.account !== undefined && isKnown(header.account)))) {
      const [{ recipient, header: { account }, atMs }] = ofOne
      const day = dayOf(atMs)
      const [reports, categories] = this.#counts.get([account, recipient, day]) ?? [{}, {}]
      const added = ofOne.flatMap(({ header }) => [...new Set(header.fields.map(({ category }) => category))])
      this.#counts.putSync([account, recipient, day], [plus(reports, ofOne.map(({ report }) => report)), plus(categories, added)])
      for (const one of ofOne) this.addName(one)
    }
  }

  /** Within a transaction: notes the name under which the recipient knows the device now. Writes once a day at most. */
  addName ({ recipient, header: { account, device, fields, decidedMs } }: { readonly recipient: string, readonly header: ReportHeader }): void {
    const transform = fields.find(({ path }) => path === DEVICE_PATH)?.transform
    if (transform === undefined) return
    const uses = this.#names.get([account, recipient, device]) ?? []
    const use = uses.find(([known]) => known === transform)
    if (use !== undefined && use[1] <= decidedMs && decidedMs <= use[2]) return
    // to the end of the day, so that the next one of the day writes nothing
    const lastMs = (Math.floor(decidedMs / DAY_MS) + 1) * DAY_MS - 1
    const grown: Use = [transform, Math.min(use?.[1] ?? decidedMs, decidedMs), Math.max(use?.[2] ?? lastMs, lastMs)]
    this.#names.putSync([account, recipient, device], [...uses.filter(other => other !== use), grown])
  }

  /** What was delivered of an account, by recipient and day. */
  * of (account: string): Generator<DayCount> {
    for (const { key: [, recipient, day], value: [reports, categories] } of this.#counts.getRange({ start: [account, '', ''], end: [account, AFTER, ''] })) {
      yield { recipient, day, reports, categories }
    }
  }

  names (account: string): KnownName[] {
    return [...this.#names.getRange({ start: [account, '', ''], end: [account, AFTER, ''] })]
      .flatMap(({ key: [, recipient, device], value }) => value.map(([transform, firstMs, lastMs]) => ({ recipient, device, transform, firstMs, lastMs })))
  }

  /** Within the transaction that erases the account. */
  dropAll (account: string): void {
    for (const { recipient, day } of [...this.of(account)]) this.#counts.removeSync([account, recipient, day])
    this.dropNames(account, () => true)
  }

  /** Within a transaction: the names that some recipients know mean nothing any more. */
  dropNames (account: string, goes: (recipient: string) => boolean): void {
    for (const { recipient, device } of this.names(account)) if (goes(recipient)) this.#names.removeSync([account, recipient, device])
  }

  /** Forgets the counts of days before `beforeMs`; resolves to their number. Others have a turn between. */
  async prune (beforeMs: number): Promise<number> {
    const before = dayOf(beforeMs)
    let [pruned, from]: [number, CountKey | undefined] = [0, ['', '', '']]
    while (from !== undefined) {
      const keys: CountKey[] = [...this.#counts.getKeys({ start: from, limit: STRIDE })]
      const old = keys.filter(([, , day]) => day < before)
      if (old.length > 0) await this.#store.transaction(() => { for (const key of old) this.#counts.removeSync(key) })
      pruned += old.length
      from = keys.length < STRIDE ? undefined : after(keys.at(-1))
      await breathe()
    }
    return pruned
  }
}

function dayOf (epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10)
}

function after (key: CountKey | undefined): CountKey | undefined {
  return key && [key[0], key[1], `${key[2]}${AFTER}`]
}

interface CountedReport extends Counted {
  readonly header: ReportHeader
}

/** By account, recipient and day; none is empty. */
function groups (delivered: readonly Counted[]): [CountedReport, ...CountedReport[]][] {
  const found = new Map<string, [CountedReport, ...CountedReport[]]>()
  for (const { header, ...rest } of delivered) {
    if (header.account === undefined) continue
    const key = `${rest.recipient} ${header.account} ${Math.floor(rest.atMs / DAY_MS)}`
    const group = found.get(key)
    if (group === undefined) found.set(key, [{ ...rest, header }])
    else group.push({ ...rest, header })
  }
  return [...found.values()]
}

function plus (counts: Counts, names: readonly string[]): Counts {
  const sum = new Map(Object.entries(counts))
  for (const name of names) sum.set(name, (sum.get(name) ?? 0) + 1)
  return Object.fromEntries(sum)
}
