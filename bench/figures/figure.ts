/** One line of the table that `npm run bench`, `chaos` and `soak` print, and what a row is given to find it out. */

import type { Spread } from './spread.js'

export interface Figure {
  readonly what: string
  /** The figure to reach, in words. */
  readonly reach: string
  readonly seen: string
  readonly pass: boolean
  /** A speed or a size, found in several rounds; absent where something holds or does not. */
  readonly measured?: Measured
}

export interface Measured extends Spread {
  readonly bound: Bound
  readonly unit: string
}

export type Bound = { readonly atMost: number } | { readonly atLeast: number }

export interface Run {
  /** Smaller counts, every check alive: for CI. */
  readonly short: boolean
  /** For this row alone; exists, empty, removed afterwards. */
  readonly folder: string
  /** Tells how far it is. */
  note (text: string): void
}

export type Row = (run: Run) => Promise<Figure[]>

/** Reached where the median is within the bound. A unit stands behind a space; none: a ratio. */
export function measuredFigure (what: string, spread: Spread, bound: Bound, unit = ''): Figure {
  const { minimum, median, maximum } = spread
  const behind = unit === '' ? '' : ` ${unit}`
  const pass = 'atMost' in bound ? median <= bound.atMost : median >= bound.atLeast
  const reach = 'atMost' in bound ? `at most ${bound.atMost}${behind}` : `at least ${bound.atLeast}${behind}`
  return { what, reach, seen: `${spell(median)}${behind} (${spell(minimum)}–${spell(maximum)})`, pass, measured: { minimum, median, maximum, bound, unit } }
}

/** Something that must hold for the row's figures to mean anything. */
export function checkFigure (what: string, failures: readonly string[]): Figure {
  return { what, reach: 'holds', seen: failures.length === 0 ? 'holds' : failures.join('; '), pass: failures.length === 0 }
}

/** Three digits that mean something. */
export function spell (figure: number): string {
  if (!Number.isFinite(figure)) return 'none'
  return Math.abs(figure) >= 100 ? String(Math.round(figure)) : String(Number(figure.toPrecision(3)))
}
