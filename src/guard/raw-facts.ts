/** Addresses of the first tier in one text, as the search for known addresses finds them, and what the search took. */

import { searchAddresses, type Found } from './finder.js'
import { ownOf, type OwnPart } from './own-addresses.js'
import { freshAllowance, MOST_EXTRA } from './views.js'

export interface RawFacts {
  /** Each once, in the order of the search. */
  readonly found: readonly Found[]
  readonly own: OwnPart
  /** Extra work taken, see views.ts. */
  readonly extra: number
  /** Not all could be found. */
  readonly isTooMuch: boolean
}

export function addressesOf (text: string): RawFacts {
  const all = new Map<string, Found>()
  const allowance = freshAllowance()
  const isWhole = searchAddresses(text, found => all.set(found.canonical, found), allowance)
  const found = [...all.values()]
  return { found, own: ownOf(found), extra: MOST_EXTRA - allowance.extra, isTooMuch: !isWhole }
}
