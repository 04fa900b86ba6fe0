/**
 * Coordinates → the center of a grid cell.
 *
 * Degrees are counted in whole steps of one meter of latitude where a degree is shortest (110.574 km, WGS 84), so that
 * cells are whole numbers of steps and grids nest exactly. A cell is at least `sideKm` high and wide: a row is that many
 * steps, a column as many times the least power of two that keeps it as wide at the row's far edge. Powers of two nest
 * too: the cells of a 10 km grid are unions of the cells of a 1 km grid, so a coarser grid whose side is a whole multiple
 * tells nothing that the finer one does not.
 */

const STEP_DEGREES = 1 / 110_574
/** Nearer to a pole columns grow no wider. */
const LAST_LATITUDE = 89.9

export interface Coordinates {
  readonly latitude: number
  readonly longitude: number
}

/** Degrees in, degrees out: the center of the cell that holds the point. Sides are whole meters. */
export function cellCenter ({ latitude, longitude }: Coordinates, sideKm: number): Coordinates {
  const rowSteps = Math.max(1, Math.round(sideKm * 1000))
  const row = Math.floor(stepsOf(latitude) / rowSteps)
  const columnSteps = rowSteps * columnFactor(row, rowSteps)
  const column = Math.floor(stepsOf(longitude) / columnSteps)
  return {
    latitude: clamp((row + 0.5) * rowSteps * STEP_DEGREES, 90),
    longitude: clamp((column + 0.5) * columnSteps * STEP_DEGREES, 180)
  }
}

function columnFactor (row: number, rowSteps: number): number {
  const farEdge = Math.max(Math.abs(row * rowSteps), Math.abs((row + 1) * rowSteps)) * STEP_DEGREES
  return 2 ** Math.ceil(Math.log2(1 / Math.cos(Math.min(farEdge, LAST_LATITUDE) * Math.PI / 180)))
}

/** Rounds toward minus infinity, to whole steps. */
function stepsOf (degrees: number): number {
  return Math.floor(degrees / STEP_DEGREES)
}

function clamp (degrees: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, degrees))
}
