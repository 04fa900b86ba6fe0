/** Panels of the screen, each a title and some lines: what came in, what left, what was withheld, one disclosure. */

import { colors } from '../terminal.js'
import { clip, flow, fold, left, plainText, right } from './text.js'
import type { DemoView, RecipientView } from './view.js'
import { clock, count, longWord, rate } from './words.js'

const NAME_WIDTH = 18

export function title (name: string, rest: string, width: number): string {
  return colors.bold(name) + clip(`  ${rest}`, width - name.length)
}

/** In at least three lines. A line for each type where there is room for five types, otherwise one after the other. */
export function cameInPanel ({ cameIn }: DemoView, width: number, lines: number): string[] {
  const { types, unreadable } = cameIn
  const head = title('CAME IN', `${count(cameIn.count)} reports, ${rate(cameIn.perSecond)}, ${types.length} types${unreadable > 0 ? `, ${count(unreadable)} unreadable` : ''}`, width)
  if (lines >= 6) return [head, ...typeLines(cameIn, width, lines - 1)]
  const items = types.map(({ report, count: number, perSecond }) => `${report} ${count(number)} (${rate(perSecond)})`)
  const categories = [...new Set(types.flatMap(type => type.categories))].sort()
  const inThem = flow(categories, { width: width - 12, lines: 1, gap: ', ' })
  return [head, ...indent(flow(items, { width: width - 1, lines: lines - 2 })), ...inThem.map(line => colors.dim(` holding: ${line}`))]
}

function typeLines ({ types }: DemoView['cameIn'], width: number, lines: number): string[] {
  const shown = types.slice(0, types.length > lines ? lines - 1 : lines)
  const rest = types.slice(shown.length)
  const rows = shown.map(({ report, count: number, perSecond, categories }) =>
    ` ${left(report, NAME_WIDTH)}${right(count(number), 8)}${right(rate(perSecond), 8)}  ` +
    colors.dim(flow(categories, { width: width - NAME_WIDTH - 19, lines: 1, gap: ', ' }).join('')))
  if (rest.length === 0) return rows
  const others = rest.reduce((sum, type) => sum + type.count, 0)
  return [...rows, ` ${left(`${rest.length} more types`, NAME_WIDTH)}${right(count(others), 8)}${right('', 8)}  ${colors.dim(flow(rest.map(({ report }) => report), { width: width - NAME_WIDTH - 19, lines: 1, gap: ', ' }).join(''))}`]
}

export function leftPanel ({ recipients }: DemoView, width: number): string[] {
  return [title('WHAT LEFT', 'kinds of fields in it, coarsened as the rules say', width), ...enabled(recipients).map(recipient => {
    const kinds = recipient.categories.length === 0 ? nothingYet(recipient) : flow(recipient.categories, { width: width - NAME_WIDTH - 19, lines: 1, gap: ', ' }).join('')
    return ` ${left(recipient.name, NAME_WIDTH)}${right(count(recipient.left), 8)}${right(rate(recipient.perSecond), 8)}  ${colors.dim(clip(kinds, width - NAME_WIDTH - 19))}`
  })]
}

function nothingYet ({ waiting, waitsUntilMs }: RecipientView): string {
  if (waitsUntilMs === undefined) return 'nothing yet'
  const at = new Date(waitsUntilMs)
  return `${count(waiting)} wait until ${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}, so that their moment tells nothing`
}

export function withheldPanel ({ recipients }: DemoView, width: number): string[] {
  const off = recipients.filter(recipient => !recipient.enabled).map(({ name }) => name)
  const rest = off.length === 0 ? 'reports, and why' : `reports, and why (${off.join(', ')}: switched off)`
  return [title('WITHHELD', rest, width), ...enabled(recipients).map(({ name, withheld }) => {
    const reasons = flow(withheld.map(({ reason, count: number }) => `${count(number)} ${longWord(reason)}`), { width: width - NAME_WIDTH - 11, lines: 1, gap: ', ' }).join('')
    const all = withheld.reduce((sum, one) => sum + one.count, 0)
    return ` ${left(name, NAME_WIDTH)}${right(count(all), 8)}  ${colors.yellow(reasons)}`
  })]
}

/** One disclosure as it left, in so many lines. */
export function latestPanel ({ latest, filesFolder }: DemoView, width: number, lines: number): string[] {
  const head = title('AS IT LEFT', latest === undefined ? 'nothing yet' : `one disclosure to ${latest.recipient}`, width)
  const body = latest === undefined ? [] : fold(plainText(latest.line), { width: width - 1, lines: lines - 2 })
  return padded([head, ...indent(body).map(line => colors.dim(line)), clip(` files: ${filesFolder}`, width)], lines)
}

/** What became of the home that changes its mind since it last did. */
export function changeLine ({ change }: DemoView, width: number): string {
  if (change === undefined) return ''
  const { state, agoMs, account, purpose, reported, departed } = change
  const said = state === 'granted' ? `grants ${purpose}` : `withdrew ${purpose}`
  return title('A CHANGE OF MIND', `${account} ${said}; for ${clock(agoMs)} since: ${count(reported)} reports in, ${count(departed)} left for it`, width)
}

export function footer ({ addresses: { byKind, inText, planted, leaked }, strangers }: DemoView, width: number): string {
  const kept = `${count(byKind + inText)} MAC/IP fields kept in, ${leaked} of ${count(planted)} addresses left`
  const refused = `unknown device refused ${count(strangers.refused)}×`
  const paint = leaked === 0 ? colors.green : colors.red
  return colors.bold('ADDRESSES') + paint(clip(`  ${kept}`, width - 9)) + clip(`  ${refused}`, Math.max(0, width - 11 - kept.length))
}

function enabled (recipients: readonly RecipientView[]): RecipientView[] {
  return recipients.filter(recipient => recipient.enabled)
}

function indent (lines: readonly string[]): string[] {
  return lines.map(line => ` ${line}`)
}

function padded (lines: readonly string[], height: number): string[] {
  return [...lines, ...Array.from({ length: Math.max(0, height - lines.length) }, () => '')]
}
