/**
 * A minimized report on its way to the egress guard: transformed values, and for every leaf what became of it.
 *
 * `suppressed` is set by minimize (transforms, decision) or by the guard (addresses, arrays); a leaf that has it does not leave.
 */

import type { Json, Scalar } from './json.js'
import type { SuppressedReason } from './reasons.js'
import type { FieldDecision } from './decision.js'
import type { CompiledField } from './policy.js'

export type DraftNode = DraftLeaf | DraftArray | DraftObject

export interface DraftLeaf {
  readonly kind: 'leaf'
  /** The value as it would leave; meaningless where suppressed. */
  value: Scalar
  suppressed: SuppressedReason | undefined
  /** A person wrote it (see Category.freeText). */
  readonly freeText: boolean
  /** Text that is a number by its category's type: only known addresses are looked for in it. */
  readonly numeric: boolean
  /** The value leaves in this encoding; `value` is the decoded form, so that the guard judges what a reader would read. */
  readonly encoding?: 'base64' | undefined
  /** For explain and metrics only; the guard does not read them. */
  readonly field: CompiledField | undefined
  readonly decision: FieldDecision | undefined
}

export interface DraftArray {
  readonly kind: 'array'
  readonly items: DraftNode[]
}

export interface DraftObject {
  readonly kind: 'object'
  readonly entries: DraftEntry[]
}

export interface DraftEntry {
  /** The key as it would leave. A classified key is a leaf of its own and takes its subtree along. */
  readonly key: DraftLeaf
  readonly node: DraftNode
}

export interface Draft {
  readonly recipient: string
  readonly report: string
  readonly device: DraftLeaf
  readonly time: DraftLeaf
  readonly data: DraftNode
  readonly notice: string
  readonly policy: string
}

/** The public form of what leaves, one line of JSON. */
export interface Envelope {
  readonly id: string
  readonly recipient: string
  readonly report: string
  readonly device?: Scalar
  readonly time?: Scalar
  readonly data: Json
  readonly notice: string
  readonly policy: string
}
