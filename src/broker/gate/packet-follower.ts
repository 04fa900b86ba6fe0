/** Follows the packets that the broker writes through its stream, however it is cut, without holding any of it. */

export class PacketFollower {
  #state: 'type' | 'length' | 'body' = 'type'
  #type = 0
  #left = 0
  #shift = 0

  /** What was fed so far ends with a packet: another one may follow it. */
  get isBetween (): boolean { return this.#state === 'type' }

  /** Calls back for each packet that this piece ends: its type, and the last byte of its body (0 where it has none). */
  feed (chunk: Buffer, onPacket: (type: number, lastByte: number) => void): void {
    for (let i = 0; i < chunk.length;) {
      if (this.#state === 'body') {
        const step = Math.min(this.#left, chunk.length - i)
        i += step
        this.#left -= step
        if (this.#left === 0) this.#finish(chunk[i - 1] ?? 0, onPacket)
      } else if (this.#state === 'type') {
        this.#type = chunk.readUInt8(i++) >> 4
        this.#left = this.#shift = 0
        this.#state = 'length'
      } else {
        const byte = chunk.readUInt8(i++)
        this.#left += (byte & 0x7f) * 2 ** this.#shift
        this.#shift += 7
        if ((byte & 0x80) === 0) {
          this.#state = 'body'
          if (this.#left === 0) this.#finish(0, onPacket)
        }
      }
    }
  }

  #finish (lastByte: number, onPacket: (type: number, lastByte: number) => void): void {
    this.#state = 'type'
    onPacket(this.#type, lastByte)
  }
}
