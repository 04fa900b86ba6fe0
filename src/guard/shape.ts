/**
 * The shape of what leaves: an array that lost a scalar goes whole, and a suppressed key takes its subtree along.
 *
 * Every leaf that goes is marked, so that explain reads the final reasons off the draft. Containers that this leaves
 * empty are not marked; `spell` leaves them out.
 */

import { writtenKey } from './spell.js'
import type { DraftArray, DraftNode, DraftObject } from '../model/draft.js'
import type { SuppressedReason } from '../model/reasons.js'

/** Settles the shape of a draft's data, after its leaves have been screened. Says whether anything of it is left. */
export function settleShape (node: DraftNode): boolean {
  if (node.kind === 'leaf') return node.suppressed === undefined
  return node.kind === 'array' ? settleArray(node) : settleObject(node)
}

/** Marks every leaf that would still leave. */
export function suppressAll (node: DraftNode, reason: SuppressedReason): void {
  if (node.kind === 'leaf') {
    node.suppressed ??= reason
  } else if (node.kind === 'array') {
    for (const item of node.items) suppressAll(item, reason)
  } else {
    for (const { key, node: child } of node.entries) {
      key.suppressed ??= reason
      suppressAll(child, reason)
    }
  }
}

function settleArray (array: DraftArray): boolean {
  const broken = array.items.some(item => item.kind === 'leaf' && item.suppressed !== undefined)
  if (!broken) return array.items.map(settleShape).includes(true)
  suppressAll(array, 'array')
  return false
}

/**
 * Transforms may make two keys equal; a reader would take either, so only the first leaves. One that holds nothing does
 * not count: what a recipient may not have must not decide what it gets.
 */
function settleObject (object: DraftObject): boolean {
  const keys = new Set<string>()
  for (const { key, node } of object.entries) {
    const isLeft = key.suppressed === undefined && settleShape(node)
    if (isLeft && keys.has(writtenKey(key))) key.suppressed = 'rule'
    if (key.suppressed !== undefined) suppressAll(node, key.suppressed)
    else if (isLeft) keys.add(writtenKey(key))
  }
  return keys.size > 0
}
