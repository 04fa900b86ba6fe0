/** What a raw text adds to the known addresses, as `rawScalars` and `ownAddresses` of classify/walk.ts read it. */

import { fit, isNumericText as isNumericField } from '../classify/fit.js'
import { BASE64_VALUES, CLASSES } from '../guard/byte-classes.js'
import { isNumericText } from '../guard/numeric-text.js'
import { plainIpv4, plainMac } from '../guard/plain-address.js'
import { MAYBE, prescreen } from '../guard/prescreen.js'
import { ownOf, type OwnPart } from '../guard/own-addresses.js'
import { addressesOf } from '../guard/raw-facts.js'
import { spellIpv4 } from '../guard/spell-ip.js'
import { parseMac } from '../parse-mac.js'
import type { Found } from '../guard/finder.js'
import type { TextFacts } from '../guard/text-memory.js'
import type { CompiledField } from '../model/policy.js'

/** `plain`: the text as it stands is searched, and nothing else. `base64`: what it holds in base64. */
export type RawKind = 'plain' | 'closed' | 'base64' | 'other'

export interface RawUse {
  readonly own: OwnPart
  readonly extra: number
  readonly isTooMuch: boolean
  /** Of a closed category: found in it, and meant by it. */
  readonly found: readonly Found[]
  readonly meant: readonly Found[]
}

export function guessRawKind (field: CompiledField | undefined): RawKind {
  if (field === undefined) return 'plain'
  if (field.category.never) return 'closed'
  if (isNumericField(field)) return 'other'
  if (field.encoding === undefined) return 'plain'
  return field.category.types.has('text') ? 'base64' : 'other'
}

const decoded = new Uint8Array(512)
const PADDING = 0x3d

/** Is a text base64, as `fit` reads it, of plain ASCII in which surely nothing is to be found? */
export function isStillInBase64 (bytes: Uint8Array, start: number, end: number): boolean {
  let last = end
  while (last > start && bytes[last - 1] === PADDING) last--
  const length = last - start
  if (length > 400 || length % 4 === 1) return false
  let count = 0
  let bits = 0
  let held = 0
  let classes = 0
  for (let i = start; i < last; i++) {
    const byte = bytes[i]!
    const value = BASE64_VALUES[byte]!
    if (value === 255 || byte === 0x2d || byte === 0x5f) return false
    bits = (bits << 6 | value) & 0xffff
    held += 6
    if (held >= 8) {
      held -= 8
      const made = bits >> held & 0xff
      decoded[count++] = made
      classes |= CLASSES[made]!
    }
  }
  // bits left over are none of the text: another spelling is the one it is read as
  if ((bits & ((1 << held) - 1)) !== 0) return false
  return prescreen(decoded, 0, count, classes) !== MAYBE
}

/** By the text's facts, which remember it. */
export function rawUseOf (facts: TextFacts, field: CompiledField): RawUse {
  const known = facts.attachedTo(field) as RawUse | undefined
  if (known !== undefined) return known
  const use = useOf(facts.value, field)
  facts.attach(field, use)
  return use
}

/** Of a closed text in a usual spelling, see guard/plain-address.ts. */
export function plainUseOf (bytes: Uint8Array, start: number, end: number): Pick<RawUse, 'found' | 'meant'> {
  const mac = plainMac(bytes, start, end)
  if (mac < 0) return { found: [{ kind: 'ip', canonical: spellIpv4(plainIpv4(bytes, start, end)) }], meant: [] }
  const found = { kind: 'mac', canonical: mac.toString(16).padStart(12, '0') } as const
  return { found: [found], meant: [found] }
}

/** A classified key: its text as it stands, and what it means where it is closed. */
export function keyUseOf (facts: TextFacts, field: CompiledField): readonly Found[] {
  return field.category.never ? meantBy(facts.value) : []
}

function useOf (value: string, field: CompiledField): RawUse {
  const plain = fit(value, field)
  const text = typeof plain === 'string' ? plain : value
  const isNumber = plain !== undefined && isNumericField(field) && isNumericText(text)
  const { found, extra, isTooMuch } = addressesOf(text)
  const meant = field.category.never ? meantBy(text) : []
  // own addresses are searched for in numbers too
  return { own: ownOf([...isNumber ? [] : found, ...meant]), extra, isTooMuch, found, meant }
}

function meantBy (text: string): Found[] {
  const canonical = parseMac(text)
  return canonical === undefined ? [] : [{ kind: 'mac', canonical }]
}
