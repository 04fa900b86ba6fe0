/**
 * UUIDs (RFC 9562) as they bear on MAC addresses, found by their dashes or underscores.
 *
 * Versions 1, 2 and 6 end in a node, which is a MAC. The tail of version 4 is random and survives. Any other tail is a
 * run of twelve digits like every other. Without separators a UUID is a 32-digit id, in which only known MACs are looked for.
 */

import { DASH, UNDERSCORE } from './chars.js'
import { gapCode, lengthOf, type Run } from './runs.js'

const NODE_DIGITS = 12
const WITH_NODE = '126'

/** Does the run at `i` begin with the tail of a version 4 UUID? */
export function isVersion4 (text: string, runs: readonly Run[], i: number): boolean {
  return lengthOf(runs[i]!) >= NODE_DIGITS && versionOf(text, runs, i) === '4'
}

/** The node that the run at `i` ends a UUID with, also where more hex digits follow at once. */
export function nodeIn (text: string, runs: readonly Run[], i: number): string | undefined {
  const { start } = runs[i]!
  if (lengthOf(runs[i]!) < NODE_DIGITS || !WITH_NODE.includes(versionOf(text, runs, i) ?? '-')) return undefined
  return text.slice(start, start + NODE_DIGITS)
}

/** The version digit of the UUID whose last group the run at `i` begins. */
function versionOf (text: string, runs: readonly Run[], i: number): string | undefined {
  const groups = runs.slice(Math.max(0, i - 4), i + 1)
  if (groups.length < 5 || !areParted(text, groups)) return undefined
  if (lengthOf(groups[0]!) < 8 || !groups.slice(1, 4).every(run => lengthOf(run) === 4)) return undefined
  return /[89ab]/i.test(text.charAt(groups[3]!.start)) ? text.charAt(groups[2]!.start) : undefined
}

function areParted (text: string, groups: readonly Run[]): boolean {
  const separator = gapCode(text, groups[0]!, groups[1]!)
  if (separator !== DASH && separator !== UNDERSCORE) return false
  return groups.every((run, i) => i === 0 || gapCode(text, groups[i - 1]!, run) === separator)
}
