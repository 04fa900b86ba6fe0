/** Tables of aligned text that fit a width: the widest columns give way, and their cells wrap. */

export interface Cell {
  readonly text: string
  readonly style?: (text: string) => string
}

export type Row = readonly (string | Cell)[]

const GAP = '  '
const NARROWEST = 8

/** Lines joined by line feeds; no spaces at their ends. */
export function table (rows: readonly Row[], width: number): string {
  const cells = rows.map(row => row.map(cell => typeof cell === 'string' ? { text: cell } : cell))
  const widths = fit(naturalWidths(cells), width)
  return cells.flatMap(row => lines(row, widths)).join('\n')
}

function naturalWidths (rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = []
  for (const row of rows) for (const [i, { text }] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, text.length)
  return widths
}

function fit (widths: readonly number[], width: number): number[] {
  const fitted = [...widths]
  const room = width - GAP.length * (widths.length - 1)
  for (let excess = fitted.reduce((sum, one) => sum + one, 0) - room; excess > 0; excess--) {
    const widest = fitted.indexOf(Math.max(...fitted))
    if ((fitted[widest] ?? 0) <= NARROWEST) break
    fitted[widest] = (fitted[widest] ?? 0) - 1
  }
  return fitted
}

function lines (row: readonly Cell[], widths: readonly number[]): string[] {
  const wrapped = row.map(({ text }, i) => wrap(text, widths[i] ?? text.length))
  const height = Math.max(1, ...wrapped.map(({ length }) => length))
  return Array.from({ length: height }, (_, line) => joined(row, wrapped, widths, line))
}

function joined (row: readonly Cell[], wrapped: readonly string[][], widths: readonly number[], line: number): string {
  const last = wrapped.findLastIndex(parts => (parts[line] ?? '') !== '')
  return row.slice(0, last + 1).map(({ style = same }, i) => {
    const part = wrapped[i]?.[line] ?? ''
    return style(part) + (i === last ? '' : ' '.repeat((widths[i] ?? 0) - part.length))
  }).join(GAP)
}

/** Where text is cut best, in this order. */
const MARKS = [' ', ',', '/', ']', '.', ':', '-'] as const

/** Cuts text into pieces of at most `width`, after a mark where there is one that is not too far left. */
export function wrap (text: string, width: number): string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > width) {
    const cut = MARKS.map(mark => rest.lastIndexOf(mark, width - 1) + 1).find(end => end >= width / 3) ?? width
    pieces.push(rest.slice(0, cut).trimEnd())
    rest = rest.slice(cut)
  }
  pieces.push(rest)
  return pieces
}

function same (text: string): string {
  return text
}
