/** Addresses of the first tier in one text, as the search for known addresses finds them, and what the search took. */

import { searchAddresses, type Found } from './finder.js'
import { indexOf } from './questions.js'
import { freshAllowance, MOST_EXTRA } from './views.js'
import type { KnownIndex } from './known-index.js'

export interface RawFacts {
  /** Each once, in the order of the search. */
  readonly found: readonly Found[]
  readonly index: KnownIndex | undefined
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
  return { found, index: indexOf(found), extra: MOST_EXTRA - allowance.extra, isTooMuch: !isWhole }
}
