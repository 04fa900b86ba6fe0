/**
 * Coordinates → the center of a grid cell.
 *
 * A cell is at least `sideKm` high and wide. Rows are `sideKm / 110.574` degrees of latitude (the shortest degree there
 * is, WGS 84); columns are that many degrees times the least power of two that keeps them as wide at the row's far edge.
 * Powers of two make grids nest: the cells of a 10 km grid are unions of the cells of a 1 km grid, so a coarser grid
 * whose side is a whole multiple tells nothing that the finer one does not.
 */

const KM_PER_DEGREE = 110.574

export interface Coordinates {
  readonly latitude: number
  readonly longitude: number
}

/** Degrees in, degrees out: the center of the cell that holds the point. */
export function cellCenter ({ latitude, longitude }: Coordinates, sideKm: number): Coordinates {
  const step = sideKm / KM_PER_DEGREE
  const row = indexOf(latitude, step)
  const width = step * columnFactor(row, step)
  const column = indexOf(longitude, width)
  return {
    latitude: clamp((row + 0.5) * step, 90),
    longitude: clamp((column + 0.5) * width, 180)
  }
}

function columnFactor (row: number, step: number): number {
  const farEdge = Math.min(Math.max(Math.abs(row * step), Math.abs((row + 1) * step)), 89.9)
  return 2 ** Math.ceil(Math.log2(1 / Math.cos(farEdge * Math.PI / 180)))
}

/** Rounds toward minus infinity, with the noise of floating point taken off first. */
function indexOf (value: number, step: number): number {
  return Math.floor(Number((value / step).toPrecision(12)))
}

function clamp (degrees: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, degrees))
}
