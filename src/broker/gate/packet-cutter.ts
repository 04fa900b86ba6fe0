/**
 * Cuts the stream of a client into whole packets, however it comes in pieces, and holds what is not handed on yet.
 *
 *     fixed header:  [type and flags: 1 byte][remaining length: 1–4 bytes, 7 bits each, low first]   MQTT 3.1.1, section 2.2
 *
 *     bytes:  [ taken ][ accepted ][ next packet … ][ … ]
 *                      ^ taken     ^ start          ^ packetEnd    ^ end
 *
 * A packet that is too large is known by its header, before it is collected. Room grows by doubling, and never beyond the
 * packet: a length that is only announced takes no memory.
 */

import type { GateReason } from './gate-reason.js'
import { CONNECT } from './packet-type.js'

export interface PacketLimits {
  readonly maxPacketBytes: number
  readonly maxConnectBytes: number
}

const NOTHING: Buffer = Buffer.alloc(0)
const LEAST_ROOM = 64
const MAX_LENGTH_BYTES = 4

export class PacketCutter {
  readonly #limits: PacketLimits
  #bytes = NOTHING
  /** False where `#bytes` came from the socket, which may look at it again. */
  #own = false
  #taken = 0
  #start = 0
  #end = 0
  /** Of the packet at `#start`; 0 while its header is not complete. */
  #packetEnd = 0
  #body = 0

  constructor (limits: PacketLimits) {
    this.#limits = limits
  }

  /** First byte, start of the body and end of the packet that `peek` found, as offsets into `bytes`. */
  get first (): number { return this.#bytes[this.#start] ?? 0 }
  get body (): number { return this.#body }
  get packetEnd (): number { return this.#packetEnd }
  get packetBytes (): number { return this.#packetEnd - this.#start }
  get bytes (): Buffer { return this.#bytes }

  /** Bytes that wait for acceptance. */
  get waitingBytes (): number { return this.#end - this.#start }

  /** Memory that is held for them. */
  get heldBytes (): number { return this.#end > this.#start ? this.#bytes.length : 0 }

  /** What was accepted must have been taken. */
  feed (chunk: Buffer): void {
    const left = this.waitingBytes
    if (left === 0) this.#hold(chunk, chunk.length, false)
    else if (this.#own && this.#bytes.length - this.#end >= chunk.length) this.#end += chunk.copy(this.#bytes, this.#end)
    else this.#move(left + chunk.length, chunk)
  }

  /** True where the next packet is whole, false where more has to come, or why the stream must be closed. */
  peek (): boolean | GateReason {
    if (this.#packetEnd === 0) {
      const reason = this.#readHeader()
      if (reason !== undefined) return reason
    }
    return this.#packetEnd > 0 && this.#packetEnd <= this.#end
  }

  /** Goes on to the packet behind the one that `peek` found whole. */
  accept (): void {
    this.#start = this.#packetEnd
    this.#packetEnd = 0
  }

  /** Goes past the packet that `peek` found whole: somebody else has taken it. Nothing accepted may wait to be taken. */
  skip (): void {
    this.accept()
    this.#taken = this.#start
  }

  /** Packets were accepted, and not taken yet. */
  get hasAccepted (): boolean { return this.#start > this.#taken }

  /** All that was accepted since the last time, as one piece; undefined where nothing was. */
  take (): Buffer | undefined {
    const taken = this.#start > this.#taken ? this.#bytes.subarray(this.#taken, this.#start) : undefined
    this.#taken = this.#start
    const left = this.waitingBytes
    if (left === 0) this.#hold(NOTHING, 0, true)
    // a short rest must not hold the whole of a long chunk
    else if (this.#bytes.length > 2 * left + LEAST_ROOM) this.#move(left, NOTHING)
    return taken
  }

  /** Forgets everything. */
  clear (): void {
    this.#hold(NOTHING, 0, true)
  }

  #hold (bytes: Buffer, end: number, own: boolean): void {
    this.#bytes = bytes
    this.#own = own
    this.#taken = this.#start = this.#packetEnd = 0
    this.#end = end
  }

  /** What waits, and a chunk behind it, in memory of its own. */
  #move (needed: number, chunk: Buffer): void {
    const packetBytes = this.#packetEnd === 0 ? 0 : this.#packetEnd - this.#start
    // `allocUnsafe` would cut it out of a block that others keep alive
    const moved = Buffer.allocUnsafeSlow(Math.max(LEAST_ROOM, needed, Math.min(2 * needed, packetBytes)))
    const left = this.#bytes.copy(moved, 0, this.#start, this.#end)
    if (this.#packetEnd > 0) {
      this.#packetEnd -= this.#start
      this.#body -= this.#start
    }
    this.#bytes = moved
    this.#own = true
    this.#taken = this.#start = 0
    this.#end = left + chunk.copy(moved, left)
  }

  /** Sets `#packetEnd` and `#body` once the fixed header is complete. */
  #readHeader (): GateReason | undefined {
    const lengthAt = this.#start + 1
    let length = 0
    for (let i = 0; i < MAX_LENGTH_BYTES && lengthAt + i < this.#end; i++) {
      const byte = this.#bytes.readUInt8(lengthAt + i)
      length += (byte & 0x7f) * 2 ** (7 * i)
      if (length > this.#maxBytes()) return 'packet-too-large'
      if ((byte & 0x80) === 0) {
        this.#body = lengthAt + i + 1
        this.#packetEnd = this.#body + length
        return
      }
      if (i === MAX_LENGTH_BYTES - 1) return 'malformed-packet'
    }
  }

  #maxBytes (): number {
    const { maxPacketBytes, maxConnectBytes } = this.#limits
    return this.first >> 4 === CONNECT ? Math.min(maxConnectBytes, maxPacketBytes) : maxPacketBytes
  }
}
