/** Ratios of two pieces of work, measured in turn, so that they hold while the machine's speed drifts. */

export interface Ratios {
  readonly rounds: number
  readonly minimum: number
  readonly median: number
  readonly maximum: number
  /** CPU milliseconds of the median round. */
  readonly workMs: number
  readonly baseMs: number
}

/** CPU time of `work` against CPU time of `base`, one warm-up round first. */
export function pairedRatios (rounds: number, base: (round: number) => void, work: (round: number) => void): Ratios {
  cpuMs(() => base(0))
  cpuMs(() => work(0))
  const pairs = Array.from({ length: rounds }, (_, round) => ({ baseMs: cpuMs(() => base(round)), workMs: cpuMs(() => work(round)) }))
  const sorted = pairs.map(pair => ({ ...pair, ratio: pair.workMs / pair.baseMs })).sort((a, b) => a.ratio - b.ratio)
  const [first, middle, last] = [sorted[0], sorted[rounds >> 1], sorted.at(-1)]
  if (first === undefined || middle === undefined || last === undefined) throw new RangeError('at least one round')
  return { rounds, minimum: first.ratio, median: middle.ratio, maximum: last.ratio, workMs: middle.workMs, baseMs: middle.baseMs }
}

function cpuMs (run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
