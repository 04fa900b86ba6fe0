/**
 * The address finder: does a text hold a MAC or IP address, however it is spelled?
 *
 * First tier, by syntax alone: see mac.ts, ipv4.ts, ipv6.ts, url-host.ts. Second tier, only what equals a known address:
 * see second-tier.ts. Both go over the text as written and over every view of it in which an encoding is undone: see
 * views.ts. The work is linear in the text; a text that tries to take more counts as holding an address.
 */

import { findAddresses } from './first-tier.js'
import { holdKnownBytes } from './known-bytes.js'
import { isNumericText } from './numeric-text.js'
import { holdsKnown, isKnownNumber } from './second-tier.js'
import { SHORTEST_TAIL } from './tail.js'
import { canHoldAddress, traitsOf } from './traits.js'
import { canHoldEncoded, freshAllowance, viewOf, visitViews, type Allowance, type Outcome } from './views.js'
import type { KnownAddresses } from './known.js'

/** `canonical`: a MAC is 12 or 16 lower-case hex digits, an IP address its canonical text (RFC 5952 for version 6). */
export interface Found {
  readonly kind: 'mac' | 'ip'
  readonly canonical: string
}

export interface Look {
  readonly known: KnownAddresses
  /** A person wrote the text: tails of known MACs are looked for too. */
  readonly freeText: boolean
  /** The text is a number by its category's type: only known addresses are looked for, if it is spelled as a number. */
  readonly numeric: boolean
}

/** Does a text hold an address of the first tier, or a known one of the second? */
export function findsAddress (text: string, { known, freeText, numeric }: Look): boolean {
  if (numeric && isNumericText(text)) return holdsKnown(viewOf(text), known, freeText)
  if (!isWorthSearching(text, freeText)) return false
  const key = `${freeText ? 'f' : 't'}${text}`
  const verdict = known.verdicts.get(key) ?? search(text, known, freeText) !== 'finished'
  known.verdicts.set(key, verdict)
  return verdict
}

/** Second tier: a bare integer equal to a known address. */
export function numberIsAddress (value: number, known: KnownAddresses): boolean {
  return isKnownNumber(value, known)
}

/** Addresses of the first tier in some texts, each once, in no order. */
export function addressesIn (...texts: readonly string[]): Found[] {
  const all = new Map<string, Found>()
  const allowance = freshAllowance()
  for (const text of texts) searchAddresses(text, found => all.set(found.canonical, found), allowance)
  return [...all.values()]
}

/** Hands every address of the first tier to `take`; false if the text took too much work to find all. */
export function searchAddresses (text: string, take: (found: Found) => void, allowance: Allowance): boolean {
  if (!isWorthSearching(text)) return true
  const takeAll = (found: Found): boolean => { take(found); return false }
  return visitViews(text, { view: view => findAddresses(view, takeAll), bytes: () => false }, allowance) !== 'too-much'
}

/** The search itself, in every view; anything but `finished` counts as an address. */
export function search (text: string, known: KnownAddresses, freeText: boolean): Outcome {
  return visitViews(text, {
    view: view => findAddresses(view, () => true) || holdsKnown(view, known, freeText),
    bytes: bytes => holdKnownBytes(bytes, known)
  }, known.allowance)
}

/** The cheap way out: most texts hold neither digits enough nor anything that looks encoded. */
export function isWorthSearching (text: string, freeText = false): boolean {
  const traits = traitsOf(text)
  return canHoldAddress(traits) || canHoldEncoded(traits) || (freeText && traits.looseHex >= SHORTEST_TAIL)
}
