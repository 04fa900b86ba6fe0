/** The canonical spelling of a transform, as people read it. */

import { spellDuration } from '../policy/units.js'

/** `round:900000ms` → `round 15m`; `-` where there is none. */
export function transformText (spelling: string | null | undefined): string {
  return (spelling ?? '-').replace(/^round:(\d+)ms$/, (_, durationMs: string) => `round ${spellDuration(Number(durationMs))}`).replace(':', ' ')
}
