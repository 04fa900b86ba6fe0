/** What became of the fields of a draft, read off it after the guard has looked. */

import { DEVICE_PATH, TIME_PATH } from '../decide/reconsider.js'
import { spellTransform } from '../policy/transform-spelling.js'
import type { DisclosedField } from '../model/disclosure.js'
import type { Draft, DraftLeaf, DraftNode } from '../model/draft.js'

/** Every leaf of a draft's data, classified keys included. */
export function * draftLeaves (node: DraftNode): Generator<DraftLeaf> {
  if (node.kind === 'leaf') {
    yield node
  } else if (node.kind === 'array') {
    for (const item of node.items) yield * draftLeaves(item)
  } else {
    for (const { key, node: child } of node.entries) {
      if (key.field !== undefined) yield key
      yield * draftLeaves(child)
    }
  }
}

/** The fields that leave, each once, in the form that the private header keeps. */
export function disclosedFields (draft: Draft): DisclosedField[] {
  const fields = new Map<string, DisclosedField>()
  const add = (path: string, category: string, leaf: DraftLeaf): void => {
    if (leaf.suppressed !== undefined || leaf.decision?.effect !== 'disclose') return
    fields.set(`${path} ${category}`, { path, category, transform: spellTransform(leaf.decision.allow.transform) })
  }
  add(DEVICE_PATH, 'device.id', draft.device)
  add(TIME_PATH, 'time.event', draft.time)
  for (const leaf of draftLeaves(draft.data)) {
    if (leaf.field !== undefined) add(leaf.field.path, leaf.field.category.name, leaf)
  }
  return [...fields.values()]
}
