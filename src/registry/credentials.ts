/**
 * Device passwords and tokens: high-entropy secrets, kept as keyed hashes.
 *
 * Since every secret that we hand out has 180 random bits, HMAC-SHA-256 is enough and a storm of reconnects stays
 * cheap; a slow hash such as scrypt would make it a denial of service. The hash binds what the secret is for, so that
 * it is of no use under another name, and notes the generation of the secret that it was made under:
 * ```
 * 64 hex digits          generation 1
 * N:64 hex digits        generation N
 * ```
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { lettersOf } from '../letters.js'
import type { Keyring } from '../store/keyring.js'

const GENERATED_BYTES = 24
const MAX_SECRET_BYTES = 1_024
const LABEL = 'credentials'

export type CredentialUse = 'device' | 'app' | 'recipient' | 'token'

export class Credentials {
  readonly #keyring: Keyring
  readonly #nobodys = randomBytes(32).toString('hex')

  constructor (keyring: Keyring) {
    this.#keyring = keyring
  }

  /** 42 letters g–z: no secret can look like an address. */
  generate (): string {
    return lettersOf(randomBytes(GENERATED_BYTES))
  }

  /** Under a generation of the secret: the newest one, unless told. */
  hash (use: CredentialUse, name: string, secret: string | Uint8Array, generation = this.#keyring.newest.generation): string {
    // one that was destroyed opens nothing, at the same cost
    const key = this.#keyring.key(LABEL, generation) ?? randomBytes(32)
    const hex = createHmac('sha256', key).update(`${use}\0${name}\0`).update(secret).digest('hex')
    return generation === 1 ? hex : `${generation}:${hex}`
  }

  /** Takes the same time whether `kept` exists or not, and wherever it differs. */
  verify (use: CredentialUse, name: string, secret: string | Uint8Array, kept: string | undefined): boolean {
    const offered = secret.length > MAX_SECRET_BYTES ? '' : secret
    const made = this.hash(use, name, offered, kept === undefined ? 1 : generationOf(kept))
    const equal = timingSafeEqual(Buffer.from(made), Buffer.from(kept ?? this.#nobodys))
    return equal && kept !== undefined && offered.length > 0
  }

  /** Made under an earlier generation than the newest: to be made anew at the next chance. */
  isOld (kept: string): boolean {
    return generationOf(kept) !== this.#keyring.newest.generation
  }

  /** Generations that are left, the newest first. */
  get generations (): readonly number[] {
    return this.#keyring.numbers
  }
}

/** Which generation of the secret a hash was made under. */
export function generationOf (kept: string): number {
  const colon = kept.indexOf(':')
  return colon === -1 ? 1 : Number(kept.slice(0, colon))
}
