/**
 * Where a report's walk stands: a place of the report type's paths, and the path as it may be shown.
 *
 * Grows with the keys that are met: those that the report type or the name dictionary knows get a node of their own, all
 * others share one. So the number of nodes follows from the configuration, and is bounded beside.
 */

import { guessRawKind, type RawKind } from './raw-use.js'
import { isOwnFirmware, shownPath } from '../classify/walk.js'
import { MAYBE } from '../guard/prescreen.js'
import type { TextMemory } from '../guard/text-memory.js'
import { hashOf, lastMask, windowOf } from '../guard/words.js'
import type { CompiledField, PathNode } from '../model/policy.js'
import type { ShownPath } from '../model/report.js'

const SLOTS = 64
const QUOTE = 0x22
const NO_WORDS = new Int32Array(0)
const MOST_NODES = 20_000

/** Shared by the nodes of one report type. */
export interface Growth {
  readonly dictionary: ReadonlySet<string>
  readonly memory: TextMemory
  nodes: number
}

export class FieldNode {
  readonly path: PathNode | undefined
  readonly field: CompiledField | undefined
  /** Index of the field, -1 where there is none. */
  readonly index: number
  readonly rawKind: RawKind
  readonly shown: ShownPath
  /** The key is itself a classified value. */
  readonly keyed: CompiledField | undefined
  /** Of the key; 0 where the node stands for many keys. */
  readonly keyLength: number
  readonly isShared: boolean
  readonly isDeviceId: boolean
  readonly isFirmware: boolean
  /** The object in which the key was last seen, by the count of a walk. */
  seenIn = 0
  /** The member that was first in the object at this place when last seen, and the one that followed this one. */
  first: FieldNode | undefined
  follower: FieldNode | undefined
  /** The key and the quote that ends it, four bytes each. */
  readonly #words: Int32Array
  readonly #lastMask: number
  readonly #growth: Growth
  readonly #slots: (FieldNode | undefined)[] = new Array<FieldNode | undefined>(SLOTS)
  #next: FieldNode | undefined
  #shared: FieldNode | undefined
  #element: FieldNode | undefined

  constructor (growth: Growth, path: PathNode | undefined, shown: ShownPath, key?: Uint8Array, keyed?: CompiledField) {
    growth.nodes++
    this.#growth = growth
    this.path = path
    this.field = path?.field
    this.index = path?.field?.index ?? -1
    this.rawKind = guessRawKind(path?.field)
    this.shown = shown
    this.keyLength = key?.length ?? 0
    this.#words = key === undefined ? NO_WORDS : wordsOf(key)
    this.#lastMask = lastMask(this.keyLength + 1)
    this.isShared = key === undefined
    this.keyed = keyed
    this.isFirmware = isOwnFirmware(path?.field)
    this.isDeviceId = path?.field?.category.name === 'device.id'
  }

  /** Does the key stand at that place, and end there? Never where the node stands for many. */
  isAt (view: DataView, at: number): boolean {
    const words = this.#words
    const last = words.length - 1
    if (last < 0) return false
    for (let k = 0; k < last; k++) if (view.getInt32(at + 4 * k, true) !== words[k]) return false
    return (view.getInt32(at + 4 * last, true) & this.#lastMask) === words[last]
  }

  /** The place of a member, whose key has no escape; undefined where the key needs a closer look than this. */
  member (bytes: Uint8Array, view: DataView, start: number, end: number): FieldNode | undefined {
    const slot = hashOf(view, start, end - start) & (SLOTS - 1)
    for (let node = this.#slots[slot]; node !== undefined; node = node.#next) {
      if (node.keyLength === end - start && node.isAt(view, start)) return node
    }
    return this.#newMember(bytes, start, end, slot)
  }

  /** The place of every item. */
  get element (): FieldNode {
    this.#element ??= new FieldNode(this.#growth, this.path?.element, `${this.shown}[]`)
    return this.#element
  }

  #newMember (bytes: Uint8Array, start: number, end: number, slot: number): FieldNode | undefined {
    const { dictionary, memory, nodes } = this.#growth
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    const exact = this.path?.exact.get(key)
    const keyed = exact === undefined ? this.path?.keyed : undefined
    const path = exact ?? (keyed === undefined ? this.path?.any : keyed.next)
    if (exact === undefined && !dictionary.has(key)) {
      this.#shared ??= new FieldNode(this.#growth, path, shownPath(this.shown, key, dictionary), undefined, keyed?.key)
      return this.#shared
    }
    if (nodes >= MOST_NODES || memory.ofText(key).level === MAYBE) return undefined
    const node = new FieldNode(this.#growth, path, shownPath(this.shown, key, dictionary), bytes.slice(start, end), keyed?.key)
    node.#next = this.#slots[slot]
    this.#slots[slot] = node
    return node
  }
}

function wordsOf (key: Uint8Array): Int32Array {
  const { view } = windowOf(Buffer.concat([key, Buffer.from([QUOTE])]))
  return Int32Array.from({ length: (key.length + 4) >> 2 }, (_, k) => view.getInt32(4 * k, true))
}
