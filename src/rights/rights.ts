/**
 * What an account may demand: to be erased; and what a minor's mark demands for it.
 *
 * ```
 * begun (durable) ─▶ on the replay list ─▶ connections end ─▶ deliveries settle ─▶ names noted ─▶ outbox purged
 *   ─▶ lines out of the files ─▶ notices queued ─▶ journal of the outbox overwritten
 *   ─▶ keys, records and entries destroyed (one transaction) ─▶ store scrubbed
 * ```
 * From its beginning the account is known to nobody. Every step can be done twice, so a crash anywhere is finished by doing
 * all of them again. A minor's mark does the same toward recipients that the service does not need, and ends with new keys
 * in place of the destruction.
 */

import { join } from 'node:path'
import type { Origination } from '../consent/statement.js'
import { KnownAddressCollector, type FingerprintLookup } from '../guard/known.js'
import type { AccountFacts } from '../model/consent.js'
import type { PrivateHeader, ReportHeader } from '../model/disclosure.js'
import { CurtilageError } from '../model/errors.js'
import type { Observe } from '../model/events.js'
import type { CompiledPolicy } from '../model/policy.js'
import type { PseudonymKeys } from '../minimize/pseudonym.js'
import type { Outbox } from '../outbox/contract.js'
import { recipientKey } from '../registry/recipient-key.js'
import type { Registry } from '../registry/registry.js'
import type { UnfinishedWork } from '../registry/unfinished.js'
import { removeOldCopies } from '../store/old-copies.js'
import { scrub, type Removed } from '../store/scrub.js'
import { Serial } from '../store/serial.js'
import type { Store } from '../store/store.js'
import type { FolderTurns } from '../sinks/file/folder-turns.js'
import { removeAccountLines } from './account-lines.js'
import type { DeliveryCounts, KnownName } from './delivery-counts.js'
import { noticesOf } from './notices.js'
import type { ReplayList } from './replay-list.js'

export interface RightsParts {
  readonly store: Store
  readonly registry: Registry
  /** The one in force, asked for each time. */
  readonly policy: () => CompiledPolicy
  readonly counts: DeliveryCounts
  readonly replay: ReplayList
  readonly outbox: Pick<Outbox, 'append' | 'purge' | 'headers' | 'forgetDevice' | 'checkpoint' | 'overwrite'>
  readonly dataFolder: string
  readonly turns: FolderTurns
  readonly gatewayKeyAt: PseudonymKeys['gatewayKeyAt']
  /** Resolves when what was handed to a sink before has settled. Rejects with delivery-unsettled. */
  readonly settle: () => Promise<void>
  readonly observe: Observe
  readonly now: () => number
}

/** What was done; counts of things, never names of them. */
export interface Done {
  readonly devices: number
  /** Taken out of the gateway's own files. */
  readonly lines: number
  /** Taken out of the outbox. */
  readonly waiting: number
  /** Queued, by recipient. */
  readonly notices: Readonly<Record<string, number>>
}

const NOTHING: Done = { devices: 0, lines: 0, waiting: 0, notices: {} }

export class Rights {
  readonly #parts: RightsParts
  readonly #serial = new Serial()

  constructor (parts: RightsParts) {
    this.#parts = parts
  }

  /** What waits, for those who count it. */
  get outbox (): Pick<Outbox, 'headers' | 'checkpoint'> {
    return this.#parts.outbox
  }

  /**
   * Erases an account; resolves when it is durable and settled. `existed` is false where there is none (any more).
   *
   * Rejects with delivery-unsettled, outbox-full, outbox-write, replay-write, file-sink-write, store-write: then it is begun, holds from
   * then on, and is finished when it is asked for again, or by itself later.
   */
  async erase (account: string): Promise<Done & { readonly existed: boolean }> {
    const { registry: { accounts, unfinished }, replay } = this.#parts
    if (!unfinished.isErasing(account)) {
      if (!accounts.has(account)) return { ...NOTHING, existed: false }
      const listing = replay.list([{ what: 'erasure', account: replay.account(account) }])
      await unfinished.begin(account, 'erasure', { also: listing.number })
      await listing.append()
      await unfinished.listed(account)
    }
    return { ...await this.finish(account), existed: true }
  }

