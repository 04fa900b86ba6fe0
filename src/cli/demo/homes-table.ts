/** The homes, a line each: how many reports came in, and for each recipient how many disclosures left or what kept them in. */

import { colors } from '../terminal.js'
import { clip, left, right } from './text.js'
import type { CellView, DemoView, RecipientView, ResidentView } from './view.js'
import { count, shortWord } from './words.js'

const LABEL_WIDTH = 24
const REPORTS_WIDTH = 7
const CELL_WIDTH = 12

/** Two lines of heading, one for each home or group of homes, one for all together. */
export function homesTable (view: DemoView, width: number): string[] {
  const recipients = view.recipients.filter(({ enabled }) => enabled)
  const columns = Math.min(recipients.length, Math.floor((width - LABEL_WIDTH - REPORTS_WIDTH) / CELL_WIDTH))
  const labelWidth = width - REPORTS_WIDTH - columns * CELL_WIDTH
  const wide = labelWidth >= LABEL_WIDTH + 12
  const shape = { labelWidth: Math.min(labelWidth, LABEL_WIDTH + 16), columns, wide }
  return [
    ...heading(recipients, shape),
    ...view.residents.map(resident => residentLine(resident, view, shape)),
    totalLine(view, recipients, shape)
  ]
}

interface Shape {
  readonly labelWidth: number
  /** Recipients that have room. */
  readonly columns: number
  readonly wide: boolean
}

function heading (recipients: readonly RecipientView[], { labelWidth, columns }: Shape): string[] {
  const names = recipients.slice(0, columns).map(({ name }) => splitName(name))
  const line = (title: string, reports: string, of: (name: readonly [string, string]) => string): string =>
    left(title, labelWidth) + right(reports, REPORTS_WIDTH) + names.map(name => right(of(name), CELL_WIDTH)).join('')
  return [colors.bold(line('', 'reports', ([first]) => first)), colors.bold(line('LEFT, BY HOME', 'in', ([, second]) => second))]
}

/** `product-analytics` in two lines. */
function splitName (name: string): readonly [string, string] {
  const at = name.indexOf('-') + 1
  return [clip(name.slice(0, at), CELL_WIDTH - 1), clip(name.slice(at), CELL_WIDTH - 1)]
}

function residentLine (resident: ResidentView, view: DemoView, { labelWidth, columns, wide }: Shape): string {
  const label = labelOf(resident, view)
  const named = wide ? `${left(resident.account ?? '', 10)} ${label}` : label
  const cells = resident.cells.slice(0, columns).map(cell => cellText(cell))
  return ` ${left(named, labelWidth - 1)}${right(count(resident.reported), REPORTS_WIDTH)}${cells.join('')}`
}

/** The home that changes its mind says what it said last. */
function labelOf ({ account, label }: ResidentView, { change }: DemoView): string {
  if (change === undefined || change.account !== account) return label
  return `opt-in: ${change.state === 'granted' ? 'granted' : 'withdrew'} ${Math.floor(change.agoMs / 1000)}s ago`
}

function cellText ({ left: gone, waiting, reason, unlinkable }: CellView): string {
  if (reason !== undefined && gone + waiting > 0) return colors.yellow(right(`stopped ${count(gone + waiting)}`, CELL_WIDTH))
  if (reason !== undefined) return colors.yellow(right(shortWord(reason), CELL_WIDTH))
  if (waiting > 0) return colors.cyan(right(`${count(waiting)} wait`, CELL_WIDTH))
  return unlinkable && gone === 0 ? colors.cyan(right('allowed', CELL_WIDTH)) : colors.green(right(count(gone), CELL_WIDTH))
}

function totalLine ({ cameIn }: DemoView, recipients: readonly RecipientView[], { labelWidth, columns }: Shape): string {
  const cells = recipients.slice(0, columns).map(({ left: gone, waiting }) => right(gone === 0 && waiting > 0 ? `${count(waiting)} wait` : count(gone), CELL_WIDTH))
  return colors.bold(` ${left('all', labelWidth - 1)}${right(count(cameIn.count), REPORTS_WIDTH)}${cells.join('')}`)
}
