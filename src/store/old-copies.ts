/**
 * Copies of stores of earlier formats, which a migration left in the data folder.
 *
 * An erasure does not reach into them, so they are not kept for long.
 */

import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** How long a copy is kept, unless an account is erased before. */
export const COPY_KEPT_MS = 7 * 86_400_000

const COPY = /^store\.format-\d+\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

/** Removes those made before `beforeMs`; returns how many. */
export function removeOldCopies (dataFolder: string, beforeMs: number): number {
  const old = readdirSync(dataFolder).filter(name => {
    const madeMs = madeAt(name)
    return madeMs !== undefined && madeMs < beforeMs
  })
  for (const name of old) rmSync(join(dataFolder, name), { recursive: true, force: true })
  return old.length
}

function madeAt (name: string): number | undefined {
  const parts = COPY.exec(name)
  if (parts === null) return undefined
  const [year = 0, month = 1, day, hour, minute, second] = parts.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}
