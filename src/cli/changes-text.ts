/** What one policy changes against another, a line for each change. */

import type { Change } from '../policy/order.js'
import { table } from './table.js'
import { width } from './terminal.js'

export function changesText (changes: readonly Change[]): string {
  return table(changes.map(({ effect, aspect, recipient, report, path, old, new: next, oldRule, newRule }) => [
    effect,
    [recipient, report, path].filter(Boolean).join(' '),
    `${aspect}: ${old ?? 'nothing'} -> ${next ?? 'nothing'}`,
    newRule ?? oldRule ?? ''
  ]), width())
}
