/** Accounts and devices as registered. */

export interface Device {
  readonly device: string
  readonly account: string
  readonly addedMs: number
  /** Keyed hash of the password, hex. */
  readonly secret: string
  /** Keyed fingerprints of the device's and its children's addresses. */
  readonly addresses: readonly AddressFingerprint[]
}

/** Keyed fingerprints (HMAC-SHA-256, hex) of one address and, for a MAC, of its last 4, 5 and 6 hex digits. */
export interface AddressFingerprint {
  readonly full: string
  readonly tails: readonly string[]
  /** Of the secret that they were made under; the first one where absent. */
  readonly generation?: number
}

/** Who a connection authenticated as. */
export type Identity =
  | { readonly kind: 'device', readonly account: string, readonly device: string }
  | { readonly kind: 'app', readonly account: string }
  | { readonly kind: 'recipient', readonly recipient: string }
