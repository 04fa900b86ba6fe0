/**
 * The durable queue of disclosures, one ordered line of them for each recipient.
 *
 * Whoever appends may acknowledge the report to its device once `append` has resolved, and not before. Whoever claims
 * must end each claim with exactly one of `ack`, `nack` or `withhold`. Claims live in memory: after a restart
 * everything not acked is there to be claimed again, in the old order, under the old ids.
 *
 * INVARIANT: what was appended is claimed until it is acked, withheld or purged; nothing is dropped to make room.
 */

import type { Disclosure, PrivateHeader } from '../model/disclosure.js'
import type { WithheldReason } from '../model/reasons.js'

/** Entries handed to a sink in one call are no more than this. */
export const MAX_CLAIM = 256

export interface OutboxEntry {
  readonly disclosure: Disclosure
  readonly header: PrivateHeader
  /** It was a dead letter before. */
  readonly refused?: EarlierRefusals
}

export interface EarlierRefusals {
  /** Epoch milliseconds. */
  readonly firstMs: number
  readonly times: number
}

export interface OutboxItem {
  readonly recipient: string
  readonly sequence: number
  /** Undefined: what the disk holds could not be made a disclosure again. It must be withheld as `guard-alarm`. */
  readonly entry: OutboxEntry | undefined
}

/** A disclosure as the disk holds it, before the egress guard has looked at it again. */
export interface StoredDisclosure {
  readonly id: string
  readonly recipient: string
  readonly report: string
  readonly bytes: Uint8Array
}

/** The private header of an entry held. */
export interface WaitingHeader {
  readonly recipient: string
  readonly header: PrivateHeader
  /** It is a dead letter. */
  readonly dead: boolean
}

/** One disclosure that has arrived. */
export interface Delivered {
  readonly recipient: string
  readonly report: string
  readonly id: string
  readonly header: PrivateHeader
  /** When the outbox was told, in epoch milliseconds. */
  readonly atMs: number
}

/** One that the recipient will never take. */
export interface Refused {
  readonly sequence: number
  /** A word of the sink's own. */
  readonly reason: string
}

/** A refused disclosure as it may be shown: nothing of what it holds, and not whose it is. Times are epoch milliseconds. */
export interface DeadLetter {
  readonly id: string
  readonly recipient: string
  readonly report: string
  readonly reason: string
  readonly firstMs: number
  readonly lastMs: number
  /** How often it was refused. */
  readonly refusals: number
  /** Of the disclosure. */
  readonly bytes: number
}

/**
 * Told of what has arrived, once, inside the transaction that removes it or that takes note of the removal: what it writes to
 * the same store becomes durable with that or not at all. Synchronous, with `putSync`, `removeSync` and `get`. If it throws,
 * none of it is written, and it is told the same again.
 */
export type AlsoWrite = (delivered: readonly Delivered[]) => void

/** What makes a packet the same packet when a device sends it again. */
export interface RedeliveryKey {
  readonly device: string
  /** Keyed fingerprint of packet id and payload; never the content itself. At most 128 characters. */
  readonly fingerprint: string
  /** The same under keys in use before, where the packet may have come first under one of them. */
  readonly earlier?: readonly string[]
  /** What the device numbered it; how it uses these numbers tells whether they may be relied upon. */
  readonly packetId: number
  /** The packet's DUP flag. Without it the key is recorded and not looked up: many devices count packet ids from 1 again. */
  readonly redelivered: boolean
}

/** Why, by whom and since when delivery to a recipient is stopped. Epoch milliseconds. */
export interface Pause {
  readonly reason: string
  readonly by: string
  readonly atMs: number
}

export interface Outbox {
  /**
   * Takes all entries or none, in one durable transaction; resolves when they are on disk.
   *
   * Resolves to `duplicate`, and changes nothing, if the key says redelivered and an append under the same device and
   * fingerprint is under way and succeeds, or has succeeded before (redeliveries.ts says when that is relied upon).
   *
   * INVARIANT: no report is taken for another one: a duplicate with an id of its own is the lesser evil than a loss. Rejects with a CurtilageError (`outbox-full` as an OutboxFull, `outbox-write`, `outbox-closed`), which is
   * transient: do not acknowledge. After a rejection the entries may still turn up after a restart.
   * Appending nothing resolves at once and records no key. Erasure notices find room beyond the bounds: they are few, and a
   * recipient that takes nothing must not hold up an erasure.
   */
  append (entries: readonly OutboxEntry[], redelivery?: RedeliveryKey): Promise<'appended' | 'duplicate'>

