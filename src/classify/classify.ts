/**
 * JSON → report: every leaf meets the field that its report type lists for it, or none.
 *
 * Allow-list: a leaf without a field is unclassified and never leaves. A key is looked up as written first,
 * then as a key placeholder such as `{device.id}`, then as `*`.
 */

import { fit } from './fit.js'
import type { Json, Scalar } from '../model/json.js'
import type { CompiledField, CompiledReport, PathNode } from '../model/policy.js'
import type { Intake, Report, ReportEntry, ReportLeaf, ReportNode } from '../model/report.js'

/** Classifies a decoded payload. Pure, and linear in the payload. */
export function classify (json: Json, type: CompiledReport, intake: Pick<Intake, 'account' | 'device' | 'receivedMs'>): Report {
  const { account, device, receivedMs } = intake
  return { type, account, device, receivedMs, root: classifyNode(json, type.root) }
}

function classifyNode (json: Json, path: PathNode | undefined): ReportNode {
  if (Array.isArray(json)) return { kind: 'array', items: json.map(item => classifyNode(item, path?.element)) }
  if (typeof json === 'object' && json !== null) {
    return { kind: 'object', entries: Object.entries(json).map(([key, value]) => classifyEntry(key, value, path)) }
  }
  return classifyLeaf(json, path?.field)
}

function classifyEntry (key: string, value: Json, path: PathNode | undefined): ReportEntry {
  const exact = path?.exact.get(key)
  if (exact !== undefined || path?.keyed === undefined) {
    return { key, keyField: undefined, keyFits: true, node: classifyNode(value, exact ?? path?.any) }
  }
  const { key: keyField, next } = path.keyed
  return { key, keyField, keyFits: fit(key, keyField) !== undefined, node: classifyNode(value, next) }
}

function classifyLeaf (value: Scalar, field: CompiledField | undefined): ReportLeaf {
  if (field === undefined) return { kind: 'leaf', value, field, fits: false }
  const plain = fit(value, field)
  return plain === undefined ? { kind: 'leaf', value, field, fits: false } : { kind: 'leaf', value: plain, field, fits: true }
}
