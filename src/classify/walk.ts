/** Walks over a classified report. */

import { isNumericText } from './fit.js'
import { valueForm } from './value-form.js'
import type { UnclassifiedLeaves } from '../model/judged.js'
import type { CompiledField } from '../model/policy.js'
import type { ReportLeaf, ReportNode, ReportObject, ShownPath } from '../model/report.js'

export interface RawScalar {
  readonly text: string
  /** A JSON number, or text that is a number by its category's type. */
  readonly numeric: boolean
  /** Of a closed category: an address is meant to stand there. */
  readonly closed: boolean
}

/** Every text and number of a report, keys included, classified or not: what the search for known addresses reads. */
export function * rawScalars (node: ReportNode): Generator<RawScalar> {
  if (node.kind === 'array') {
    for (const item of node.items) yield * rawScalars(item)
  } else if (node.kind === 'object') {
    for (const entry of node.entries) {
      yield { text: entry.key, numeric: false, closed: entry.keyField?.category.never === true }
      yield * rawScalars(entry.node)
    }
  } else if (typeof node.value === 'string') {
    yield { text: node.value, numeric: node.fits && isNumericText(node.field), closed: node.field?.category.never === true }
  } else if (typeof node.value === 'number') {
    yield { text: String(node.value), numeric: true, closed: false }
  }
}

/**
 * Paths of the unclassified leaves, how many there are and what they look like, safe to show.
 *
 * A segment is shown only if it stands in the name dictionary, and as `*` otherwise: a key may be a name or an address.
 */
export function unclassifiedPaths (root: ReportNode, dictionary: ReadonlySet<string>): Map<ShownPath, UnclassifiedLeaves> {
  const found = new Map<ShownPath, UnclassifiedLeaves>()
  collect(root, '', dictionary, found)
  return found
}

/** A path one segment longer, the segment shown only if it stands in the name dictionary. */
export function shownPath (path: string, key: string, dictionary: ReadonlySet<string>): ShownPath {
  const segment = dictionary.has(key) ? spellSegment(key) : '*'
  return path === '' ? segment : `${path}.${segment}`
}

/** A key as paths of the configuration spell it: in double quotes where it holds a mark of theirs. */
export function spellSegment (key: string): string {
  return /^[^.[\]{}*"\\\p{Cc}]+$/u.test(key) ? key : `"${key.replace(/["\\]/g, '\\$&')}"`
}

function collect (node: ReportNode, path: string, dictionary: ReadonlySet<string>, found: Map<ShownPath, UnclassifiedLeaves>): void {
  if (node.kind === 'array') {
    for (const item of node.items) collect(item, `${path}[]`, dictionary, found)
  } else if (node.kind === 'object') {
    for (const { key, node: child } of node.entries) {
      collect(child, shownPath(path, key, dictionary), dictionary, found)
    }
  } else if (node.field === undefined) {
    const leaves = found.get(path) ?? { count: 0, forms: new Set() }
    leaves.count++
    leaves.forms.add(valueForm(node.value))
    found.set(path, leaves)
  }
}

/**
 * Addresses that a report states as those of a device: leaves of a closed category whose object also names a device.
 *
 * A neighbor's BSSID in a wireless scan stands beside no device id, so it is not taken for the home's own.
 */
export function * ownAddresses (node: ReportNode): Generator<string> {
  if (node.kind === 'array') {
    for (const item of node.items) yield * ownAddresses(item)
  } else if (node.kind === 'object') {
    const leaves = leavesOf(node)
    if (leaves.some(leaf => leaf.field?.category.name === 'device.id')) {
      for (const { field, value } of leaves) {
        if (field?.category.never === true && typeof value === 'string') yield value
      }
    }
    for (const entry of node.entries) yield * ownAddresses(entry.node)
  }
}

/**
 * What a report says of its own device's firmware: texts of that category outside of lists and below no key that may be
 * anything, since what stands there belongs to other devices.
 */
export function * firmwareTexts (node: ReportNode): Generator<string> {
  if (node.kind === 'object') {
    for (const entry of node.entries) yield * firmwareTexts(entry.node)
  } else if (node.kind === 'leaf' && isOwnFirmware(node.field) && node.fits && typeof node.value === 'string') {
    yield node.value
  }
}

export function isOwnFirmware (field: CompiledField | undefined): boolean {
  return field?.category.name === 'device.firmware' && !/[[*{]/.test(field.path)
}

function leavesOf (node: ReportObject): ReportLeaf[] {
  return node.entries.flatMap(({ node: child }) => child.kind === 'leaf' ? [child] : [])
}
