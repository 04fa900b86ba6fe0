/**
 * Ids of disclosures: random to everybody but the gateway, which can tell which lines of its files are an account's.
 *
 * ```
 * id   letters g–z of [12 random bytes ‖ tag]
 * tag  first 8 bytes of AES-256(key, the random bytes ‖ four zeros)
 * key  HMAC-SHA-256(the account's key with the recipient, "disclosure-id block")
 * ```
 * Ids made before that have another tag, which is recognized too: the first 8 bytes of HMAC-SHA-256(key', the random bytes),
 * key' with "disclosure-id".
 *
 * Without the account's key an id is as good as 20 random bytes: equal length and alphabet for all, none linked to another.
 * Destroying the key makes all past ids random for the gateway too.
 */

import { createCipheriv, createHmac, randomFillSync } from 'node:crypto'
import { bytesOfLetters, lettersOf } from '../letters.js'

const RANDOM_BYTES = 12
const TAG_BYTES = 8
const BLOCK_BYTES = 16
/** Made in one go, at first and at most: a call of the cipher costs as much as some thirty blocks. */
const FIRST_AHEAD = 2
const MOST_AHEAD = 32

/** Fills it with random bytes. */
export type FillRandom = (bytes: Uint8Array) => void

/**
 * Gives ids of 38 letters, each once, made a few ahead for each key.
 *
 * A key is known again as the same object only; what was made ahead goes with it.
 */
export class DisclosureIds {
  readonly #ahead = new WeakMap<Uint8Array, Ahead>()
  readonly #fillRandom: FillRandom

  constructor (fillRandom: FillRandom = bytes => { randomFillSync(bytes) }) {
    this.#fillRandom = fillRandom
  }

  next (accountKey: Uint8Array): string {
    let ahead = this.#ahead.get(accountKey)
    if (ahead === undefined) this.#ahead.set(accountKey, ahead = { ids: [], count: FIRST_AHEAD })
    if (ahead.ids.length === 0) {
      ahead.ids = makeIds(ahead.count, accountKey, this.#fillRandom)
      ahead.count = Math.min(2 * ahead.count, MOST_AHEAD)
    }
    return ahead.ids.pop()!
  }
}

interface Ahead {
  ids: string[]
  /** To be made the next time: an account that reports often needs more. */
  count: number
}

/** Tells whether an id was made under this key. Another's passes once in 2^63. */
export function idsUnder (accountKey: Uint8Array): (id: string) => boolean {
  const [key, keyBefore] = [blockKey(accountKey), hmac(accountKey, 'disclosure-id')]
  return id => {
    const bytes = bytesOfLetters(id, RANDOM_BYTES + TAG_BYTES)
    if (bytes === undefined) return false
    const [random, tag] = [bytes.subarray(0, RANDOM_BYTES), bytes.subarray(RANDOM_BYTES)]
    const block = Buffer.concat([random, Buffer.alloc(BLOCK_BYTES - RANDOM_BYTES)])
    return tag.equals(encrypted(block, key).subarray(0, TAG_BYTES)) || tag.equals(hmac(keyBefore, random).subarray(0, TAG_BYTES))
  }
}

function makeIds (count: number, accountKey: Uint8Array, fillRandom: FillRandom): string[] {
  const blocks = randomBlocks(count, fillRandom)
  const tags = encrypted(blocks, blockKey(accountKey))
  return Array.from({ length: count }, (_, i) => {
    const at = i * BLOCK_BYTES
    return lettersOf(Buffer.concat([blocks.subarray(at, at + RANDOM_BYTES), tags.subarray(at, at + TAG_BYTES)]))
  })
}

function randomBlocks (count: number, fillRandom: FillRandom): Buffer {
  const blocks = Buffer.alloc(count * BLOCK_BYTES)
  fillRandom(blocks)
  for (let at = 0; at < blocks.length; at += BLOCK_BYTES) blocks.fill(0, at + RANDOM_BYTES, at + BLOCK_BYTES)
  return blocks
}

/** Each block by itself; all of them differ. */
function encrypted (blocks: Uint8Array, key: Uint8Array): Buffer {
  return createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(blocks)
}

function blockKey (accountKey: Uint8Array): Buffer {
  return hmac(accountKey, 'disclosure-id block')
}

function hmac (key: Uint8Array, of: Uint8Array | string): Buffer {
  return createHmac('sha256', key).update(of).digest()
}
