/**
 * The second look: parses the finished bytes again and searches every text, key and number in them.
 *
 * It knows nothing of leaves and categories, so that a mistake in them cannot hide an address from it. Only texts that the
 * screen passed as numbers, each as often as it passed them, are compared with known addresses alone.
 */

import { findsAddress, numberIsAddress } from './finder.js'
import { arrayHoldsKnown, numberedMembers } from './byte-array.js'
import { numberTextIn } from './numeric-text.js'
import type { KnownAddresses } from './known.js'
import type { NumericTexts } from './screen.js'
import type { Json } from '../model/json.js'

/** Does the text of a finished disclosure still hold an address? `any`: every text that is spelled as a number passed as one. */
export function secondLook (text: string, known: KnownAddresses, numeric: NumericTexts | 'any'): boolean {
  // no recursion: a disk may hold any depth
  const left = [JSON.parse(text) as Json]
  while (left.length > 0) {
    const json = left.pop()!
    if (scalarHoldsAddress(json, known, numeric)) return true
    if (typeof json !== 'object' || json === null) continue
    if (Array.isArray(json) ? arrayHoldsKnown(json, known) : objectHoldsAddress(json, known)) return true
    for (const child of Object.values(json)) left.push(child)
  }
  return false
}

function objectHoldsAddress (json: { [key: string]: Json }, known: KnownAddresses): boolean {
  return Object.keys(json).some(key => textHoldsAddress(key, known)) || arrayHoldsKnown(numberedMembers(Object.entries(json)), known)
}

function scalarHoldsAddress (json: Json, known: KnownAddresses, numeric: NumericTexts | 'any'): boolean {
  if (typeof json === 'number') return numberIsAddress(json, known)
  if (typeof json !== 'string') return false
  if (!passedAsNumber(json, numeric)) return textHoldsAddress(json, known)
  return findsAddress(numberTextIn(json) ?? json, { known, freeText: false, numeric: true })
}

function textHoldsAddress (text: string, known: KnownAddresses): boolean {
  return findsAddress(text, { known, freeText: false, numeric: false })
}

/** Each pass counts once: a second text that merely looks the same was not screened as a number. */
function passedAsNumber (text: string, numeric: NumericTexts | 'any'): boolean {
  if (numeric === 'any') return numberTextIn(text) !== undefined
  const left = numeric.get(text) ?? 0
  if (left > 0) numeric.set(text, left - 1)
  return left > 0
}