  /**
   * Takes up to `max` entries that are due at `nowMs` (`header.notBeforeMs`) and not claimed, in the order of their
   * append. Synchronous, so that consent can be asked and the sink called in the same turn. Throws `outbox-read`; nothing is
   * claimed then.
   */
  claim (recipient: string, max: number, nowMs: number): OutboxItem[]

  /**
   * They have arrived; those `refused` for good become dead letters, in the same transaction, and it resolves when that is
   * durable. Where none is refused it may resolve before: after a crash within a moment they are there again, under the same
   * ids, and nothing was counted. `checkpoint` waits for all of it. May be called twice. A rejection leaves all of them claimed.
   */
  ack (recipient: string, sequences: readonly number[], refused?: readonly Refused[]): Promise<void>

  /** They have not arrived: they can be claimed again, before later ones. May be called twice. */
  nack (recipient: string, sequences: readonly number[]): Promise<void>

  /** They will never leave, for a final reason that the caller counts. As `ack` without refusals otherwise: after a crash they may have to be asked about again. */
  withhold (recipient: string, sequences: readonly number[], reason: WithheldReason): Promise<void>

  /** Entries of the recipient, those claimed included; no dead letters. */
  depth (recipient: string): number

  /** Room on the disk that the recipient's entries and dead letters take; an estimate. */
  bytes (recipient: string): number

  /** When the recipient's oldest entry was decided, claimed or not. */
  oldestMs (recipient: string): number | undefined

  /** When the next unclaimed entry falls due; may lie in the past. Undefined: none waits. */
  nextDueMs (recipient: string): number | undefined

  /** Recipients that have entries, in no order; those that the policy no longer knows too. */
  recipients (): string[]

  /** By recipient, then in the order of their append. */
  deadLetters (recipient?: string): DeadLetter[]

  /** How many more the recipient may refuse. At 0 delivery to it has to stop: nothing is dropped to make room. */
  deadLetterRoom (recipient: string): number

  /**
   * Puts every dead letter that matches back into its line, at the end, to be asked about and sent again under its old id.
   * Resolves to their number when that is durable. Rejects with `outbox-full` when there is no room; some may be back then.
   */
  retry (match: (letter: DeadLetter) => boolean): Promise<number>

  /** Removes every dead letter that matches; resolves, when that is durable, to what is gone. */
  discard (match: (letter: DeadLetter) => boolean): Promise<DeadLetter[]>

  /**
   * Removes every entry and dead letter that matches, claimed or not, appends called earlier included; resolves to their number when
   * the removal is durable. One already handed to a sink may still arrive: stop or settle delivery for that.
   */
  purge (match: (header: PrivateHeader, recipient: string) => boolean): Promise<number>

  /** The header of every entry and dead letter, claimed or not, as far as it can be read; a slow reader holds up nobody. */
  headers (): AsyncIterable<WaitingHeader>

  /** Forgets the redelivery keys of a device (erasure). */
  forgetDevice (device: string): Promise<void>

  /** Resolves when everything that was acked, withheld or appended before the call is durable, and what is written with an arrival is. */
  checkpoint (): Promise<void>

  /** Overwrites what is on disk of what has ended, beyond what scrubbing the store reaches (erasure); durable when it resolves. */
  overwrite (): Promise<void>

  /**
   * From the call on delivery claims nothing more for the recipient, until `resume`, restarts included. Resolves when that
   * is durable; after a rejection it holds as long as this process lives. What is under way is not waited for here.
   */
  pause (recipient: string, pause: Pause): Promise<void>

  /** Resolves when it is durable; until then the pause holds. */
  resume (recipient: string): Promise<void>

  pauseOf (recipient: string): Pause | undefined

  /** Called with each recipient that has new durable entries, or may have been resumed or have room for dead letters again; must not throw. Returns the way to stop listening. */
  onAppend (listener: (recipient: string) => void): () => void

  /** Refuses further writes and resolves when those under way have ended. The store beneath is closed after that. */
  close (): Promise<void>
}
