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

const MAX_SCRATCH = 4_096
// One buffer for all: these functions run a million times in an import, and never at the same time.
const scratch = Buffer.alloc(MAX_SCRATCH)

export function commitmentOf (salt: Uint8Array, canonical: string): Buffer {
  if (salt.length + canonical.length * 3 > MAX_SCRATCH) return hash('sha256', Buffer.concat([salt, Buffer.from(canonical)]), 'buffer')
  scratch.set(salt, 0)
  const end = salt.length + scratch.write(canonical, salt.length, 'utf8')
  return hash('sha256', scratch.subarray(0, end), 'buffer')
}

export function nextHead (head: Uint8Array, sequence: number, commitment: Uint8Array): Buffer {
  scratch.set(head, 0)
  scratch.writeUInt32BE(Math.floor(sequence / 2 ** 32), HASH_BYTES)
  scratch.writeUInt32BE(sequence % 2 ** 32, HASH_BYTES + 4)
  scratch.set(commitment, HASH_BYTES + 8)
  return hash('sha256', scratch.subarray(0, HASH_BYTES + 8 + HASH_BYTES), 'buffer')
}
