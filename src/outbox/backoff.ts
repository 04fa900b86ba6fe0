const FIRST_MS = 200
const LONGEST_MS = 30_000

/**
 * How long to wait after the given number of failures in a row, the first being 0.
 *
 * Doubles up to 30 s; the random half keeps recipients that failed together from coming back together.
 */
export function backoffMs (failures: number, random: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16))
  return longest / 2 + longest / 2 * random
}
