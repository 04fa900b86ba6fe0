/**
 * The account's key with each recipient: HMAC-SHA-256 of the recipient's name under the account's own random key.
 *
 * A recipient's key tells nothing of the account's nor of another recipient's. So a minor's mark can destroy the account's
 * key and still keep those with the recipients that the service needs.
 */

import { createHmac } from 'node:crypto'
import type { StoredAccount } from './registry-tables.js'

const derived = new WeakMap<StoredAccount, Map<string, Uint8Array>>()

export function recipientKey (stored: StoredAccount, recipient: string): Uint8Array {
  const known = derived.get(stored) ?? new Map<string, Uint8Array>()
  const key = known.get(recipient) ?? stored.kept?.[recipient] ?? createHmac('sha256', stored.key).update(`recipient ${recipient}`).digest()
  derived.set(stored, known.set(recipient, key))
  return key
}
