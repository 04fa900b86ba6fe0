/** What one policy changes against another, a line for each change. */

import type { Change } from '../policy/order.js'
import { changeWords } from './change-words.js'
import { table } from './table.js'
import { width } from './terminal.js'

export function changesText (changes: readonly Change[]): string {
  return table(changes.map(change => [
    change.effect,
    [change.recipient, change.report, change.path].filter(Boolean).join(' '),
    changeWords(change),
    change.newRule ?? change.oldRule ?? ''
  ]), width())
}
