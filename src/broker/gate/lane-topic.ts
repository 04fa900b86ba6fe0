/** A topic that a connection may report on, known by its bytes: no text is made of it again. */

export class LaneTopic {
  readonly topicTail: string
  /** Of every report that comes by it, the same array: it can be searched once. */
  readonly surroundings: readonly string[]
  readonly #bytes: Uint8Array

  constructor (bytes: Uint8Array, topicTail: string, surroundings: readonly string[]) {
    this.#bytes = Uint8Array.from(bytes)
    this.topicTail = topicTail
    this.surroundings = surroundings
  }

  get length (): number {
    return this.#bytes.length
  }

  /** From the end: topics of one device differ there. */
  is (bytes: Buffer, from: number, to: number): boolean {
    const own = this.#bytes
    if (to - from !== own.length) return false
    for (let i = own.length - 1; i >= 0; i--) if (own[i] !== bytes[from + i]) return false
    return true
  }
}
