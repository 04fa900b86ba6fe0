/** Consent as recorded, and as asked. */

export type RecordedState = 'granted' | 'denied' | 'withdrawn'
export type ConsentState = RecordedState | 'expired' | 'unset'

/** What a record or a question speaks about. An absent part of a record's scope means all. */
export interface ConsentScope {
  readonly purpose: string
  readonly recipient?: string
  readonly category?: string
  readonly device?: string
}

/** One consent statement. `id` is the ledger's, letters g–z; times are epoch milliseconds. */
export interface ConsentRecord extends ConsentScope {
  readonly id: string
  /** The ledger's own order. */
  readonly sequence: number
  readonly state: RecordedState
  readonly at: number
  /** Only on a grant. */
  readonly expires?: number
  /** Version of the notice in force when it was given. */
  readonly notice: string
  readonly source?: string
  readonly actor?: string
}

/** What is recorded of an account besides consent; each change is a ledger record too. */
export interface AccountFacts {
  readonly regime: string
  readonly region: string
  readonly minor: boolean
  readonly optOutSignal: boolean
}

/** All that a decision needs of one account at one time: facts and the records not cancelled, by ascending sequence. */
export interface AccountConsent {
  readonly account: string
  readonly facts: AccountFacts
  readonly records: readonly ConsentRecord[]
}

/** The full question that a decision asks. */
export interface ConsentQuestion {
  readonly purpose: string
  readonly recipient: string
  readonly category: string
  readonly device: string
}
