/**
 * The canonical spelling of a transform, as headers of disclosures and explanations carry it.
 *
 * Two transforms are spelled alike exactly if they do the same: `keep`, `round:10`, `round:900000ms`, `bucket:0,10`,
 * `grid:10km`, `map:[["a","b"]]`, `pseudonymize:30d`, `part:hour`.
 */

import type { Transform } from '../model/policy.js'
import { parseDistance, parseDuration, spellDuration } from './units.js'

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

/** The transform of a canonical spelling; undefined for any other text. */
export function readTransform (spelling: string): Transform | undefined {
  const colon = spelling.indexOf(':')
  if (colon === -1) return spelling === 'keep' || spelling === 'suppress' ? { kind: spelling } : undefined
  const transform = readParts(spelling.slice(0, colon), spelling.slice(colon + 1))
  return transform !== undefined && spellTransform(transform) === spelling ? transform : undefined
}

function readParts (kind: string, rest: string): Transform | undefined {
  switch (kind) {
    case 'round': return rest.endsWith('ms') ? { kind, step: Number(rest.slice(0, -2)), ofTime: true } : { kind, step: Number(rest), ofTime: false }
    case 'bucket': return { kind, edges: rest.split(',').map(Number) }
    case 'grid': return withNumber(parseDistance(rest), sideKm => ({ kind, sideKm }))
    case 'map': return readMap(rest)
    case 'pseudonymize': return withNumber(parseDuration(rest), epochMs => ({ kind, epochMs }))
    case 'part': return rest === 'hour' || rest === 'weekday' ? { kind, part: rest } : undefined
    default: return undefined
  }
}

function withNumber (value: number | undefined, make: (value: number) => Transform): Transform | undefined {
  return value === undefined ? undefined : make(value)
}

function readMap (text: string): Transform | undefined {
  try {
    return { kind: 'map', values: new Map(JSON.parse(text)) }
  } catch {
    return undefined
  }
}
