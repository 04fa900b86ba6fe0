/** Least, middle and most of some figures of several rounds. */

export interface Spread {
  readonly minimum: number
  readonly median: number
  readonly maximum: number
}

export function spreadOf (figures: readonly number[]): Spread {
  const sorted = [...figures].sort((a, b) => a - b)
  return { minimum: sorted[0] ?? NaN, median: sorted[sorted.length >> 1] ?? NaN, maximum: sorted.at(-1) ?? NaN }
}
