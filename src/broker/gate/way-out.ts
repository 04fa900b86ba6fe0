/**
 * What waits to be sent to one socket: the broker never waits for it, so a subscriber that does not read holds up nobody.
 *
 *     [ block being sent, ≤ 64 KiB a piece ][ block ][ block, filled in part ]
 *
 * What waits is copied into blocks of its own: thousands of small writes, or a slice that keeps a large buffer alive, would
 * hold many times the memory that they count.
 */

import type { Duplex } from 'node:stream'

/** Progress shows after each piece. */
const MAX_PIECE_BYTES = 64 * 1024
const LEAST_BLOCK_BYTES = 1024

export class WayOut {
  readonly #socket: Duplex
  readonly #onSent: () => void
  readonly #blocks: Buffer[] = []
  /** In the first block. */
  #from = 0
  /** In the last block. */
  #to = 0
  #sendingBytes = 0
  #waitingBytes = 0
  /** When the last piece had left, or the first began to wait, on the clock of `performance.now`. */
  progressMs = 0

  /** `onSent` is called after each piece that has left. */
  constructor (socket: Duplex, onSent: () => void) {
    this.#socket = socket
    this.#onSent = onSent
  }

  get unsentBytes (): number {
    return this.#sendingBytes + this.#waitingBytes
  }

  write (bytes: Buffer): void {
    if (bytes.length === 0 || !this.#socket.writable) return
    const idle = this.unsentBytes === 0
    this.#waitingBytes += bytes.length
    if (idle) {
      this.progressMs = performance.now()
      this.#blocks.push(bytes)
      this.#to = bytes.length
      this.#send()
    } else {
      this.#store(bytes)
    }
  }

  /** Gives up what waits. */
  clear (): void {
    this.#blocks.length = this.#from = this.#sendingBytes = this.#waitingBytes = 0
  }

  #store (bytes: Buffer): void {
    const last = this.#blocks.at(-1)
    const fitted = last === undefined ? 0 : bytes.copy(last, this.#to)
    this.#to += fitted
    const rest = bytes.length - fitted
    if (rest === 0) return
    const block = Buffer.allocUnsafeSlow(Math.max(rest, Math.min(MAX_PIECE_BYTES, Math.max(LEAST_BLOCK_BYTES, this.#waitingBytes))))
    this.#to = bytes.copy(block, 0, fitted)
    this.#blocks.push(block)
  }

  #send (): void {
    const [block] = this.#blocks
    if (block === undefined) return
    const end = this.#blocks.length === 1 ? this.#to : block.length
    const piece = block.subarray(this.#from, Math.min(end, this.#from + MAX_PIECE_BYTES))
    this.#from += piece.length
    if (this.#from === end) {
      this.#blocks.shift()
      this.#from = 0
    }
    this.#waitingBytes -= piece.length
    this.#sendingBytes = piece.length
    this.#socket.write(piece, this.#sent)
  }

  readonly #sent = (error?: Error | null): void => {
    if (error != null) return
    this.#sendingBytes = 0
    this.progressMs = performance.now()
    this.#send()
    this.#onSent()
  }
}
