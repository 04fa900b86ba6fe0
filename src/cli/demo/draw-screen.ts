/**
 * The screen of the demo: 80 columns and 24 rows suffice, more are used.
 *
 * ```
 * headline                         always
 * came in                          three lines, or a line for each type
 * left, by home                    always
 * what left / withheld / a disclosure / a change of mind      all, or one after the other
 * addresses                        always
 * ```
 */

import { colors } from '../terminal.js'
import { homesTable } from './homes-table.js'
import { cameInPanel, changeLine, footer, latestPanel, leftPanel, withheldPanel } from './panels.js'
import { clip, left } from './text.js'
import type { DemoView } from './view.js'
import { clock } from './words.js'

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

export const SMALLEST: ScreenSize = { columns: 80, rows: 24 }

const CAME_IN_LEAST = 3
const TURN_MS = 6_000
const WIDEST = 140
const LATEST_LINES = 4

/** One row and one column stay free: a terminal wraps or scrolls there. */
export function drawScreen (view: DemoView, { columns, rows }: ScreenSize): string {
  const width = Math.min(columns, WIDEST) - 1
  const homes = homesTable(view, width)
  const head = headline(view, width)
  const room = rows - 1 - head.length - homes.length - 1
  const { panels, left: spare } = choosePanels(view, width, room - CAME_IN_LEAST)
  const gaps = spare >= panels.length + 3 ? panels.length + 3 : 0
  const cameIn = cameInPanel(view, width, Math.min(CAME_IN_LEAST + spare - gaps, view.cameIn.types.length + 1 < 6 ? CAME_IN_LEAST : view.cameIn.types.length + 1))
  const sections = [head, cameIn, homes, ...panels, [footer(view, width)]]
  return sections.map(section => section.join('\n')).join(gaps > 0 ? '\n\n' : '\n')
}

/** All of them where there is room; otherwise as many as there are rows for, beginning with another one every few seconds. */
function choosePanels (view: DemoView, width: number, room: number): { panels: string[][], left: number } {
  const all = [withheldPanel(view, width), leftPanel(view, width), latestPanel(view, width, LATEST_LINES + 1), [changeLine(view, width)]]
  const first = all.reduce((sum, panel) => sum + panel.length, 0) <= room ? 0 : Math.floor(view.elapsedMs / TURN_MS) % 3
  const panels: string[][] = []
  let spare = room
  for (const panel of [...all.slice(first), ...all.slice(0, first)]) {
    if (panel.length > spare) continue
    panels.push(panel)
    spare -= panel.length
  }
  return { panels, left: spare }
}

function headline ({ elapsedMs, gatewayUrl, homes, devices }: DemoView, width: number): string[] {
  const promise = 'nothing leaves without a rule and consent, and no address ever'
  const state = `${clock(elapsedMs)}  gateway ${gatewayUrl}  ${homes} homes, ${devices.connected} of ${devices.all} devices`
  return [
    colors.bold(colors.cyan('CURTILAGE')) + clip(`  ${promise}`, width - 9),
    left(clip(state, width - 14), width - 13) + colors.dim('Ctrl-C ends it')
  ].map(line => line)
}
