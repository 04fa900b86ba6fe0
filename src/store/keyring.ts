/**
 * The generations of the gateway's secret, and the keys that follow from them (HKDF-SHA-256, RFC 5869): no two uses share
 * a key, and no two generations.
 *
 * What is kept for long notes the generation that it was made under. Pseudonyms need no note: the generation in force when
 * an epoch begins serves for the whole of it.
 */

import { hkdfSync } from 'node:crypto'

const KEY_BYTES = 32

export interface Generation {
  /** Counted up from 1; never used again. */
  readonly generation: number
  /** Epoch milliseconds; the first one has been in force ever since. */
  readonly sinceMs: number
  /** 32 bytes. */
  readonly secret: Uint8Array
}

export interface Generations {
  /** At least one, ascending. */
  readonly all: readonly Generation[]
  /** Keys that outlive every rotation, by label. */
  readonly lasting: Readonly<Record<string, Uint8Array>>
}

/** The key for one use, named by its label. */
export function deriveKey (secret: Uint8Array, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `curtilage/${label}`, KEY_BYTES))
}

/** Shared by all that derive keys, so that a rotation holds for all of them at the same moment. */
export class Keyring {
  #generations: Generations
  #derived = new Map<string, Uint8Array>()

  constructor (generations: Generations) {
    this.#generations = generations
  }

  /** Of one generation only, in force ever since. */
  static of (secret: Uint8Array): Keyring {
    return new Keyring({ all: [{ generation: 1, sinceMs: 0, secret }], lasting: {} })
  }

  get generations (): Generations {
    return this.#generations
  }

  get newest (): Generation {
    const newest = this.#generations.all.at(-1)
    if (newest === undefined) throw new TypeError('a keyring holds a generation')
    return newest
  }

  /** Numbers, the newest first. */
  get numbers (): number[] {
    return this.#generations.all.map(({ generation }) => generation).reverse()
  }

  /** The key of a generation for one use; undefined where the generation was destroyed. */
  key (label: string, generation: number): Uint8Array | undefined {
    const found = this.#generations.all.find(one => one.generation === generation)
    return found && this.#derive(found, label)
  }

  /** The key in force when something began: of the oldest generation that is left where its own is gone. */
  keyAt (label: string, epochMs: number): Uint8Array {
    return this.#derive(this.at(epochMs), label)
  }

  /** A generation serves what begins after the moment of its rotation, not what began in that very millisecond. */
  at (epochMs: number): Generation {
    return this.#generations.all.findLast(({ sinceMs }) => sinceMs < epochMs) ?? this.#generations.all[0] ?? this.newest
  }

  /** A key that no rotation changes, for what has to be found again after many of them. */
  lasting (label: string): Uint8Array {
    return this.#generations.lasting[label] ?? this.#derive(this.#generations.all[0] ?? this.newest, label)
  }

  /** Once the file holds them. */
  replace (generations: Generations): void {
    this.#generations = generations
    this.#derived = new Map()
  }

  #derive ({ generation, secret }: Generation, label: string): Uint8Array {
    const name = `${generation} ${label}`
    const known = this.#derived.get(name) ?? deriveKey(secret, label)
    this.#derived.set(name, known)
    return known
  }
}
