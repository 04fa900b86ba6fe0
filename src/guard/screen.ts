/** The first look: every leaf and key of a draft that has not been suppressed is searched, and marked where an address is found. */

import { arrayHoldsKnown, numberedMembers } from './byte-array.js'
import { findsAddress, numberIsAddress } from './finder.js'
import { isNumericText } from './numeric-text.js'
import { writtenKey, writtenValue } from './spell.js'
import type { KnownAddresses } from './known.js'
import type { Draft, DraftLeaf, DraftNode } from '../model/draft.js'

/** Texts, as written, that were screened as numbers, with their counts: the second look must not alarm on exactly these. */
export type NumericTexts = Map<string, number>

interface Screening {
  readonly known: KnownAddresses
  readonly numeric: NumericTexts
}

/** Screens a draft: data, keys, and the envelope's device and time. */
export function screen (draft: Draft, known: KnownAddresses): NumericTexts {
  const screening = { known, numeric: new Map<string, number>() }
  screenLeaf(draft.device, screening)
  screenLeaf(draft.time, screening)
  screenNode(draft.data, screening)
  return screening.numeric
}

function screenNode (node: DraftNode, screening: Screening): void {
  if (node.kind === 'leaf') return screenLeaf(node, screening)
  if (node.kind === 'array') {
    for (const item of node.items) screenNode(item, screening)
    return screenItems(node.items, screening.known)
  }
  for (const { key, node: child } of node.entries) {
    screenKey(key, screening.known)
    if (key.suppressed === undefined) screenNode(child, screening)
  }
  const members = node.entries.filter(({ key }) => key.suppressed === undefined).map(({ key, node: child }) => [writtenKey(key), child] as const)
  screenItems(numberedMembers(members), screening.known)
}

/** Items that spell a known address together go together. */
function screenItems (items: readonly DraftNode[], known: KnownAddresses): void {
  const leaves = items.filter(item => item.kind === 'leaf').filter(({ suppressed }) => suppressed === undefined)
  if (!arrayHoldsKnown(leaves.map(leaf => leaf.value), known)) return
  for (const leaf of leaves) leaf.suppressed = 'address'
}

/** The second look reads every key as text, whatever the leaf says of it. */
function screenKey (key: DraftLeaf, known: KnownAddresses): void {
  if (key.suppressed === undefined && textHoldsAddress(String(key.value), key, known)) key.suppressed = 'address'
}

function screenLeaf (leaf: DraftLeaf, screening: Screening): void {
  if (leaf.suppressed !== undefined) return
  if (isUnspeakable(leaf)) leaf.suppressed = 'type-mismatch'
  else if (leafHoldsAddress(leaf, screening)) leaf.suppressed = 'address'
}

/** JSON would write it as null; what is left out is absent. */
function isUnspeakable ({ value }: DraftLeaf): boolean {
  return value === null || (typeof value === 'number' && !Number.isFinite(value))
}

function leafHoldsAddress (leaf: DraftLeaf, { known, numeric }: Screening): boolean {
  const { value, freeText } = leaf
  if (typeof value === 'number') return numberIsAddress(value, known)
  if (typeof value !== 'string') return false
  if (!leaf.numeric || !isNumericText(value)) return textHoldsAddress(value, leaf, known)
  const written = writtenText(value, leaf)
  numeric.set(written, (numeric.get(written) ?? 0) + 1)
  return findsAddress(value, { known, freeText, numeric: true })
}

/** In the form that a reader reads, and in the form that is written. */
function textHoldsAddress (value: string, leaf: DraftLeaf, known: KnownAddresses): boolean {
  if (findsAddress(value, { known, freeText: leaf.freeText, numeric: false })) return true
  const written = writtenText(value, leaf)
  return written !== value && findsAddress(written, { known, freeText: false, numeric: false })
}

function writtenText (value: string, { encoding }: DraftLeaf): string {
  return String(writtenValue({ value, encoding }))
}
