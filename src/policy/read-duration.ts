/** A written duration in milliseconds, or a problem where it stands. */

import { quote } from './quote.js'
import type { Reporter } from './reporter.js'
import type { SourcePath } from './source.js'
import { parseDuration } from './units.js'

export function readDuration (text: string | undefined, path: SourcePath, reporter: Reporter): number | undefined {
  if (text === undefined) return undefined
  const durationMs = parseDuration(text)
  if (durationMs === undefined) {
    reporter.atValue(path, 'invalid-value', `${quote(text)} is not a whole number of milliseconds between 1ms and 36500d`)
  }
  return durationMs
}
