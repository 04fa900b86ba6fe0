/** An address, spelled and encoded as the first bytes of an input say, to be planted in what the other bytes say. */

import { ENCODINGS, IPV4_SPELLINGS, IPV6_SPELLINGS, MAC_SPELLINGS } from '../../guard/spellings.js'

/** `[kind][spelling][encoding][place][address: 16]` */
export const HEAD_BYTES = 20

export interface Planted {
  /** As it is to stand there. */
  readonly text: string
  readonly spelling: string
  readonly encoding: string
  /** From 0 up to, not including, 1: how far into the rest. */
  readonly place: number
}

const ENCODED = Object.entries(ENCODINGS)

/** Undefined where the input is too short to say. */
export function plantedIn (input: Uint8Array): { planted: Planted, rest: Uint8Array } | undefined {
  if (input.length < HEAD_BYTES) return undefined
  const [kind = 0, spelling = 0, encoding = 0, place = 0] = input
  const [family, spellings, bytes] = addressOf(kind, [...input.subarray(4, HEAD_BYTES)])
  const [name, spell] = Object.entries(spellings)[spelling % Object.keys(spellings).length]!
  // most of them plain: what is encoded is a text of its own to the finder
  const [encodingName, encode] = ENCODED[encoding >= 128 ? 0 : encoding % ENCODED.length]!
  const planted = { text: encode(spell(bytes)), spelling: `${family} ${name}`, encoding: encodingName, place: place / 256 }
  return { planted, rest: input.subarray(HEAD_BYTES) }
}

function addressOf (kind: number, bytes: number[]): readonly [string, Record<string, (bytes: readonly number[]) => string>, number[]] {
  // letters among the digits, as in nearly every MAC; a prefix that is routed, for IPv6
  if (kind % 3 === 0) return ['MAC', MAC_SPELLINGS, [0xa0 | bytes[0]! & 0x0f, ...bytes.slice(1, 6)]]
  if (kind % 3 === 1) return ['IPv4', IPV4_SPELLINGS, bytes.slice(0, 4)]
  return ['IPv6', IPV6_SPELLINGS, [0x20, 0x01, ...bytes.slice(2)]]
}
