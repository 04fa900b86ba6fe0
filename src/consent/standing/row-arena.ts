/**
 * Room for rows of some words each, in chunks that never move.
 *
 * A place is the row's first word, counted over all chunks; 0 is no place. Freed rows are used again for rows of the same
 * size, so memory follows the most that were held at once.
 */

const CHUNK_BITS = 18
const CHUNK_WORDS = 2 ** CHUNK_BITS

export interface Chunk {
  readonly words: Uint32Array
  readonly bytes: Uint8Array
}

export class RowArena {
  readonly #chunks: Chunk[] = []
  readonly #free = new Map<number, number[]>()
  /** The first word of the first chunk is left out: no row has place 0. */
  #next = 1

  get bytes (): number {
    return this.#chunks.length * CHUNK_WORDS * 4
  }

  /** A row of so many words, all of them for the caller to write. */
  take (words: number): number {
    const freed = this.#free.get(words)?.pop()
    if (freed !== undefined) return freed
    if ((this.#next + words - 1) >>> CHUNK_BITS > this.#next >>> CHUNK_BITS) this.#next = ((this.#next >>> CHUNK_BITS) + 1) * CHUNK_WORDS
    const place = this.#next
    this.#next += words
    while (this.#chunks.length <= place >>> CHUNK_BITS) this.#chunks.push(newChunk())
    return place
  }

  /** The row may be taken again; nothing of it is left to be read. */
  release (place: number, words: number): void {
    const start = this.wordIn(place)
    this.chunk(place).words.fill(0, start, start + words)
    const freed = this.#free.get(words)
    if (freed === undefined) this.#free.set(words, [place])
    else freed.push(place)
  }

  chunk (place: number): Chunk {
    return this.#chunks[place >>> CHUNK_BITS] as Chunk
  }

  /** Where a place lies in its chunk, in words. */
  wordIn (place: number): number {
    return place & (CHUNK_WORDS - 1)
  }
}

function newChunk (): Chunk {
  const words = new Uint32Array(CHUNK_WORDS)
  return { words, bytes: new Uint8Array(words.buffer) }
}
