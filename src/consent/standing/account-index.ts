/**
 * Account id → the place of its row: open addressing, in parts that grow one by one, so that none holds the others up.
 *
 * Hashes tell where to look; what answers is the whole id, which stands in the row.
 */

const PARTS = 64
const PART_SHIFT = 26
const LEAST_SLOTS = 16

/** The row at a place, as the index has to know it. */
export interface IndexedRows {
  hasId (place: number, account: string): boolean
  hashAt (place: number): number
}

export class AccountIndex {
  readonly #rows: IndexedRows
  readonly #slots = Array.from({ length: PARTS }, () => new Uint32Array(LEAST_SLOTS))
  readonly #used = new Uint32Array(PARTS)

  constructor (rows: IndexedRows) {
    this.#rows = rows
  }

  get bytes (): number {
    return this.#slots.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** 0 where there is none. */
  find (account: string, hash: number): number {
    const slots = this.#slots[hash >>> PART_SHIFT] as Uint32Array
    const mask = slots.length - 1
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const place = slots[i] as number
      if (place === 0 || this.#rows.hasId(place, account)) return place
    }
  }

  /** The id must not be there yet. */
  add (place: number, hash: number): void {
    const part = hash >>> PART_SHIFT
    const used = (this.#used[part] as number) + 1
    this.#used[part] = used
    if (used * 2 > (this.#slots[part] as Uint32Array).length) this.#grow(part)
    insert(this.#slots[part] as Uint32Array, place, hash)
  }

  /** Those behind it that would not be found over the gap move up. */
  remove (place: number, hash: number): void {
    const part = hash >>> PART_SHIFT
    const slots = this.#slots[part] as Uint32Array
    const mask = slots.length - 1
    let gap = hash & mask
    while (slots[gap] !== place) gap = (gap + 1) & mask
    this.#used[part] = (this.#used[part] as number) - 1
    for (let i = (gap + 1) & mask; slots[i] !== 0; i = (i + 1) & mask) {
      const home = this.#rows.hashAt(slots[i] as number) & mask
      if (((i - home) & mask) < ((i - gap) & mask)) continue
      slots[gap] = slots[i] as number
      gap = i
    }
    slots[gap] = 0
  }

  #grow (part: number): void {
    const before = this.#slots[part] as Uint32Array
    const slots = new Uint32Array(before.length * 2)
    for (const place of before) if (place !== 0) insert(slots, place, this.#rows.hashAt(place))
    this.#slots[part] = slots
  }
}

function insert (slots: Uint32Array, place: number, hash: number): void {
  const mask = slots.length - 1
  let i = hash & mask
  while (slots[i] !== 0) i = (i + 1) & mask
  slots[i] = place
}
