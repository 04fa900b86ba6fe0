/**
 * The second look: parses the finished bytes again and searches every text, key and number in them.
 *
 * It knows nothing of leaves and categories, so that a mistake in them cannot hide an address from it. Only texts that the
 * screen passed as numbers, each as often as it passed them, are compared with known addresses alone.
 */

import { findsAddress, numberIsAddress } from './finder.js'
import { arrayHoldsKnown } from './byte-array.js'
import { isNumericText, numberTextIn } from './numeric-text.js'
import type { KnownAddresses } from './known.js'
import type { Json } from '../model/json.js'

/** Texts passed as numbers, with their counts; `any`: every text that is spelled as a number. */
export type NumericTexts = Map<string, number> | 'any'

/** Does the text of a finished disclosure still hold an address? */
export function secondLook (text: string, known: KnownAddresses, numeric: NumericTexts): boolean {
  return holdsAddress(JSON.parse(text) as Json, known, numeric)
}

function holdsAddress (json: Json, known: KnownAddresses, numeric: NumericTexts): boolean {
  if (typeof json === 'string') return textHolds(json, known, numeric)
  if (typeof json === 'number') return numberIsAddress(json, known)
  if (typeof json !== 'object' || json === null) return false
  if (Array.isArray(json)) return arrayHoldsKnown(json, known) || json.some(item => holdsAddress(item, known, numeric))
  return Object.entries(json).some(([key, value]) => findsAddress(key, { known, freeText: false, numeric: false }) || holdsAddress(value, known, numeric))
}

function textHolds (text: string, known: KnownAddresses, numeric: NumericTexts): boolean {
  if (!passedAsNumber(text, numeric)) return findsAddress(text, { known, freeText: false, numeric: false })
  return findsAddress(numberTextIn(text) ?? text, { known, freeText: false, numeric: true })
}

/** Each pass counts once: a second text that merely looks the same was not screened as a number. */
function passedAsNumber (text: string, numeric: NumericTexts): boolean {
  if (numeric === 'any') return isNumericText(numberTextIn(text) ?? '')
  const left = numeric.get(text) ?? 0
  if (left > 0) numeric.set(text, left - 1)
  return left > 0
}
