/** A case of `tests/*.yaml`, compiled: given an account and a report, what each recipient gets. */

import type { RecordedState } from '../model/consent.js'
import type { Json, Scalar } from '../model/json.js'
import type { WithheldReason } from '../model/reasons.js'

export interface TestCase {
  readonly name: string
  readonly account: CaseAccount
  readonly report: string
  /** Id of the device that sends. */
  readonly device: string
  /** The gateway's clock, epoch milliseconds; undefined: any time. */
  readonly atMs: number | undefined
  readonly payload: Json
  readonly expect: ReadonlyMap<string, Expectation>
  /** `file:line`. */
  readonly rule: string
}

export interface CaseAccount {
  readonly regime: string
  readonly region: string
  readonly minor: boolean
  readonly optOutSignal: boolean
  /** Oldest first. */
  readonly consents: readonly CaseConsent[]
}

export interface CaseConsent {
  readonly purpose: string
  readonly state: RecordedState
  readonly recipient?: string
  readonly category?: string
  readonly device?: string
  /** Version of the notice it was given under. */
  readonly notice: string
  /** Epoch milliseconds. */
  readonly expires?: number
}

/** In a disclosure, the text `{pseudonym}` stands for any pseudonym. */
export type Expectation =
  | { readonly disclosed: { readonly data: Json, readonly device?: Scalar, readonly time?: Scalar } }
  | { readonly withheld: WithheldReason }

export const ANY_PSEUDONYM = '{pseudonym}'
