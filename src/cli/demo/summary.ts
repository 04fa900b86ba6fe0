/** The end of the demo in words. */

import { colors } from '../terminal.js'
import { homesTable } from './homes-table.js'
import { cameInPanel, leftPanel, withheldPanel } from './panels.js'
import type { Checked } from './self-check.js'
import type { DemoView } from './view.js'
import { clock, count } from './words.js'

const MOST_TYPES = 40

export function summary (view: DemoView, checks: readonly Checked[], width: number): string {
  return [
    [colors.bold(`curtilage demo: ${view.homes} homes, ${view.devices.all} devices, ${clock(view.elapsedMs)}`)],
    cameInPanel(view, width, Math.max(6, Math.min(MOST_TYPES, view.cameIn.types.length + 1))),
    homesTable(view, width),
    leftPanel(view, width),
    withheldPanel(view, width),
    [`${colors.bold('ADDRESSES')}  ${count(view.addresses.byKind)} MAC and IP fields kept in by their kind, ${count(view.addresses.inText)} found in names and ids, for each recipient`],
    [colors.bold('CHECKED'), ...checks.map(checkLine)],
    [verdict(checks)]
  ].map(section => section.join('\n')).join('\n\n')
}

function checkLine ({ ok, text }: Checked): string {
  return ok ? ` ${colors.green('ok')}      ${text}` : colors.red(` FAILED  ${text}`)
}

function verdict (checks: readonly Checked[]): string {
  const failed = checks.filter(({ ok }) => !ok).length
  return failed === 0 ? colors.green('Everything held.') : colors.bold(colors.red(`THE GATEWAY DID NOT HOLD: ${failed} of ${checks.length} checks failed.`))
}
