/** One line of the table that `npm run chaos` and `npm run soak` print, and what a row is given to find it out. */

export interface Figure {
  readonly what: string
  /** The figure to reach, in words. */
  readonly reach: string
  readonly seen: string
  readonly pass: boolean
}

export interface Run {
  /** Smaller counts, every check alive: for CI. */
  readonly short: boolean
  /** For this row alone; exists, empty, removed afterwards. */
  readonly folder: string
  /** Tells how far it is. */
  note (text: string): void
}

export type Row = (run: Run) => Promise<Figure[]>
