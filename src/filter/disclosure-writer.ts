/** Writes what leaves, bytes to bytes: the report's own shape, containers left empty gone, the envelope around it. */

import type { DisclosedField } from '../model/disclosure.js'
import { copyWords, newWindow } from '../guard/words.js'
import type { TapeJudge } from './judge-tape.js'
import { COPIED, COUNTED, type Outcome } from './outcome.js'
import type { RecipientPlan } from './recipient-plan.js'
import { ARRAY, CLOSE, NUMBERS, OBJECT, TEXT } from './tape.js'
import { LONGEST_WALK, type Walk } from './walk.js'

const COMMA = 0x2c
const COLON = 0x3a
const MINUS = 0x2d
const ROOM = 2 * LONGEST_WALK
/** What one value may take at most; a longer one goes the long way. */
const LARGEST_VALUE = LONGEST_WALK
const MOST_DEPTH = 80
const HEAD = Buffer.from('{"id":"')
const DEVICE = Buffer.from(',"device":')
const TIME = Buffer.from(',"time":')
const DATA = Buffer.from(',"data":')
/** Longer spans are copied four bytes at a time, and still longer ones by the platform. */
const LONGEST_LOOP = 12
const LONGEST_WORDS = 256
/** Longer parts are copied by the platform: nothing has to be made for that. */
const LONGEST_PART = 24

export type Written = 'written' | 'nothing' | 'too-much'

export class DisclosureWriter {
  readonly window = newWindow(ROOM + LARGEST_VALUE)
  length = 0
  readonly #bytes = this.window.bytes
  readonly #walk: Walk
  readonly #judge: TapeJudge
  readonly #froms = new Int32Array(MOST_DEPTH)
  readonly #members = new Int32Array(MOST_DEPTH)
  readonly #listed: Int32Array
  /** Fields that leave, each once, by their index. */
  readonly #order: Int32Array
  #count = 0
  #turn = 0

  constructor (walk: Walk, judge: TapeJudge, mostFields: number) {
    this.#walk = walk
    this.#judge = judge
    this.#listed = new Int32Array(mostFields)
    this.#order = new Int32Array(mostFields)
  }

  /** `nothing`: no field of the data is left. */
  write (plan: RecipientPlan, id: string, device: Uint8Array | undefined, time: Uint8Array | undefined): Written {
    const bytes = this.#bytes
    this.length = this.#count = 0
    this.#turn++
    this.#put(HEAD)
    for (let i = 0; i < id.length; i++) bytes[this.length++] = id.charCodeAt(i)
    this.#put(plan.afterId)
    if (device !== undefined) {
      if (device.length > 1024) return 'too-much'
      this.#put(DEVICE)
      this.#put(device)
    }
    if (time !== undefined) {
      this.#put(TIME)
      this.#put(time)
    }
    this.#put(DATA)
    const outcome = this.#data(plan)
    if (outcome === 'written') this.#put(plan.afterData)
    return outcome
  }

