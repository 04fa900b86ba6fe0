/**
 * The order on transforms: which tells no more than which.
 *
 * Conservative: true only where it is proven for every value. A pseudonym is ordered below `keep` although its key is secret:
 * what it tells of the value, the value tells as well.
 */

import type { Transform } from '../model/policy.js'

type Of<Kind extends Transform['kind']> = Extract<Transform, { kind: Kind }>

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Times are spelled in whole seconds at the coarsest; below that, rounding twice can meet in one spelling. */
const FINEST_NESTED_MS = 1_000
/** Beyond this the twelve digits to which numbers are rounded no longer tell neighbors apart. */
const LARGEST_RATIO = 1e9

/** True if what `b` discloses of a value can be computed from what `a` discloses of it. */
export function transformAtMost (b: Transform, a: Transform): boolean {
  if (b.kind === 'suppress' || a.kind === 'keep') return true
  switch (b.kind) {
    case 'keep': return false
    case 'round': return a.kind === 'round' && roundAtMost(b, a)
    case 'bucket': return bucketAtMost(b, a)
    case 'grid': return a.kind === 'grid' && isMultiple(b.sideKm, a.sideKm)
    case 'map': return a.kind === 'map' ? mapAtMost(b, a) : b.values.size === 0
    case 'pseudonymize': return a.kind === 'pseudonymize' && a.epochMs === b.epochMs
    case 'part': return partAtMost(b, a)
  }
}

function roundAtMost (b: Of<'round'>, a: Of<'round'>): boolean {
  if (a.ofTime !== b.ofTime) return false
  if (a.step === b.step) return true
  return a.ofTime ? a.step >= FINEST_NESTED_MS && b.step % a.step === 0 : isMultiple(b.step, a.step)
}

/** Buckets are told by rounded numbers if every edge is a multiple of the step. */
function bucketAtMost (b: Of<'bucket'>, a: Transform): boolean {
  if (a.kind === 'bucket') return b.edges.every(edge => a.edges.includes(edge))
  return a.kind === 'round' && !a.ofTime && b.edges.every(edge => isMultiple(edge, a.step))
}

/** `b` factors through `a`: values that `a` does not tell apart, `b` does not either; unlisted ones are suppressed by both. */
function mapAtMost (b: Of<'map'>, a: Of<'map'>): boolean {
  const coarser = new Map<string, string>()
  for (const [value, target] of a.values) {
    const mapped = JSON.stringify(b.values.get(value)) ?? 'suppressed'
    const told = JSON.stringify(target)
    if ((coarser.get(told) ?? mapped) !== mapped) return false
    coarser.set(told, mapped)
  }
  return [...b.values.keys()].every(value => a.values.has(value))
}

/** Hours and weekdays are those of UTC, whose days and hours begin at multiples of their length. */
function partAtMost (b: Of<'part'>, a: Transform): boolean {
  if (a.kind === 'part') return a.part === b.part
  const partMs = b.part === 'hour' ? HOUR_MS : DAY_MS
  return a.kind === 'round' && a.ofTime && a.step >= FINEST_NESTED_MS && partMs % a.step === 0
}

/** To the twelve digits that the minimizer counts in, so that 0.3 is a multiple of 0.1. */
function isMultiple (value: number, step: number): boolean {
  const ratio = Number((value / step).toPrecision(12))
  return Math.abs(ratio) <= LARGEST_RATIO && Number.isInteger(ratio)
}
