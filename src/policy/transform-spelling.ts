/**
 * The canonical spelling of a transform, as headers of disclosures and explanations carry it.
 *
 * Two transforms are spelled alike exactly if they do the same: `keep`, `round:10`, `round:900000ms`, `bucket:0,10`,
 * `grid:10km`, `map:[["a","b"]]`, `pseudonymize:30d`, `part:hour`.
 */

import type { Transform } from '../model/policy.js'
import { spellDuration } from './units.js'

export function spellTransform (transform: Transform): string {
  switch (transform.kind) {
    case 'keep':
    case 'suppress': return transform.kind
    case 'round': return `round:${transform.step}${transform.ofTime ? 'ms' : ''}`
    case 'bucket': return `bucket:${transform.edges.join(',')}`
    case 'grid': return `grid:${transform.sideKm}km`
    case 'map': return `map:${JSON.stringify([...transform.values].sort(([a], [b]) => a < b ? -1 : 1))}`
    case 'pseudonymize': return `pseudonymize:${spellDuration(transform.epochMs)}`
    case 'part': return `part:${transform.part}`
  }
}
