/**
 * Pseudonyms: HMAC-SHA-256 (RFC 2104) under a key of that recipient, account and epoch.
 *
 * Recipients cannot join their data, since no two share a key; destroying an account's key unlinks all its past. A plain
 * hash is not offered: the 2^24 devices of one vendor prefix fall to brute force in seconds.
 */

import { createHmac } from 'node:crypto'
import { lettersOf } from '../letters.js'

/** What pseudonyms are made from: the gateway's secret sub-key, and the account's own key with that recipient, 32 bytes. */
export interface PseudonymKeys {
  /** The gateway's part, of the generation of its secret that was in force when an epoch began (epoch milliseconds). */
  readonly gatewayKeyAt: (beginsMs: number) => Uint8Array
  readonly accountKey: Uint8Array
}

export interface PseudonymScope {
  readonly recipient: string
  readonly category: string
  /** Length of the epoch; it is counted by the gateway's clock from 1970. */
  readonly epochMs: number
  readonly nowMs: number
}

/** A stand-in of 30 letters g–z for a value: equal values of one category meet in it, within recipient, account and epoch. */
export function pseudonymOf (value: string, scope: PseudonymScope, keys: PseudonymKeys): string {
  const key = epochKey(scope, keys)
  const digest = createHmac('sha256', key).update(framed(scope.category)).update(value, 'utf8').digest()
  return lettersOf(digest.subarray(0, 16))
}

function epochKey ({ recipient, epochMs, nowMs }: PseudonymScope, { gatewayKeyAt, accountKey }: PseudonymKeys): Buffer {
  const ordinal = Math.floor(nowMs / epochMs)
  const epoch = `${epochMs}:${ordinal}`
  return createHmac('sha256', gatewayKeyAt(ordinal * epochMs)).update(accountKey).update(framed(recipient)).update(epoch).digest()
}

/** Length first, so that no two lists of texts run into the same bytes. */
function framed (text: string): string {
  return `${Buffer.byteLength(text)}:${text}`
}
