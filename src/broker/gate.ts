/**
 * The gate: a duplex between socket and broker that bounds every packet before a byte of it is collected.
 *
 * aedes has no maximum packet size: sockets that have not even authenticated can make it hold any amount of memory.
 *
 *     fixed header:  [type and flags: 1 byte][remaining length: 1–4 bytes, 7 bits each, low first]   MQTT 3.1.1, section 2.2
 */

import { Duplex } from 'node:stream'

export type GateReason = 'packet-too-large' | 'malformed-packet'

const MAX_CONNECT_BYTES = 192 * 1024
const CONNECT = 1

export class Gate extends Duplex {
  readonly #socket: Duplex
  readonly #bounds: PacketBounds

  constructor (socket: Duplex, maxPacketBytes: number, onRefused: (reason: GateReason) => void) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    this.#bounds = new PacketBounds(maxPacketBytes)
    socket.on('data', (chunk: Buffer) => {
      const reason = this.#bounds.feed(chunk)
      if (reason !== undefined) {
        onRefused(reason)
        this.destroy()
      } else if (!this.push(chunk)) {
        socket.pause()
      }
    })
    socket.on('end', () => this.push(null))
    socket.on('error', () => this.destroy())
    socket.on('close', () => this.destroy())
  }

  get remoteAddress (): string | undefined {
    return (this.#socket as Duplex & { remoteAddress?: string }).remoteAddress
  }

  override _read (): void {
    this.#socket.resume()
  }

  override _write (chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, encoding, done)
  }

  override _final (done: (error?: Error | null) => void): void {
    this.#socket.end(done)
  }

  override _destroy (_error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy()
    done(null)
  }
}

/** Follows packet lengths through a byte stream, however it is cut. */
export class PacketBounds {
  readonly #maxPacketBytes: number
  #state: 'type' | 'length' | 'body' = 'type'
  #type = 0
  #length = 0
  #shift = 0
  #left = 0

  constructor (maxPacketBytes: number) {
    this.#maxPacketBytes = maxPacketBytes
  }

  /** Says why the stream must be closed, as soon as a header shows it. */
  feed (chunk: Uint8Array): GateReason | undefined {
    for (let i = 0; i < chunk.length;) {
      if (this.#state === 'body') {
        const step = Math.min(this.#left, chunk.length - i)
        this.#left -= step
        i += step
        if (this.#left === 0) this.#state = 'type'
        continue
      }
      const reason = this.#header(chunk[i++] ?? 0)
      if (reason !== undefined) return reason
    }
  }

  #header (byte: number): GateReason | undefined {
    if (this.#state === 'type') {
      this.#type = byte >> 4
      this.#length = this.#shift = 0
      this.#state = 'length'
      return this.#type === 0 ? 'malformed-packet' : undefined
    }
    this.#length += (byte & 0x7f) * 2 ** this.#shift
    this.#shift += 7
    if (this.#length > (this.#type === CONNECT ? Math.min(MAX_CONNECT_BYTES, this.#maxPacketBytes) : this.#maxPacketBytes)) return 'packet-too-large'
    if ((byte & 0x80) !== 0) return this.#shift >= 28 ? 'malformed-packet' : undefined
    this.#left = this.#length
    this.#state = this.#left === 0 ? 'type' : 'body'
  }
}
