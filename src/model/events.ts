/** What the gateway tells of its work, to metrics and to whoever watches. Names, counts and reasons; never content or identifiers. */

import type { ErrorCode } from './errors.js'
import type { QuarantineReason, RefusedReason, SuppressedReason, WithheldReason } from './reasons.js'

export type ReportOutcome = 'disclosed' | 'withheld' | 'quarantined' | 'redelivered' | 'transient'

/** Why the files of a certificate could not be used. */
export type CertificateTrouble = 'unreadable' | 'malformed' | 'mismatch' | 'expired'

export type PolicyOutcome = 'taken' | 'waiting' | 'set-aside' | 'failed'

/** `category` is `unclassified` where fields have none. */
export interface StayedCategory {
  readonly category: string
  readonly reason: SuppressedReason | WithheldReason
}

export type GatewayEvent =
  /** One report is final, or met transient trouble. `categories` are those that its type lists. */
  | { readonly type: 'report', readonly report: string, readonly outcome: ReportOutcome, readonly categories: readonly string[], readonly seconds: number }
  | { readonly type: 'quarantined', readonly report: string, readonly reason: QuarantineReason, readonly bytes: number }
  /** Fields of one report that did not leave for one recipient; `category` is `unclassified` where it has none. */
  | { readonly type: 'suppressed', readonly recipient: string, readonly category: string, readonly reason: SuppressedReason, readonly count: number }
  /**
   * What one report came to for one recipient that lists it: categories that may leave, and those of which something stayed.
   * Not told again of a redelivered report.
   */
  | { readonly type: 'judged', readonly report: string, readonly recipient: string, readonly left: readonly string[], readonly stayed: readonly StayedCategory[] }
  | { readonly type: 'unclassified', readonly report: string, readonly path: string, readonly count: number }
  /** An unclassified path that this data folder had not seen. */
  | { readonly type: 'new-field', readonly report: string, readonly path: string }
  | { readonly type: 'withheld', readonly recipient: string, readonly reason: WithheldReason, readonly count: number }
  /** A recipient refused disclosures for good: they are dead letters now. `reason` is a word of its sink's own. */
  | { readonly type: 'dead-lettered', readonly recipient: string, readonly reason: string, readonly count: number }
  /** Dead letters that are none any more. */
  | { readonly type: 'dead-letters-gone', readonly recipient: string, readonly why: 'expired' | 'discarded' | 'retried', readonly count: number }
  /** A report was not taken for want of room, most of which the recipient takes. */
  | { readonly type: 'outbox-full', readonly recipient: string }
  | { readonly type: 'delivered', readonly recipient: string, readonly report: string, readonly count: number }
  | { readonly type: 'refused', readonly reason: RefusedReason }
  /** A report at QoS 0 met transient trouble: nobody will send it again. */
  | { readonly type: 'dropped' }
  /** The data folder was deleted or replaced: told each second, nothing is acknowledged meanwhile. */
  | { readonly type: 'data-gone' }
  /** An account was erased, or a minor's mark took back what it had to. */
  | { readonly type: 'taken-back', readonly kind: 'erasure' | 'minor' }
  /** Recorded again at the start, since the store was older than the replay list. `later`: when its account is added; `skipped`: there is nothing to do. */
  | { readonly type: 'replayed', readonly what: 'erasures' | 'consents' | 'facts' | 'access' | 'pauses' | 'later' | 'skipped', readonly count: number }
  /**
   * A policy took force, waits for so many approvals, was set aside, or could not take force, for want of a sink or of
   * room on the disk: then nothing changed.
   */
  | { readonly type: 'policy', readonly outcome: PolicyOutcome, readonly policy: string, readonly why?: string, readonly verdict?: string, readonly needed?: number, readonly given?: number, readonly code?: ErrorCode }
  /** The configuration folder has problems, `FILE:LINE:COLUMN TEXT`, the first of them at least: nothing changed. */
  | { readonly type: 'configuration-refused', readonly count: number, readonly problems: readonly string[] }
  /** Keys of `gateway.yaml` that have changed and are followed at the next start only. */
  | { readonly type: 'restart-needed', readonly keys: readonly string[] }
  /** A batch waits: its sink, the store or the last question failed. */
  | { readonly type: 'delivery-trouble', readonly recipient: string, readonly code: ErrorCode }
  /** Days of a file sink whose retention is over. */
  | { readonly type: 'days-removed', readonly recipient: string, readonly count: number }
  /** Such days could not be removed. */
  | { readonly type: 'retention-trouble', readonly recipient: string }
  /** A listener, named by its type and place in the configuration, took a certificate; or could not, and kept the one before. */
  | { readonly type: 'certificate', readonly listener: string, readonly expiresMs: number }
  | { readonly type: 'certificate-refused', readonly listener: string, readonly trouble: CertificateTrouble }

export type Observe = (event: GatewayEvent) => void
