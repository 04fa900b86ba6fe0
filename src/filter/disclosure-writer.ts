/** Writes what leaves, bytes to bytes: the report's own shape, containers left empty gone, the envelope around it. */

import type { DisclosedField } from '../model/disclosure.js'
import { COPIED, COUNTED, type TapeJudge } from './judge-tape.js'
import type { Outcome } from './outcome.js'
import type { RecipientPlan } from './recipient-plan.js'
import { ARRAY, CLOSE, OBJECT, TEXT } from './tape.js'
import { LONGEST_WALK, type Walk } from './walk.js'

const COMMA = 0x2c
const COLON = 0x3a
const MINUS = 0x2d
const QUOTE = 0x22
const ROOM = 2 * LONGEST_WALK
/** What one value may take at most; a longer one goes the long way. */
const LARGEST_VALUE = LONGEST_WALK
const MOST_DEPTH = 80
const HEAD = Buffer.from('{"id":"')
const DEVICE = Buffer.from(',"device":')
const TIME = Buffer.from(',"time":')
const DATA = Buffer.from(',"data":')
/** Longer ones are copied by the platform. */
const LONGEST_LOOP = 48

export type Written = 'written' | 'nothing' | 'too-much'

export class DisclosureWriter {
  readonly bytes: Uint8Array = new Uint8Array(ROOM + LARGEST_VALUE)
  length = 0
  /** Those that leave, each once, as the private header keeps them. */
  fields: DisclosedField[] = []
  readonly #walk: Walk
  readonly #judge: TapeJudge
  readonly #froms = new Int32Array(MOST_DEPTH)
  readonly #members = new Int32Array(MOST_DEPTH)
  readonly #listed: Int32Array
  #turn = 0

  constructor (walk: Walk, judge: TapeJudge, mostFields: number) {
    this.#walk = walk
    this.#judge = judge
    this.#listed = new Int32Array(mostFields)
  }

  /** `nothing`: no field of the data is left. */
  write (plan: RecipientPlan, id: string, device: Uint8Array | undefined, time: Uint8Array | undefined): Written {
    this.length = 0
    this.fields = []
    this.#turn++
    this.#put(HEAD)
    for (let i = 0; i < id.length; i++) this.bytes[this.length++] = id.charCodeAt(i)
    this.#put(plan.afterId)
    if (device !== undefined) {
      if (device.length > 1024) return 'too-much'
      this.#put(DEVICE)
      this.#put(device)
      if (plan.deviceField !== undefined) this.fields.push(plan.deviceField)
    }
    if (time !== undefined) {
      this.#put(TIME)
      this.#put(time)
      if (plan.timeField !== undefined) this.fields.push(plan.timeField)
    }
    this.#put(DATA)
    const outcome = this.#data(plan)
    if (outcome === 'written') this.#put(plan.afterData)
    return outcome
  }

  #data ({ actions }: RecipientPlan): Written {
    const { tape, bytes: source } = this.#walk
    const { outcomes, keyOutcomes } = this.#judge
    const { bytes } = this
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
      this.#members[depth]!++
      this.#list(node.index, actions[node.index]!.disclosed)
      if (outcome === COPIED) {
        if (kind === TEXT) this.#copy(source, tape.starts[i]! - 1, tape.ends[i]! + 1)
        else this.#copy(source, tape.starts[i]!, tape.ends[i]!)
      } else if (outcome === COUNTED) {
        this.#number(this.#judge.numbers[i]!)
      } else {
        if (outcome.bytes.length > LARGEST_VALUE) return 'too-much'
        this.#put(outcome.bytes)
      }
    }
    return this.#members[0] === 0 ? 'nothing' : 'written'
  }

  #key (i: number, outcome: Outcome): void {
    const { tape, bytes: source } = this.#walk
    if (outcome === COPIED) {
      this.bytes[this.length++] = QUOTE
      this.#copy(source, tape.keyStarts[i]!, tape.keyEnds[i]! + 1)
    } else {
      this.#put(outcome.bytes)
    }
    this.bytes[this.length++] = COLON
  }

  #list (index: number, field: DisclosedField | undefined): void {
    if (this.#listed[index] === this.#turn || field === undefined) return
    this.#listed[index] = this.#turn
    this.fields.push(field)
  }

  /** A whole number of at most fifteen digits. */
  #number (value: number): void {
    const { bytes } = this
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
    this.#copy(part, 0, part.length)
  }

  #copy (from: Uint8Array, start: number, end: number): void {
    const { bytes } = this
    let at = this.length
    if (end - start > LONGEST_LOOP) {
      bytes.set(from.subarray(start, end), at)
      this.length = at + end - start
      return
    }
    for (let i = start; i < end; i++) bytes[at++] = from[i]!
    this.length = at
  }
}
