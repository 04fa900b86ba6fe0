/**
 * The screen of the demo: 80 columns and 24 rows suffice, more are used.
 *
 * ```
 * headline                         always
 * came in                          four lines, or a line for each type
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

const CAME_IN_LEAST = 4
/** Lines of types that go before blank lines. */
const TYPES_BEFORE_GAPS = 3
const TURN_MS = 6_000
const WIDEST = 140
const LATEST_LINES = 5
const ROOMY = 120
const PROMISE = 'nothing leaves that no rule allows, that the home has not consented to, or that carries a MAC or IP address'
const PROMISE_IN_SHORT = 'nothing leaves without a rule and consent, and no address ever'
const END_HINT = 'Ctrl-C ends it'

export function drawScreen (view: DemoView, { columns, rows }: ScreenSize): string[] {
  const width = Math.min(columns, WIDEST)
  const homes = homesTable(view, width)
  const head = headline(view, width)
  const room = rows - head.length - homes.length - 1
  const { panels, left: spare } = choosePanels(view, width, room - CAME_IN_LEAST)
  const gaps = Math.max(0, Math.min(spare - TYPES_BEFORE_GAPS, panels.length + 3))
  const cameIn = cameInPanel(view, width, CAME_IN_LEAST + spare - gaps)
  return spaced([head, cameIn, homes, ...panels, [footer(view, width)]], gaps)
}

/** Blank lines where they help most: around the homes, then above the last line, then from top to bottom. */
function spaced (sections: readonly string[][], gaps: number): string[] {
  const order = [...new Set([2, 3, sections.length - 1, ...sections.keys()])].filter(at => at > 0 && at < sections.length)
  const spacedAt = new Set(order.slice(0, gaps))
  return sections.flatMap((section, at) => spacedAt.has(at) ? ['', ...section] : section)
}

/** All of them where there is room; otherwise as many as there are rows for, beginning with another one every few seconds. */
function choosePanels (view: DemoView, width: number, room: number): { panels: string[][], left: number } {
  const all = [withheldPanel(view, width), leftPanel(view, width), latestPanel(view, width, LATEST_LINES), [changeLine(view, width)]]
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
  const promise = width < ROOMY ? PROMISE_IN_SHORT : PROMISE
  const state = `${clock(elapsedMs)}  ${gatewayUrl}  ${homes} homes, ${devices.connected} of ${devices.all} devices`
  return [
    colors.bold(colors.cyan('CURTILAGE')) + clip(`  ${promise}`, width - 9),
    left(state, width - END_HINT.length - 1) + ' ' + colors.dim(END_HINT)
  ]
}
