/** Changes of bytes that need to know nothing of their meaning. */

import type { Random } from './random.js'

/** A changed copy of `input`; `other` is one more input to take parts from. */
export type Mutator = (input: Uint8Array, other: Uint8Array, random: Random) => Uint8Array

const EDGES = [0, 1, 0x0a, 0x20, 0x22, 0x5c, 0x7f, 0x80, 0xc0, 0xe2, 0xf0, 0xfe, 0xff]
const NUMBERS = ['0', '-0', '-1', '1', '127', '128', '255', '256', '65535', '65536', '2147483647', '4294967295', '9007199254740993', '1e308', '1e-7', '1E400', '0.1', '00', '0x0']
const LONGEST_REPEAT = 512

/** The general ones, and one that writes the words of a dictionary. */
export function byteMutators (dictionary: readonly string[]): Mutator[] {
  const words = [...dictionary, ...NUMBERS].map(word => Buffer.from(word, 'latin1'))
  return [
    flipBit,
    setByte,
    removeRange,
    copyRange,
    repeatRange,
    spliceOther,
    (input, _other, random) => put(input, random.pick(words), random),
    (input, _other, random) => replaceNumber(input, random)
  ]
}

const flipBit: Mutator = (input, _other, random) => {
  const changed = Uint8Array.from(input)
  if (changed.length > 0) changed[random.below(changed.length)]! ^= 1 << random.below(8)
  return changed
}

const setByte: Mutator = (input, _other, random) => {
  const changed = Uint8Array.from(input)
  if (changed.length > 0) changed[random.below(changed.length)] = random.chance(4) ? random.pick(EDGES) : random.below(random.chance(2) ? 128 : 256)
  return changed
}

const removeRange: Mutator = (input, _other, random) => {
  const { start, end } = range(input, random)
  return spliced(input, start, end, new Uint8Array())
}

const copyRange: Mutator = (input, _other, random) => {
  const { start, end } = range(input, random)
  return spliced(input, ...twice(random.below(input.length + 1)), input.subarray(start, end))
}

const repeatRange: Mutator = (input, _other, random) => {
  const { start, end } = range(input, random)
  const part = input.subarray(start, Math.min(end, start + 16))
  if (part.length === 0) return input
  const times = random.chance(8) ? Math.ceil(LONGEST_REPEAT / part.length) : 1 + random.below(8)
  return spliced(input, ...twice(start), Buffer.concat(Array.from({ length: times }, () => part)))
}

const spliceOther: Mutator = (input, other, random) => {
  const [to, from] = [range(input, random), range(other, random)]
  return spliced(input, to.start, random.chance(2) ? to.end : to.start, other.subarray(from.start, from.end))
}

function put (input: Uint8Array, word: Uint8Array, random: Random): Uint8Array {
  const start = random.below(input.length + 1)
  return spliced(input, start, random.chance(2) ? start : Math.min(input.length, start + word.length), word)
}

function replaceNumber (input: Uint8Array, random: Random): Uint8Array {
  const numbers = [...Buffer.from(input.buffer, input.byteOffset, input.length).toString('latin1').matchAll(/-?\d+/g)]
  if (numbers.length === 0) return input
  const { index, 0: found } = random.pick(numbers)
  return spliced(input, index, index + found.length, Buffer.from(random.pick(NUMBERS)))
}

function range ({ length }: Uint8Array, random: Random): { start: number, end: number } {
  const start = random.below(length + 1)
  // short ones more often
  const end = Math.min(length, start + random.below(1 + (random.chance(4) ? length : 8)))
  return { start, end }
}

function twice (at: number): [number, number] {
  return [at, at]
}

export function spliced (input: Uint8Array, start: number, end: number, insert: Uint8Array): Uint8Array {
  return Buffer.concat([input.subarray(0, start), insert, input.subarray(end)])
}
