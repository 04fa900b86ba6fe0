/**
 * Device passwords and tokens: high-entropy secrets, kept as keyed hashes.
 *
 * Since every secret that we hand out has 180 random bits, HMAC-SHA-256 is enough and a storm of reconnects stays
 * cheap; a slow hash such as scrypt would make it a denial of service. The hash binds what the secret is for, so that
 * it is of no use under another name.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { lettersOf } from '../letters.js'

const GENERATED_BYTES = 24
const MAX_SECRET_BYTES = 1_024

export type CredentialUse = 'device' | 'app' | 'recipient' | 'token'

export class Credentials {
  readonly #key: Uint8Array
  readonly #nobodys = randomBytes(32).toString('hex')

  /** @param key derived from the gateway's secret for this use alone */
  constructor (key: Uint8Array) {
    this.#key = key
  }

  /** 42 letters g–z: no secret can look like an address. */
  generate (): string {
    return lettersOf(randomBytes(GENERATED_BYTES))
  }

  /** Hex. */
  hash (use: CredentialUse, name: string, secret: string | Uint8Array): string {
    return createHmac('sha256', this.#key).update(`${use}\0${name}\0`).update(secret).digest('hex')
  }

  /** Takes the same time whether `kept` exists or not, and wherever it differs. */
  verify (use: CredentialUse, name: string, secret: string | Uint8Array, kept: string | undefined): boolean {
    const offered = secret.length > MAX_SECRET_BYTES ? '' : secret
    const equal = timingSafeEqual(Buffer.from(this.hash(use, name, offered)), Buffer.from(kept ?? this.#nobodys))
    return equal && kept !== undefined && offered.length > 0
  }
}
