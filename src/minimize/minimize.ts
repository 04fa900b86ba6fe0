/**
 * Report + plan → draft: each leaf transformed as its rule says, or suppressed with a reason.
 *
 * A suppressed leaf's value does not travel on; it becomes null here.
 */

import { isNumericText, numberIn } from '../classify/fit.js'
import { cellCenter } from './grid.js'
import { spellNumber, transformValue, type MinimizeContext, type Transformed } from './transform.js'
import type { Draft, DraftEntry, DraftLeaf, DraftNode } from '../model/draft.js'
import type { DiscloseDecision, FieldDecision, Plan } from '../model/decision.js'
import type { Scalar } from '../model/json.js'
import type { CompiledField, CompiledPolicy } from '../model/policy.js'
import type { SuppressedReason } from '../model/reasons.js'
import type { Report, ReportEntry, ReportLeaf, ReportNode, ReportObject } from '../model/report.js'

/** Minimizes a report for one recipient. Pure: keys and time come with the context. */
export function minimize (report: Report, { recipient, plan }: DiscloseDecision, policy: CompiledPolicy, context: MinimizeContext): Draft {
  return {
    recipient: recipient.name,
    report: report.type.name,
    device: envelopeLeaf(report.device, plan.device, { category: policy.deviceCategory, scale: 1, format: undefined }, context),
    time: envelopeTime(report.receivedMs, plan.time, policy, context),
    data: minimizeNode(report.root, plan, context),
    notice: policy.noticeVersion,
    policy: policy.digest
  }
}

function minimizeNode (node: ReportNode, plan: Plan, context: MinimizeContext): DraftNode {
  if (node.kind === 'array') return { kind: 'array', items: node.items.map(item => minimizeNode(item, plan, context)) }
  if (node.kind === 'leaf') return minimizeLeaf(node, plan, context)
  const cells = gridCells(node, plan)
  return { kind: 'object', entries: node.entries.map(entry => minimizeEntry(entry, plan, context, cells)) }
}

function minimizeEntry (entry: ReportEntry, plan: Plan, context: MinimizeContext, cells: Map<ReportLeaf, Scalar>): DraftEntry {
  const { key, keyField, keyFits, node } = entry
  const draftKey = keyField === undefined ? plainKey(key) : minimizeLeaf({ kind: 'leaf', value: key, field: keyField, fits: keyFits }, plan, context)
  const cell = node.kind === 'leaf' ? cells.get(node) : undefined
  if (node.kind !== 'leaf' || cell === undefined) return { key: draftKey, node: minimizeNode(node, plan, context) }
  return { key: draftKey, node: draftLeaf({ value: cell }, node.field, decisionOf(node, plan)) }
}

function minimizeLeaf (leaf: ReportLeaf, plan: Plan, context: MinimizeContext): DraftLeaf {
  const { field, value } = leaf
  const decision = decisionOf(leaf, plan)
  if (field === undefined || decision === undefined) return draftLeaf({ suppressed: 'unclassified' }, field, undefined)
  if (decision.effect === 'suppress') return draftLeaf({ suppressed: decision.reason }, field, decision)
  if (!leaf.fits) return draftLeaf({ suppressed: 'type-mismatch' }, field, decision)
  return draftLeaf(transformValue(value, decision.allow.transform, field, context), field, decision)
}

function decisionOf ({ field }: ReportLeaf, plan: Plan): FieldDecision | undefined {
  return field === undefined ? undefined : plan.fields[field.index]
}

/**
 * Grid cells of the coordinate pairs of one object: latitudes and longitudes with a grid rule, paired in the order of their fields.
 *
 * An unset marker stays as it is, and its partner must be unset too; a coordinate without partner is left to be suppressed.
 */
export function gridCells (object: ReportObject, plan: Plan): Map<ReportLeaf, Scalar> {
  const cells = new Map<ReportLeaf, Scalar>()
  const latitudes = griddedLeaves(object, plan, 'latitude')
  const longitudes = griddedLeaves(object, plan, 'longitude')
  latitudes.forEach((latitude, i) => {
    const longitude = longitudes[i]
    if (longitude?.field.scale === latitude.field.scale) placePair(latitude, longitude, cells)
  })
  return cells
}

interface GriddedLeaf {
  readonly leaf: ReportLeaf
  readonly field: CompiledField
  readonly sideKm: number
}

function griddedLeaves (object: ReportObject, plan: Plan, axis: 'latitude' | 'longitude'): GriddedLeaf[] {
  return object.entries.flatMap(({ node }) => {
    if (node.kind !== 'leaf' || node.field?.axis !== axis || !node.fits) return []
    const decision = decisionOf(node, plan)
    if (decision?.effect !== 'disclose' || decision.allow.transform.kind !== 'grid') return []
    return [{ leaf: node, field: node.field, sideKm: decision.allow.transform.sideKm }]
  }).sort((a, b) => a.field.index - b.field.index)
}

function placePair (latitude: GriddedLeaf, longitude: GriddedLeaf, cells: Map<ReportLeaf, Scalar>): void {
  const degrees = { latitude: degreesOf(latitude), longitude: degreesOf(longitude) }
  if (degrees.latitude === 'unset' && degrees.longitude === 'unset') {
    cells.set(latitude.leaf, latitude.leaf.value).set(longitude.leaf, longitude.leaf.value)
  } else if (typeof degrees.latitude === 'number' && typeof degrees.longitude === 'number') {
    const center = cellCenter({ latitude: degrees.latitude, longitude: degrees.longitude }, latitude.sideKm)
    cells.set(latitude.leaf, spellDegrees(center.latitude, latitude))
    cells.set(longitude.leaf, spellDegrees(center.longitude, longitude))
  }
}

function degreesOf ({ leaf, field }: GriddedLeaf): number | 'unset' | undefined {
  const raw = numberIn(leaf.value)
  if (raw === undefined) return undefined
  return raw === field.unset ? 'unset' : raw * field.scale
}

/** In the field's own scale: whole numbers where it is scaled, six decimals of a degree otherwise. */
function spellDegrees (degrees: number, { leaf, field }: GriddedLeaf): Scalar {
  const raw = field.scale === 1 ? Number(degrees.toFixed(6)) : Math.round(degrees / field.scale)
  return spellNumber(raw, leaf.value)
}

function envelopeTime (receivedMs: number, decision: FieldDecision, policy: CompiledPolicy, context: MinimizeContext): DraftLeaf {
  const form = { category: policy.timeCategory, scale: 1, format: 'iso' } as const
  return envelopeLeaf(new Date(receivedMs).toISOString(), decision, form, context)
}

function envelopeLeaf (value: string, decision: FieldDecision, form: Parameters<typeof transformValue>[2], context: MinimizeContext): DraftLeaf {
  if (decision.effect === 'suppress') return draftLeaf({ suppressed: decision.reason }, undefined, decision)
  return draftLeaf(transformValue(value, decision.allow.transform, form, context), undefined, decision)
}

function plainKey (key: string): DraftLeaf {
  return { kind: 'leaf', value: key, suppressed: undefined, freeText: false, numeric: false, field: undefined, decision: undefined }
}

function draftLeaf (transformed: Transformed, field: CompiledField | undefined, decision: FieldDecision | undefined): DraftLeaf {
  const suppressed: SuppressedReason | undefined = 'suppressed' in transformed ? transformed.suppressed : undefined
  return {
    kind: 'leaf',
    value: 'value' in transformed ? transformed.value : null,
    suppressed,
    freeText: field?.category.freeText ?? false,
    numeric: isNumericText(field),
    encoding: field?.encoding,
    field,
    decision
  }
}
