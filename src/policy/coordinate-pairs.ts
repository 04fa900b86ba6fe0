/** A coordinate can be moved to a grid only together with its partner. */

import type { CompiledField } from '../model/policy.js'
import { quote } from './quote.js'
import type { Reporter } from './reporter.js'

export interface Coordinate {
  readonly field: CompiledField
  /** Stands for the container: fields of one container hold the same object. */
  readonly container: object
}

/** Each latitude needs a longitude of its category and scale in the same container; where one lacks its axis nothing can be said. */
export function checkPairs (coordinates: readonly Coordinate[], reporter: Reporter): void {
  if (coordinates.some(({ field }) => field.axis === undefined)) return
  for (const coordinate of coordinates) {
    const { field } = coordinate
    const alike = coordinates.filter(other => areAlike(coordinate, other))
    const same = alike.filter(other => other.field.axis === field.axis)
    if (same.length <= alike.length - same.length) continue
    const partner = field.axis === 'latitude' ? 'longitude' : 'latitude'
    reporter.atKey(['fields', field.path], 'unpaired', `${field.axis} ${quote(field.path)} has no ${partner} of its scale beside it`, { key: field.path })
  }
}

function areAlike (a: Coordinate, b: Coordinate): boolean {
  return a.container === b.container && a.field.category === b.field.category && a.field.scale === b.field.scale
}
