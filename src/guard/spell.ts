/**
 * Draft → JSON text of what is left of it.
 *
 * Written by hand rather than by building objects: keys such as `__proto__` stay plain keys, and their order is the report's.
 */

import type { DraftArray, DraftLeaf, DraftNode, DraftObject } from '../model/draft.js'
import type { Scalar } from '../model/json.js'

/** JSON of a node without what is suppressed; undefined where nothing is left. A field left out is absent, never null. */
export function spell (node: DraftNode): string | undefined {
  if (node.kind === 'leaf') return spellLeaf(node)
  return node.kind === 'array' ? spellArray(node) : spellObject(node)
}

export function spellLeaf (leaf: DraftLeaf): string | undefined {
  return leaf.suppressed === undefined ? JSON.stringify(writtenValue(leaf)) : undefined
}

/** The value as a recipient reads it in the JSON. */
export function writtenValue ({ value, encoding }: Pick<DraftLeaf, 'value' | 'encoding'>): Scalar {
  return encoding === 'base64' && typeof value === 'string' ? Buffer.from(value, 'utf8').toString('base64') : value
}

/** A key as it is written: JSON knows text keys only. */
export function writtenKey (key: DraftLeaf): string {
  return String(writtenValue(key))
}

function spellArray ({ items }: DraftArray): string | undefined {
  const spelled = items.map(spell).filter(text => text !== undefined)
  return spelled.length === 0 ? undefined : `[${spelled.join(',')}]`
}

function spellObject ({ entries }: DraftObject): string | undefined {
  const spelled = entries.flatMap(({ key, node }) => {
    const value = key.suppressed === undefined ? spell(node) : undefined
    return value === undefined ? [] : [`${JSON.stringify(writtenKey(key))}:${value}`]
  })
  return spelled.length === 0 ? undefined : `{${spelled.join(',')}}`
}
