/**
 * How a recipient knows a request for ours: Standard Webhooks 1.0.0, symmetric.
 *
 * ```
 * webhook-id: ID                    the same for the same disclosures: an idempotency key
 * webhook-timestamp: SECONDS        of this attempt, since 1970
 * webhook-signature: v1,BASE64 …    HMAC-SHA-256 of ID.SECONDS.BODY, one for each key
 * ```
 */

import { createHash, createHmac } from 'node:crypto'
import { lettersOf } from '../../letters.js'

const PREFIX = 'whsec_'
const LEAST_KEY_BYTES = 24
const MOST_KEY_BYTES = 64

/** A key as the file spells it: base64, with or without `whsec_`. Undefined unless it holds 24 to 64 bytes. */
export function readKey (line: string): Buffer | undefined {
  const text = line.startsWith(PREFIX) ? line.slice(PREFIX.length) : line
  const key = Buffer.from(text, 'base64')
  const isBase64 = key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')
  return isBase64 && key.length >= LEAST_KEY_BYTES && key.length <= MOST_KEY_BYTES ? key : undefined
}

/** Follows from the ids of the disclosures alone, so that a retry has the same. */
export function requestId (ids: readonly string[]): string {
  return lettersOf(createHash('sha256').update(ids.join('\n')).digest().subarray(0, 16))
}

export function signatureHeaders (id: string, nowMs: number, body: Buffer, keys: readonly Buffer[]): Record<string, string> {
  const seconds = String(Math.floor(nowMs / 1000))
  const signatures = keys.map(key => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')}`)
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') })
  }
}
