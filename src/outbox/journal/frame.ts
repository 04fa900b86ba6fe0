/**
 * A frame: what one write of the journal holds, written and read whole or not at all.
 *
 * ```
 * 0    magic        FF 'cjrnl' 01 FE: no text in UTF-8 holds these bytes, so none of a frame's can be taken for the next one's
 * 8    first        u48, number of its first record; records are counted from 1 on, over both segments and all restarts
 * 14   records      u32
 * 18   head bytes   u32
 * 22   body bytes   u32
 * 26   crc32        u32, of all the rest
 * 30   head         JSON: the records
 *      body         bytes of the disclosures appended, in the order of the records
 * ```
 * Numbers are big endian. A record of the head is one of
 * ```
 * [0, [[recipient, sequence, notBeforeMs, size, value], …], seen]   an append; value as stored-entry.ts draws it, with the
 *                                                                   length of its bytes in their place; seen is a place in a
 *                                                                   ring with its key, as redeliveries.ts draws them, or 0
 * [1, recipient, atMs, arrived 1 or 0, [sequence, …]]               what ended: it arrived, or was withheld
 * ```
 */

import { crc32 } from 'node:zlib'
import type { SeenRow } from '../redeliveries.js'

export const MAGIC = Buffer.from([0xff, 0x63, 0x6a, 0x72, 0x6e, 0x6c, 0x01, 0xfe])
export const HEADER_BYTES = 30
const CRC_AT = 26
const MAX_CHARACTER_BYTES = 3

export type EntryRow = readonly [recipient: string, sequence: number, notBeforeMs: number, size: number, value: readonly unknown[]]
export type AppendRecord = readonly [kind: 0, entries: readonly EntryRow[], seen: SeenRow | 0]
export type SettleRecord = readonly [kind: 1, recipient: string, atMs: number, arrived: 1 | 0, sequences: readonly number[]]
export type JournalRecord = AppendRecord | SettleRecord

export interface Frame {
  readonly first: number
  /** Number of its last record. */
  readonly last: number
  /** Where it begins and ends in its segment. */
  readonly at: number
  readonly end: number
  readonly head: Uint8Array
  readonly body: Uint8Array
}

/** Spells frames into one buffer, which is used again. */
export class FrameSpeller {
  #buffer = Buffer.allocUnsafeSlow(256 * 1024)

  /** Good until the next call. */
  spell (first: number, records: readonly JournalRecord[], bodies: readonly Uint8Array[]): Uint8Array {
    const text = JSON.stringify(records)
    const bodyBytes = bodies.reduce((sum, { byteLength }) => sum + byteLength, 0)
    const most = HEADER_BYTES + text.length * MAX_CHARACTER_BYTES + bodyBytes
    if (most > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(2 * most)
    const buffer = this.#buffer
    const headBytes = buffer.write(text, HEADER_BYTES)
    let end = HEADER_BYTES + headBytes
    for (const body of bodies) {
      buffer.set(body, end)
      end += body.byteLength
    }
    MAGIC.copy(buffer)
    buffer.writeUIntBE(first, 8, 6)
    buffer.writeUInt32BE(records.length, 14)
    buffer.writeUInt32BE(headBytes, 18)
    buffer.writeUInt32BE(bodyBytes, 22)
    const frame = buffer.subarray(0, end)
    buffer.writeUInt32BE(crcOf(frame), CRC_AT)
    return frame
  }
}

/** Undefined: no whole frame begins there. */
export function frameAt (segment: Buffer, at: number): Frame | undefined {
  if (at + HEADER_BYTES > segment.length || !segment.subarray(at, at + MAGIC.length).equals(MAGIC)) return undefined
  const [first, records, headBytes, bodyBytes] = [segment.readUIntBE(at + 8, 6), segment.readUInt32BE(at + 14), segment.readUInt32BE(at + 18), segment.readUInt32BE(at + 22)]
  const end = at + HEADER_BYTES + headBytes + bodyBytes
  if (end > segment.length || crcOf(segment.subarray(at, end)) !== segment.readUInt32BE(at + CRC_AT)) return undefined
  const headEnd = at + HEADER_BYTES + headBytes
  return { first, last: first + records - 1, at, end, head: segment.subarray(at + HEADER_BYTES, headEnd), body: segment.subarray(headEnd, end) }
}

export function recordsOf ({ head }: Frame): JournalRecord[] {
  return JSON.parse(Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString()) as JournalRecord[]
}

function crcOf (frame: Uint8Array): number {
  return crc32(frame.subarray(HEADER_BYTES), crc32(frame.subarray(0, CRC_AT)))
}