  /** Those that left, each once, as the private header keeps them. */
  fieldsOf (plan: RecipientPlan, hasDevice: boolean, hasTime: boolean): readonly DisclosedField[] {
    const { lastFields, actions } = plan
    if (this.#isLast(lastFields.order, hasDevice, hasTime)) return lastFields.list
    const list: DisclosedField[] = []
    if (hasDevice && plan.deviceField !== undefined) list.push(plan.deviceField)
    if (hasTime && plan.timeField !== undefined) list.push(plan.timeField)
    for (const index of this.#order.subarray(0, this.#count)) list.push(actions[index]!.disclosed!)
    lastFields.order = [hasDevice ? 1 : 0, hasTime ? 1 : 0, ...this.#order.subarray(0, this.#count)]
    lastFields.list = list
    return list
  }

  #isLast (order: readonly number[], hasDevice: boolean, hasTime: boolean): boolean {
    if (order.length !== this.#count + 2 || order[0] !== (hasDevice ? 1 : 0) || order[1] !== (hasTime ? 1 : 0)) return false
    for (let k = 0; k < this.#count; k++) if (order[k + 2] !== this.#order[k]) return false
    return true
  }

  #data ({ actions }: RecipientPlan): Written {
    const { tape } = this.#walk
    const { outcomes, keyOutcomes } = this.#judge
    const bytes = this.#bytes
    let depth = 0
    this.#members[0] = 0
    for (let i = 0; i < tape.length; i++) {
      const kind = tape.kinds[i]!
      if (kind === CLOSE) {
        if (this.#members[depth] === 0) {
          this.length = this.#froms[depth]!
          depth--
        } else {
          bytes[this.length++] = tape.kinds[tape.closes[i]!] === OBJECT ? 0x7d : 0x5d
          this.#members[--depth]!++
        }
        continue
      }
      const node = tape.nodes[i]!
      const isContainer = kind === OBJECT || kind === ARRAY
      const outcome = isContainer ? COPIED : outcomes[i]
      const keyOutcome = keyOutcomes[i]
      if (keyOutcome === undefined) {
        // neither the key nor anything below it
        if (isContainer) i = tape.closes[i]!
        continue
      }
      if (node.keyed !== undefined && tape.keyStarts[i] !== -1) this.#list(node.keyed.index, actions[node.keyed.index]!.disclosed)
      if (outcome === undefined) continue
      if (this.length > ROOM) return 'too-much'
      const from = this.length
      if (this.#members[depth] !== 0) bytes[this.length++] = COMMA
      if (tape.keyStarts[i] !== -1) this.#key(i, keyOutcome)
      if (isContainer) {
        if (depth + 1 >= MOST_DEPTH) return 'too-much'
        depth++
        this.#froms[depth] = from
        this.#members[depth] = 0
        bytes[this.length++] = kind === OBJECT ? 0x7b : 0x5b
        continue
      }
      this.#list(node.index, actions[node.index]!.disclosed)
      if (kind === NUMBERS) {
        this.#members[depth]! += tape.endItems[i]! - tape.firstItems[i]!
        if (!this.#items(i, outcome)) return 'too-much'
        continue
      }
      this.#members[depth]!++
      if (outcome === COPIED) {
        if (kind === TEXT) this.#copy(tape.starts[i]! - 1, tape.ends[i]! + 1)
        else this.#copy(tape.starts[i]!, tape.ends[i]!)
      } else if (outcome === COUNTED) {
        this.#number(this.#judge.numbers[i]!)
      } else {
        if (outcome.bytes.length > LARGEST_VALUE) return 'too-much'
        this.#put(outcome.bytes)
      }
    }
    return this.#members[0] === 0 ? 'nothing' : 'written'
  }

  /** All items of an array. */
  #items (i: number, outcome: Outcome): boolean {
    const { tape } = this.#walk
    if (outcome === COPIED) {
      this.#copy(tape.starts[i]!, tape.ends[i]!)
      return true
    }
    const first = tape.firstItems[i]!
    for (let k = first; k < tape.endItems[i]!; k++) {
      if (this.length > ROOM) return false
      if (k > first) this.#bytes[this.length++] = COMMA
      const item = outcome === COUNTED ? COUNTED : this.#judge.itemOutcomes[k]!
      if (item === COUNTED) this.#number(this.#judge.items[k]!)
      else this.#put(item.bytes)
    }
    return true
  }

  #key (i: number, outcome: Outcome): void {
    const { tape } = this.#walk
    if (outcome === COPIED) this.#copy(tape.keyStarts[i]! - 1, tape.keyEnds[i]! + 1)
    else this.#put(outcome.bytes)
    this.#bytes[this.length++] = COLON
  }

  #list (index: number, field: DisclosedField | undefined): void {
    if (this.#listed[index] === this.#turn || field === undefined) return
    this.#listed[index] = this.#turn
    this.#order[this.#count++] = index
  }

  /** A whole number of at most fifteen digits. */
  #number (value: number): void {
    const bytes = this.#bytes
    if (value >= 0 && value < 10) {
      bytes[this.length++] = 0x30 + value
      return
    }
    let rest = value
    if (rest < 0) {
      bytes[this.length++] = MINUS
      rest = -rest
    }
    let digits = 1
    for (let power = 10; power <= rest; power *= 10) digits++
    const end = this.length + digits
    for (let i = end - 1; i >= this.length; i--) {
      const next = Math.floor(rest / 10)
      bytes[i] = 0x30 + rest - next * 10
      rest = next
    }
    this.length = end
  }

  #put (part: Uint8Array): void {
    const bytes = this.#bytes
    const { length } = part
    const at = this.length
    if (length > LONGEST_PART) bytes.set(part, at)
    else for (let i = 0; i < length; i++) bytes[at + i] = part[i]!
    this.length = at + length
  }

  /** Of the walked bytes. */
  #copy (start: number, end: number): void {
    const { window } = this.#walk
    const bytes = this.#bytes
    const from = window.bytes
    const at = this.length
    const length = end - start
    if (length > LONGEST_WORDS) bytes.set(from.subarray(start, end), at)
    else if (length > LONGEST_LOOP) copyWords(window.view, start, this.window.view, at, length)
    else for (let i = 0; i < length; i++) bytes[at + i] = from[start + i]!
    this.length = at + length
  }
}
