/**
 * Tails of known MACs, in text that a person wrote: a device's default name often ends in half of its address.
 *
 * The last 4–6 digits as a run of their own, at the end of a run too short for the whole address, behind the last letters
 * of a word (`Lampe918C`), or as pairs (`0D:91:8C`).
 */

import { lengthOf, type Run } from './runs.js'
import type { KnownAddresses } from './known.js'
import type { View } from './views.js'

export const SHORTEST_TAIL = 4
const TAIL_LENGTHS = [4, 5, 6]
const LONGEST_TAIL = 6
const WHOLE = 12
const PAIRS = 3

/** Does a view hold the tail of a known MAC? */
export function holdsTail ({ text, hexRuns }: View, known: KnownAddresses): boolean {
  return hexRuns.some((run, i) => lengthOf(run) === 2 ? isPairedTail(text, hexRuns, i, known) : endsInTail(text, run, known))
}

function endsInTail (text: string, run: Run, known: KnownAddresses): boolean {
  const length = lengthOf(run)
  if (length < SHORTEST_TAIL || length >= WHOLE) return false
  const hex = text.slice(run.start, run.end).toLowerCase()
  if (known.hasTail(hex.slice(-LONGEST_TAIL))) return true
  const letters = /^[a-f]*/.exec(hex)![0].length
  const fewest = /[g-z]/i.test(text.charAt(run.start - 1)) ? 1 : 2
  return TAIL_LENGTHS.some(size => length - size >= fewest && length - size <= letters && known.hasTail(hex.slice(-size)))
}

/** Two pairs by a sign, or three by a sign or a space, of which the last ends at the run at `last`. */
function isPairedTail (text: string, runs: readonly Run[], last: number, known: KnownAddresses): boolean {
  const pairs = runs.slice(Math.max(0, last - PAIRS + 1), last + 1)
  const gaps = pairs.slice(1).map((run, i) => text.slice(pairs[i]!.end, Math.min(run.start, pairs[i]!.end + 2)))
  const gap = gaps.at(-1) ?? ''
  if (!/^[:._ -]$/.test(gap) || lengthOf(pairs.at(-2)!) !== 2) return false
  const hex = pairs.map(({ start, end }) => text.slice(start, end)).join('').toLowerCase()
  if (hex.length === LONGEST_TAIL && gaps[0] === gap && known.hasTail(hex)) return true
  return gap !== ' ' && known.hasTail(hex.slice(-SHORTEST_TAIL))
}
