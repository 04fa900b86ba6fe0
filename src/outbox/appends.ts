/**
 * Appends that become durable together: whatever comes while one transaction is written shares the next.
 *
 * ```
 * append append append ─▶ one transaction, one fdatasync ─▶ all of them resolve, in one turn
 *        append append append append ─▶ waits for that, then the same
 * ```
 * A transaction is written or not, so all of its appends fail together.
 */

import type { Database, Key } from 'lmdb'
import type { RedeliveryKey } from './contract.js'
import { durably } from './durably.js'
import type { HeldEntries, Placed } from './held-entries.js'
import type { Redeliveries } from './redeliveries.js'

export interface Append {
  readonly placed: readonly Placed[]
  readonly redelivery: RedeliveryKey | undefined
  /** The gateway's own notices may use room that reports may not. */
  readonly areNotices: boolean
  /** Gives back the room that was reserved: its entries are counted now, or never will be. */
  readonly release: () => void
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Why the disk has no room, for reports and for notices. */
export interface WantOfRoom {
  readonly reports: Error | undefined
  readonly notices: Error | undefined
}

export interface AppendsSettings {
  readonly database: Database<unknown, Key>
  readonly held: HeldEntries
  readonly redeliveries: Redeliveries
  readonly nowMs: () => number
  /** Asked once for each transaction. */
  readonly wantOfRoom: () => WantOfRoom
  readonly announce: (recipients: ReadonlySet<string>) => void
}

/** So that one transaction never holds up others for long. */
const MAX_TOGETHER = 4096

export class Appends {
  readonly #settings: AppendsSettings
  #waiting: Append[] = []
  #writing: Promise<void> | undefined

  constructor (settings: AppendsSettings) {
    this.#settings = settings
  }

  add (append: Append): void {
    this.#waiting.push(append)
    this.#writing ??= this.#write()
  }

  /** Resolves when all that were added before the call have settled. */
  async idle (): Promise<void> {
    await this.#writing
  }

  /** Never rejects. */
  async #write (): Promise<void> {
    // those that follow in the same turn come along
    await undefined
    while (this.#waiting.length > 0) {
      const all = this.#waiting
      this.#waiting = all.length > MAX_TOGETHER ? all.splice(MAX_TOGETHER) : []
      const together = withRoom(all, this.#settings.wantOfRoom())
      if (together.length > 0) await this.#writeTogether(together)
    }
    this.#writing = undefined
  }

  async #writeTogether (together: readonly Append[]): Promise<void> {
    const { database, held, redeliveries, nowMs, announce } = this.#settings
    try {
      await durably(database, () => {
        const atMs = nowMs()
        for (const { placed, redelivery } of together) {
          for (const one of placed) database.put(...held.spell(one))
          if (redelivery !== undefined) redeliveries.record(redelivery, atMs)
        }
      })
    } catch (error) {
      for (const append of together) fail(append, error)
      return
    }
    const recipients = new Set<string>()
    for (const { placed, release, resolve } of together) {
      for (const one of placed) {
        held.add(one)
        recipients.add(one.entry.disclosure.recipient)
      }
      release()
      resolve()
    }
    announce(recipients)
  }
}

/** Those that find room; the others are rejected. */
export function withRoom (appends: readonly Append[], { reports, notices }: WantOfRoom): Append[] {
  return appends.filter(append => {
    const want = append.areNotices ? notices : reports
    if (want !== undefined) fail(append, want)
    return want === undefined
  })
}

export function fail ({ release, reject }: Append, error: unknown): void {
  release()
  reject(error)
}
