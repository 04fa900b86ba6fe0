/** Does the active rule still give at least what a waiting disclosure holds? */

import { spellTransform } from './transform-spelling.js'
import type { Transform } from '../model/policy.js'

/**
 * Compares the transform now in force with the canonical spelling of the one that was applied.
 *
 * True only where it is certain: the same transform, or `keep` now. Anything else withholds the disclosure.
 */
export function stillCovers (active: Transform, applied: string): boolean {
  return active.kind === 'keep' || spellTransform(active) === applied
}