  /**
   * Records facts of an account; resolves when nothing leaves any more that they forbid. A minor's mark takes back what
   * recipients have that the service does not need. Rejects as `erase`, and with account-unknown, account-invalid.
   */
  async setFacts (account: string, facts: Partial<AccountFacts>, by: Origination): Promise<void> {
    const { registry: { accounts, unfinished } } = this.#parts
    // a mark that is lifted again must not leave what it had begun to take back
    if (facts.minor === false) await this.finish(account)
    const isMarked = facts.minor === true
    const changed = await accounts.set(account, facts, by, isMarked ? () => unfinished.beginMinor(account) : undefined)
    if (isMarked && !changed) await unfinished.begin(account, 'minor', { isListed: true })
    await this.#parts.settle()
    if (isMarked) await this.finish(account)
  }

  /** Does what is unfinished of an account. Rejects as `erase`. */
  async finish (account: string): Promise<Done> {
    return await this.#serial.run(async () => {
      const work = this.#parts.registry.unfinished.get(account)
      return work === undefined ? NOTHING : await this.#do(account, work)
    })
  }

  /** Does all that is unfinished, as far as it can be done; resolves to the number of accounts of which something is left. */
  async finishAll (): Promise<number> {
    const { unfinished } = this.#parts.registry
    for (const account of unfinished.accounts()) await this.finish(account).catch(() => {})
    return unfinished.accounts().length
  }

  async #do (account: string, work: UnfinishedWork): Promise<Done> {
    const { registry, settle, observe } = this.#parts
    await this.#list(account, work)
    if (work.kind === 'erasure') registry.endConnections(account)
    await settle()
    // what has arrived so far is noted, and with it the names by which recipients know the devices
    await this.#parts.outbox.checkpoint()
    const goes = this.#goes(work.kind)
    await this.#noteWaiting(account, goes)
    const names = this.#parts.counts.names(account).filter(({ recipient }) => goes(recipient))
    const devices = [...new Set([...registry.devices.list(account), ...names.map(({ device }) => device)])]
    const waiting = await this.#purge(account, work.kind, devices)
    const lines = await this.#removeLines(account, goes)
    const notices = await this.#notify(account, work, names)
    await (work.kind === 'erasure' ? this.#destroy(account, devices) : this.#unlink(account, goes))
    observe({ type: 'taken-back', kind: work.kind })
    return { devices: work.kind === 'erasure' ? devices.length : 0, lines, waiting, notices }
  }

  /** Recipients toward which it is done. */
  #goes (kind: UnfinishedWork['kind']): (recipient: string) => boolean {
    const required = new Set(kind === 'erasure' ? [] : this.#required())
    return recipient => !required.has(recipient)
  }

  #required (): string[] {
    return this.#parts.policy().recipients.filter(({ purpose }) => purpose.required).map(({ name }) => name)
  }

  async #list (account: string, { kind, isListed }: UnfinishedWork): Promise<void> {
    const { replay, store, registry } = this.#parts
    // a minor's mark stands on the list as the fact that it is
    if (isListed || kind === 'minor') return
    const listing = replay.list([{ what: 'erasure', account: replay.account(account) }])
    await store.transaction(listing.number)
    await listing.append()
    await registry.unfinished.listed(account)
  }

  /** What waits may have arrived in part, or be handed over and not yet counted: its names count as known. */
  async #noteWaiting (account: string, goes: (recipient: string) => boolean): Promise<void> {
    const { outbox, counts, store } = this.#parts
    const waiting: { recipient: string, header: ReportHeader }[] = []
    for await (const { recipient, header } of outbox.headers()) {
      if (header.account === account && goes(recipient)) waiting.push({ recipient, header })
    }
    if (waiting.length > 0) await store.transaction(() => { for (const one of waiting) counts.addName(one) })
  }

  async #purge (account: string, kind: UnfinishedWork['kind'], devices: readonly string[]): Promise<number> {
    const { outbox, observe } = this.#parts
    const goes = this.#goes(kind)
    const purged = new Map<string, number>()
    const waiting = await outbox.purge((header: PrivateHeader, recipient: string) => {
      const isGone = header.account === account && goes(recipient)
      if (isGone) purged.set(recipient, (purged.get(recipient) ?? 0) + 1)
      return isGone
    })
    for (const [recipient, count] of purged) observe({ type: 'withheld', recipient, reason: kind === 'erasure' ? 'erased' : 'minor', count })
    if (kind === 'erasure') for (const device of devices) await outbox.forgetDevice(device)
    return waiting
  }

  async #removeLines (account: string, goes: (recipient: string) => boolean): Promise<number> {
    const { registry: { accounts }, dataFolder, turns } = this.#parts
    const stored = accounts.storedOf(account)
    if (stored === undefined) return 0
    return await removeAccountLines({ recipients: join(dataFolder, 'recipients'), turns }, recipient => goes(recipient) ? recipientKey(stored, recipient) : undefined)
  }

  async #notify (account: string, { seed }: UnfinishedWork, names: readonly KnownName[]): Promise<Record<string, number>> {
    const { outbox, observe, now } = this.#parts
    const policy = this.#parts.policy()
    const there = new Set(policy.recipients.map(({ name }) => name))
    const { entries, alarms } = noticesOf(names, {
      seed,
      category: policy.deviceCategory.name,
      notice: policy.noticeVersion,
      policy: policy.digest,
      nowMs: now(),
      known: () => new KnownAddressCollector().known(this.#fingerprints(names)),
      keysFor: recipient => this.#keys(account, recipient)
    })
    for (const recipient of alarms) observe({ type: 'withheld', recipient, reason: 'guard-alarm', count: 1 })
    const counts: Record<string, number> = {}
    for (const { disclosure: { recipient } } of entries) {
      if (there.has(recipient)) counts[recipient] = (counts[recipient] ?? 0) + 1
      else observe({ type: 'withheld', recipient, reason: 'recipient-off', count: 1 })
    }
    await outbox.append(entries.filter(({ disclosure }) => there.has(disclosure.recipient)))
    return counts
  }

  #keys (account: string, recipient: string): PseudonymKeys {
    const stored = this.#parts.registry.accounts.storedOf(account)
    if (stored === undefined) throw new CurtilageError('account-unknown')
    return { gatewayKeyAt: this.#parts.gatewayKeyAt, accountKey: recipientKey(stored, recipient) }
  }

  #fingerprints (names: readonly KnownName[]): FingerprintLookup {
    const lookups = [...new Set(names.map(({ device }) => device))].map(device => this.#parts.registry.devices.fingerprintLookup(device))
    return {
      hasMac: hex => lookups.some(lookup => lookup.hasMac(hex)),
      hasIp: canonical => lookups.some(lookup => lookup.hasIp(canonical)),
      hasTail: hex => lookups.some(lookup => lookup.hasTail(hex))
    }
  }

  async #destroy (account: string, devices: readonly string[]): Promise<void> {
    const { registry, counts, store, dataFolder, outbox } = this.#parts
    await outbox.overwrite()
    await registry.eraseAccount(account, () => counts.dropAll(account))
    removeOldCopies(dataFolder, Infinity)
    await scrub(store, placesOf(account, devices)).catch(() => {})
  }

  /** New keys: of what recipients had that the service does not need, nothing can be linked to the account any more. */
  async #unlink (account: string, goes: (recipient: string) => boolean): Promise<void> {
    const { registry: { accounts, unfinished }, counts, store } = this.#parts
    await accounts.replaceKey(account, this.#required(), () => {
      counts.dropNames(account, goes)
      unfinished.drop(account)
    })
    unfinished.forget(account)
    await scrub(store, [['registry.accounts', account], ['rights.names', [account, '', '']]]).catch(() => {})
  }
}

/** Where the account's rows were. */
function placesOf (account: string, devices: readonly string[]): Removed[] {
  return [
    ['registry.accounts', account],
    ['registry.by-account', [account, '']],
    ['registry.unfinished', account],
    ['registry.tokens', ''],
    ['consent.views', account],
    ['consent.audit', Number.MAX_SAFE_INTEGER],
    ['consent.groups', [account, 0]],
    ['rights.counts', [account, '', '']],
    ['rights.names', [account, '', '']],
    ['outbox', ['held']],
    ...devices.flatMap((device): Removed[] => [['registry.devices', device], ['outbox', ['seen', device, 0]]])
  ]
}
