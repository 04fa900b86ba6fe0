/** The end of the demo in words. */

import { wrap } from '../table.js'
import { colors } from '../terminal.js'
import { homesTable } from './homes-table.js'
import { cameInPanel, leftPanel, withheldPanel } from './panels.js'
import type { Checked } from './self-check.js'
import type { DemoView } from './view.js'
import { clock, count } from './words.js'

const MOST_TYPES = 40
const MARK_WIDTH = 9

export function summary (view: DemoView, checks: readonly Checked[], width: number): string {
  return [
    [colors.bold(`curtilage demo: ${view.homes} homes, ${view.devices.all} devices, ${clock(view.elapsedMs)}`)],
    cameInPanel(view, width, Math.max(6, Math.min(MOST_TYPES, view.cameIn.types.length + 1))),
    homesTable(view, width),
    leftPanel(view, width),
    withheldPanel(view, width),
    [`${colors.bold('ADDRESSES')}  ${count(view.addresses.byKind)} MAC and IP fields kept in, and ${count(view.addresses.inText)} found in names and ids`],
    [colors.bold('CHECKED'), ...checks.flatMap(checked => checkLines(checked, width))],
    [verdict(checks)]
  ].map(section => section.join('\n')).join('\n\n')
}

function checkLines ({ ok, text }: Checked, width: number): string[] {
  const [first = '', ...others] = wrap(text, width - MARK_WIDTH)
  const paint = ok ? (line: string) => line : colors.red
  return [` ${ok ? colors.green('ok    ') : colors.red('FAILED')}  ${paint(first)}`, ...others.map(line => ' '.repeat(MARK_WIDTH) + paint(line))]
}

function verdict (checks: readonly Checked[]): string {
  const failed = checks.filter(({ ok }) => !ok).length
  return failed === 0 ? colors.green('Everything held.') : colors.bold(colors.red(`THE GATEWAY DID NOT HOLD: ${failed} of ${checks.length} checks failed.`))
}
