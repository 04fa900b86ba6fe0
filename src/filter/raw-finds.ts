/** What one report tells of addresses while it is walked: those found, in what could be a known address of anybody. */

import { LevelMemory } from '../guard/level-memory.js'
import { isNobody, plainIpv4, plainMac } from '../guard/plain-address.js'
import { OwnCollector, ownOf, type OwnPart } from '../guard/own-addresses.js'
import type { TextFacts } from '../guard/text-memory.js'
import type { FieldNode } from './field-node.js'
import { QUOTE } from './json-bytes.js'
import { isStillInBase64, keyUseOf, rawUseOf } from './raw-use.js'

/** Lengths of the spellings of a MAC. */
const BARE = 12
const PAIRED = 17

export class RawFinds {
  readonly own = new OwnCollector()
  /** Extra work taken, see guard/views.ts. */
  extra = 0
  readonly #stillInBase64 = new LevelMemory((bytes, start, end) => isStillInBase64(bytes, start, end) ? 1 : 0)

  clear (): void {
    this.own.clear()
    this.extra = 0
  }

  forget (): void {
    this.#stillInBase64.forget()
  }

  /** Where a closed text ends that is a MAC in a usual spelling, which it takes; `start` for any other. */
  closedEnd (bytes: Uint8Array, { field }: FieldNode, start: number): number {
    if (field?.encoding !== undefined) return start
    const end = bytes[start + BARE] === QUOTE ? start + BARE : bytes[start + PAIRED] === QUOTE ? start + PAIRED : start
    const mac = end === start ? -1 : plainMac(bytes, start, end)
    if (mac < 0) return start
    if (!isNobody(mac)) this.own.macs.push(mac)
    return end
  }

  /** A closed text in a usual spelling, a name in base64: known without its having to be remembered. */
  takePlain (bytes: Uint8Array, view: DataView, node: FieldNode, start: number, end: number): boolean {
    if (node.rawKind !== 'closed') return node.rawKind === 'base64' && this.#stillInBase64.at(bytes, view, start, end, 0) === 1
    if (node.field?.encoding !== undefined) return false
    const mac = plainMac(bytes, start, end)
    if (mac >= 0) {
      if (!isNobody(mac)) this.own.macs.push(mac)
      return true
    }
    const ipv4 = plainIpv4(bytes, start, end)
    if (ipv4 >= 0) this.own.ipv4s.push(ipv4)
    return ipv4 >= 0
  }

  /** A text as its field reads it; false where not all addresses could be found, as of the next. */
  takeAsField (facts: TextFacts, node: FieldNode): boolean {
    return this.#take(rawUseOf(facts, node.field!))
  }

  /** A text as it stands. */
  take (facts: TextFacts): boolean {
    return this.#take(facts.raw)
  }

  /** A key that is a classified value. */
  takeKey (facts: TextFacts, { keyed }: FieldNode): void {
    this.own.add(ownOf(keyUseOf(facts, keyed!)))
  }

  #take ({ own, extra, isTooMuch }: { readonly own: OwnPart, readonly extra: number, readonly isTooMuch: boolean }): boolean {
    this.extra += extra
    this.own.add(own)
    return !isTooMuch
  }
}
