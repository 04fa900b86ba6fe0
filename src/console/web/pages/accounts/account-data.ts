/** An account as the API tells it. */

export interface AccountFacts {
  readonly account: string
  readonly addedMs: number
  readonly regime: string
  readonly region: string
  readonly minor: boolean
  readonly optOutSignal: boolean
}

export type RecordedState = 'granted' | 'denied' | 'withdrawn'

export interface Answer {
  readonly answer: 'yes' | 'no'
  readonly state: RecordedState | 'expired' | 'unset'
  readonly grounds: string
  readonly reason?: string
}

export interface Exception extends Answer {
  readonly category?: string
  readonly device?: string
}

export interface RecipientConsent extends Answer {
  readonly recipient: string
  readonly enabled: boolean
  readonly exceptions: readonly Exception[]
}

export interface PurposeConsent extends Answer {
  readonly purpose: string
  readonly required: boolean
  readonly recipients: readonly RecipientConsent[]
}

interface Recorded {
  readonly id: string
  readonly at: number
  readonly notice: string
  readonly source?: string
  readonly actor?: string
}

export interface ConsentRecord extends Recorded {
  readonly purpose: string
  readonly recipient?: string
  readonly category?: string
  readonly device?: string
  readonly state: RecordedState
  readonly expires?: number
  /** False: a later one cancelled it. */
  readonly stands: boolean
}

export interface FactsRecord extends Recorded {
  readonly facts: Partial<Omit<AccountFacts, 'account' | 'addedMs'>>
}

export interface Consents {
  readonly at: number
  readonly facts: Omit<AccountFacts, 'account' | 'addedMs'>
  readonly purposes: readonly PurposeConsent[]
  readonly records: readonly (ConsentRecord | FactsRecord)[]
}

export interface Vocabulary {
  readonly notice: string
  readonly regimes: readonly string[]
  readonly regions: readonly string[]
  readonly purposes: readonly { readonly purpose: string, readonly clause: string, readonly required: boolean }[]
  readonly recipients: readonly { readonly recipient: string, readonly enabled: boolean, readonly kind: string, readonly purpose: string }[]
  readonly categories: readonly string[]
}

export interface DisclosedDay {
  readonly recipient: string
  readonly day: string
  readonly disclosures: number
  readonly reports: Readonly<Record<string, number>>
  readonly categories: Readonly<Record<string, number>>
}

export interface Device {
  readonly device: string
  readonly addedMs: number
  readonly hasKnownAddress: boolean
}

export function isConsent (record: ConsentRecord | FactsRecord): record is ConsentRecord {
  return 'purpose' in record
}
