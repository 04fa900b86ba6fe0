/** The known name that a typo most likely meant. */

import { distance } from 'fastest-levenshtein'

const MAX_LENGTH = 100

/** Undefined where no known name is close: a wrong offer costs more than none. */
export function nearestName (name: string, known: Iterable<string>): string | undefined {
  if (name.length > MAX_LENGTH) return undefined
  let best: string | undefined
  let bestDistance = Math.min(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    if (candidate.length > MAX_LENGTH) continue
    const steps = distance(name.toLowerCase(), candidate.toLowerCase())
    if (steps < bestDistance) [best, bestDistance] = [candidate, steps]
  }
  return best
}
