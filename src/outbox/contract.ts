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
}

/** One disclosure that has arrived. */
export interface Delivered extends WaitingHeader {
  readonly report: string
  readonly id: string
}

/**
 * Told of what has arrived, inside the transaction that removes it: what it writes to the same store becomes durable with
 * the removal or not at all. Synchronous, with `putSync`, `removeSync` and `get`. If it throws, nothing is removed, and the
 * same come again.
 */
export type AlsoWrite = (delivered: readonly Delivered[]) => void

/** What makes a packet the same packet when a device sends it again. */
export interface RedeliveryKey {
  readonly device: string
  /** Keyed fingerprint of packet id and payload; never the content itself. At most 128 characters. */
  readonly fingerprint: string
  /** The packet's DUP flag. Without it the key is recorded and not looked up: many devices count packet ids from 1 again. */
  readonly redelivered: boolean
}

export interface Outbox {
  /**
   * Takes all entries or none, in one durable transaction; resolves when they are on disk.
   *
   * Resolves to `duplicate`, and changes nothing, if the key says redelivered and an append under the same device and
   * fingerprint has succeeded before (looked for among the device's last 64, for one hour), unless a packet not so marked
   * came under the same key since and was refused: then it is that one that comes again. One still under way is waited
   * for first. Rejects with a CurtilageError (`outbox-full`, `outbox-write`, `outbox-closed`), which is
   * transient: do not acknowledge. After a rejection the entries may still turn up after a restart.
   * Appending nothing resolves at once and records no key.
   */
  append (entries: readonly OutboxEntry[], redelivery?: RedeliveryKey): Promise<'appended' | 'duplicate'>

  /**
   * Takes up to `max` entries that are due at `nowMs` (`header.notBeforeMs`) and not claimed, in the order of their
   * append. Synchronous, so that consent can be asked and the sink called in the same turn. Throws `outbox-read`; nothing is
   * claimed then.
   */
  claim (recipient: string, max: number, nowMs: number): OutboxItem[]

  /** They have arrived. Resolves when their removal is durable; may be called twice. A rejection leaves them claimed. */
  ack (recipient: string, sequences: readonly number[]): Promise<void>

  /** They have not arrived: they can be claimed again, before later ones. May be called twice. */
  nack (recipient: string, sequences: readonly number[]): Promise<void>

  /** They will never leave, for a final reason that the caller counts. As `ack` otherwise. */
  withhold (recipient: string, sequences: readonly number[], reason: WithheldReason): Promise<void>

  /** Entries of the recipient, those claimed included. */
  depth (recipient: string): number

  /** When the recipient's oldest entry was decided, claimed or not. */
  oldestMs (recipient: string): number | undefined

  /** When the next unclaimed entry falls due; may lie in the past. Undefined: none waits. */
  nextDueMs (recipient: string): number | undefined

  /** Recipients that have entries, in no order; those that the policy no longer knows too. */
  recipients (): string[]

  /**
   * Removes every entry that matches, claimed or not, appends called earlier included; resolves to their number when
   * the removal is durable. One already handed to a sink may still arrive: stop or settle delivery for that.
   */
  purge (match: (header: PrivateHeader, recipient: string) => boolean): Promise<number>

  /** Every entry's header, claimed or not, as far as it can be read; a slow reader holds up nobody. */
  headers (): AsyncIterable<WaitingHeader>

  /** Forgets the redelivery keys of a device (erasure). */
  forgetDevice (device: string): Promise<void>

  /** Called with each recipient that has new durable entries; must not throw. Returns the way to stop listening. */
  onAppend (listener: (recipient: string) => void): () => void

  /** Refuses further writes and resolves when those under way have ended. The store beneath is closed after that. */
  close (): Promise<void>
}
