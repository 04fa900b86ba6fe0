/** What a raw text adds to the known addresses, as `rawScalars` and `ownAddresses` of classify/walk.ts read it. */

import { fit, isNumericText as isNumericField } from '../classify/fit.js'
import { isNumericText } from '../guard/numeric-text.js'
import { indexOf } from '../guard/questions.js'
import { addressesOf } from '../guard/raw-facts.js'
import { parseMac } from '../parse-mac.js'
import type { Found } from '../guard/finder.js'
import type { KnownIndex } from '../guard/known-index.js'
import type { TextFacts } from '../guard/text-memory.js'
import type { CompiledField } from '../model/policy.js'

/** `plain`: the text as it stands is searched, and nothing else. */
export type RawKind = 'plain' | 'closed' | 'other'

export interface RawUse {
  readonly index: KnownIndex | undefined
  readonly extra: number
  readonly isTooMuch: boolean
  /** Of a closed category: found in it, and meant by it. */
  readonly found: readonly Found[]
  readonly meant: readonly Found[]
}

export function guessRawKind (field: CompiledField | undefined): RawKind {
  if (field === undefined) return 'plain'
  if (field.category.never) return 'closed'
  return field.encoding !== undefined || isNumericField(field) ? 'other' : 'plain'
}

/** By the text's facts, which remember it. */
export function rawUseOf (facts: TextFacts, field: CompiledField): RawUse {
  const known = facts.attachedTo(field) as RawUse | undefined
  if (known !== undefined) return known
  const use = useOf(facts.value, field)
  facts.attach(field, use)
  return use
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
  return { index: indexOf([...isNumber ? [] : found, ...meant]), extra, isTooMuch, found, meant }
}

function meantBy (text: string): Found[] {
  const canonical = parseMac(text)
  return canonical === undefined ? [] : [{ kind: 'mac', canonical }]
}
