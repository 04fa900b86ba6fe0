/** The first look: every leaf and key of a draft that has not been suppressed is searched, and marked where an address is found. */

import { arrayHoldsKnown } from './byte-array.js'
import { findsAddress, numberIsAddress } from './finder.js'
import { isNumericText } from './numeric-text.js'
import { writtenKey, writtenValue } from './spell.js'
import type { KnownAddresses } from './known.js'
import type { Draft, DraftArray, DraftLeaf, DraftNode } from '../model/draft.js'

/** Screens a draft: data, keys, and the envelope's device and time. */
export function screen (draft: Draft, known: KnownAddresses): void {
  screenLeaf(draft.device, known)
  screenLeaf(draft.time, known)
  screenNode(draft.data, known)
}

/** The texts, as written, that leave as numbers: the second look must not alarm on exactly these. */
export function numericTexts (draft: Draft): Map<string, number> {
  const texts = new Map<string, number>()
  for (const leaf of leavesThatLeave(draft)) {
    if (!passesAsNumber(leaf)) continue
    const written = String(writtenValue(leaf))
    texts.set(written, (texts.get(written) ?? 0) + 1)
  }
  return texts
}

function screenNode (node: DraftNode, known: KnownAddresses): void {
  if (node.kind === 'leaf') return screenLeaf(node, known)
  if (node.kind === 'array') return screenArray(node, known)
  for (const { key, node: child } of node.entries) {
    screenKey(key, known)
    if (key.suppressed === undefined) screenNode(child, known)
  }
}

function screenArray ({ items }: DraftArray, known: KnownAddresses): void {
  for (const item of items) screenNode(item, known)
  const values = items.map(item => item.kind === 'leaf' && item.suppressed === undefined ? item.value : undefined)
  if (!arrayHoldsKnown(values, known)) return
  for (const item of items) if (item.kind === 'leaf') item.suppressed ??= 'address'
}

function screenKey (key: DraftLeaf, known: KnownAddresses): void {
  if (key.suppressed !== undefined) return
  screenLeaf(key, known)
  // the second look reads every key as text, whatever the leaf says of it
  if (findsAddress(writtenKey(key), { known, freeText: false, numeric: false })) key.suppressed = 'address'
}

function screenLeaf (leaf: DraftLeaf, known: KnownAddresses): void {
  if (leaf.suppressed === undefined && isUnspeakable(leaf)) leaf.suppressed = 'type-mismatch'
  if (leaf.suppressed === undefined && leafHoldsAddress(leaf, known)) leaf.suppressed = 'address'
}

/** JSON would write it as null; what is left out is absent. */
function isUnspeakable ({ value }: DraftLeaf): boolean {
  return value === null || (typeof value === 'number' && !Number.isFinite(value))
}

function leafHoldsAddress (leaf: DraftLeaf, known: KnownAddresses): boolean {
  const { value, freeText } = leaf
  if (typeof value === 'number') return numberIsAddress(value, known)
  if (typeof value !== 'string') return false
  if (passesAsNumber(leaf)) return findsAddress(value, { known, freeText, numeric: true })
  const written = writtenValue(leaf)
  if (findsAddress(value, { known, freeText, numeric: false })) return true
  return written !== value && findsAddress(String(written), { known, freeText: false, numeric: false })
}

function passesAsNumber ({ value, numeric }: DraftLeaf): boolean {
  return numeric && typeof value === 'string' && isNumericText(value)
}

/** Keys apart: the second look takes no key for a number. */
function * leavesThatLeave ({ device, time, data }: Draft): Generator<DraftLeaf> {
  for (const leaf of [device, time]) if (leaf.suppressed === undefined) yield leaf
  yield * leavesOf(data)
}

function * leavesOf (node: DraftNode): Generator<DraftLeaf> {
  if (node.kind === 'leaf') {
    if (node.suppressed === undefined) yield node
  } else if (node.kind === 'array') {
    for (const item of node.items) yield * leavesOf(item)
  } else {
    for (const { key, node: child } of node.entries) if (key.suppressed === undefined) yield * leavesOf(child)
  }
}
