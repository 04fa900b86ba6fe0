/** What the broker side needs of the rest of the gateway. `gateway.ts` gives it. */

import type { RefusedReason } from '../model/reasons.js'
import type { Identity } from '../model/registry.js'
import type { Intake } from '../model/report.js'
import type { GateLimits } from './gate/gate-keeper.js'
import type { SeatLimits } from './seats.js'

/** How the packet came: what a redelivery is recognized by. */
export interface Transport {
  readonly qos: 0 | 1 | 2
  readonly dup: boolean
  readonly packetId: number | undefined
}

/** A report on its way, and who waits for its end. */
export interface Carried extends Intake, Transport {
  /** Durable, or withheld for a final reason: it may be acknowledged. Shown to the account's own app only where it may be. */
  final (mayBeShown: boolean): void
  /** Transient trouble: it must not be acknowledged. */
  failed (): void
}

export interface Door {
  /** Undefined refuses. May take long; bounded by `authenticateTimeoutMs`. */
  authenticate (userName: string, password: Uint8Array): Promise<Identity | undefined>
  /** The device of this id, whose certificate a listener verified; undefined where none is registered. */
  registered (device: string): Promise<Identity | undefined>
  /** Takes one report all the way to the outbox. Does not throw; answers exactly once, in this turn or later. */
  take (report: Carried): void
  /** A report at QoS 0 that met transient trouble: dropped and counted. */
  dropped (): void
  refused (reason: RefusedReason): void
  /** A recipient of the mqtt sink subscribed: what waits for it can go. */
  recipientReady (recipient: string): void
  /** A fingerprint in letters g–z under a key that lives in memory. */
  scopeClientId (userName: string, clientId: string): string
  readonly limits: BrokerLimits
}

export interface BrokerLimits extends GateLimits, SeatLimits {
  /** From one source address in a minute. */
  readonly maxFailedLogins: number
  readonly stageTimeoutMs: number
}
