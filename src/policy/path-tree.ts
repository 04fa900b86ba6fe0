/** Builds the matcher of a report type's paths, one entry after the other. */

import type { CompiledField, PathNode } from '../model/policy.js'
import type { Segment } from './path.js'
import { quote } from './quote.js'

/** A node while it is built; to the run time it is a `PathNode`. */
export interface GrowingNode extends PathNode {
  readonly exact: Map<string, GrowingNode>
  keyed: { readonly key: CompiledField, readonly next: GrowingNode } | undefined
  any: GrowingNode | undefined
  element: GrowingNode | undefined
  field: CompiledField | undefined
}

export interface Branch {
  readonly leaf: GrowingNode
  /** What holds the last key: coordinates of one place stand in the same container. */
  readonly container: GrowingNode
}

export function growNode (): GrowingNode {
  return { exact: new Map(), keyed: undefined, any: undefined, element: undefined, field: undefined }
}

/**
 * Follows the segments, making nodes where there are none. `keyField` is asked for the field of a key placeholder that is new.
 *
 * Returns what is wrong where the path contradicts one that is there.
 */
export function growBranch (root: GrowingNode, segments: readonly Segment[], keyField: (segment: Segment & { kind: 'keyed' }) => CompiledField | undefined): Branch | string {
  let leaf = root
  let container = root
  for (const segment of segments) {
    container = leaf
    const next = growStep(leaf, segment, keyField)
    if (typeof next === 'string') return next
    leaf = next
  }
  return { leaf, container }
}

function growStep (node: GrowingNode, segment: Segment, keyField: (segment: Segment & { kind: 'keyed' }) => CompiledField | undefined): GrowingNode | string {
  switch (segment.kind) {
    case 'element': return (node.element ??= growNode())
    case 'key': return growExact(node, segment.name)
    case 'any': return growAny(node)
    case 'keyed': return growKeyed(node, segment, keyField)
  }
}

/** Without a name taken away, its value would fall to the wildcard: what a listed field stops must not leave once it is not listed. */
const NAME_BESIDE = 'a name stands beside a wildcard or key placeholder in one container: list every name, or none'

function growAny (node: GrowingNode): GrowingNode | string {
  if (node.keyed !== undefined) return clash(node.keyed.key, '*')
  return node.exact.size > 0 ? NAME_BESIDE : (node.any ??= growNode())
}

function growExact (node: GrowingNode, name: string): GrowingNode | string {
  if (node.any !== undefined || node.keyed !== undefined) return NAME_BESIDE
  const next = node.exact.get(name) ?? growNode()
  node.exact.set(name, next)
  return next
}

function growKeyed (node: GrowingNode, segment: Segment & { kind: 'keyed' }, keyField: (segment: Segment & { kind: 'keyed' }) => CompiledField | undefined): GrowingNode | string {
  if (node.exact.size > 0) return NAME_BESIDE
  if (node.any !== undefined) return `{${segment.category}} beside '*' in one container: a key can only be one of them`
  if (node.keyed !== undefined) {
    return node.keyed.key.category.name === segment.category ? node.keyed.next : clash(node.keyed.key, `{${segment.category}}`)
  }
  const key = keyField(segment)
  const next = growNode()
  if (key !== undefined) node.keyed = { key, next }
  return next
}

function clash (key: CompiledField, other: string): string {
  return `${quote(other)} beside {${key.category.name}} (${key.rule}) in one container: a key can only be one of them`
}
