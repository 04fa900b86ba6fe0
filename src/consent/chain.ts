/**
 * The hash chain over the ledger.
 *
 * ```
 * commitment(n) = SHA-256(salt ‖ canonical record n)
 * head(n)       = SHA-256(head(n-1) ‖ n as 8 bytes, big endian ‖ commitment(n)),  head(0) = 32 zero bytes
 * ```
 * Sequences start at 1. Erasure deletes records and salts; their commitments stay and tell nothing without the salt.
 */

import { hash } from 'node:crypto'

export const HASH_BYTES = 32
export const GENESIS = Buffer.alloc(HASH_BYTES)

export function commitmentOf (salt: Uint8Array, canonical: string): Buffer {
  return hash('sha256', Buffer.concat([salt, Buffer.from(canonical, 'utf8')]), 'buffer')
}

export function nextHead (head: Uint8Array, sequence: number, commitment: Uint8Array): Buffer {
  const input = Buffer.allocUnsafe(HASH_BYTES + 8 + HASH_BYTES)
  input.set(head, 0)
  input.writeBigUInt64BE(BigInt(sequence), HASH_BYTES)
  input.set(commitment, HASH_BYTES + 8)
  return hash('sha256', input, 'buffer')
}
