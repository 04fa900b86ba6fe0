/**
 * Ids of disclosures: random to everybody but the gateway, which can tell which lines of its files are an account's.
 *
 * ```
 * id   letters g–z of [12 random bytes ‖ first 8 bytes of HMAC-SHA-256(key, the random bytes)]
 * key  HMAC-SHA-256(the account's key with the recipient, "disclosure-id")
 * ```
 * Without the account's key an id is as good as 20 random bytes: equal length and alphabet for all, none linked to another.
 * Destroying the key makes all past ids random for the gateway too.
 */

import { createHmac } from 'node:crypto'
import { bytesOfLetters, lettersOf } from '../letters.js'

export const RANDOM_ID_BYTES = 12
const TAG_BYTES = 8

/** An id of 38 letters. `random` holds 12 fresh bytes. */
export function disclosureId (random: Uint8Array, accountKey: Uint8Array): string {
  return lettersOf(Buffer.concat([random, tagOf(random, idKey(accountKey))]))
}

/** Tells whether an id was made under this key. Another's passes once in 2^64. */
export function idsUnder (accountKey: Uint8Array): (id: string) => boolean {
  const key = idKey(accountKey)
  return id => {
    const bytes = bytesOfLetters(id, RANDOM_ID_BYTES + TAG_BYTES)
    return bytes?.subarray(RANDOM_ID_BYTES).equals(tagOf(bytes.subarray(0, RANDOM_ID_BYTES), key)) === true
  }
}

function idKey (accountKey: Uint8Array): Buffer {
  return createHmac('sha256', accountKey).update('disclosure-id').digest()
}

function tagOf (random: Uint8Array, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(random).digest().subarray(0, TAG_BYTES)
}
