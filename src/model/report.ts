/** A report: decoded, every leaf with the field it was classified as. Lives in memory only, between broker and minimize. */

import type { Scalar } from './json.js'
import type { CompiledField, CompiledReport } from './policy.js'

/** What the broker hands on: bytes and who sent them. */
export interface Intake {
  readonly account: string
  readonly device: string
  /** Topic levels after account and device, joined by `/`. */
  readonly topicTail: string
  readonly payload: Uint8Array
  readonly receivedMs: number
  /** Socket's remote address, client id, user name: searched for addresses, never handed on. */
  readonly surroundings: readonly string[]
}

export interface Report {
  readonly type: CompiledReport
  readonly account: string
  readonly device: string
  readonly receivedMs: number
  readonly root: ReportNode
}

export type ReportNode = ReportLeaf | ReportArray | ReportObject

export interface ReportLeaf {
  readonly kind: 'leaf'
  readonly value: Scalar
  /** Undefined: unclassified. */
  readonly field: CompiledField | undefined
  /** The value fits its category's type. */
  readonly fits: boolean
}

export interface ReportArray {
  readonly kind: 'array'
  readonly items: readonly ReportNode[]
}

export interface ReportObject {
  readonly kind: 'object'
  readonly entries: readonly ReportEntry[]
}

export interface ReportEntry {
  readonly key: string
  /** Set where the key itself is a classified value. */
  readonly keyField: CompiledField | undefined
  readonly keyFits: boolean
  readonly node: ReportNode
}

/** An unclassified path as it may be shown: each segment in the name dictionary, or `*`. */
export type ShownPath = string
