/** Panels of the screen, each a title and some lines: what came in, what left, what was withheld, one disclosure. */

import { colors } from '../terminal.js'
import { clip, flow, fold, left, plainText, right } from './text.js'
import type { DemoView, RecipientView } from './view.js'
import { count, longWord, rate, shortWord } from './words.js'

const NAME_WIDTH = 18
/** From here on reasons are spelled out. */
const ROOMY = 110
/** Lines of a full list of types. */
const MOST_TYPES = 30

export function title (name: string, rest: string, width: number): string {
  return colors.bold(name) + clip(`  ${rest}`, width - name.length)
}

/** In so many lines. A line for each type where there is room for five of them, otherwise one after the other. */
export function cameInPanel ({ cameIn }: DemoView, width: number, lines: number): string[] {
  const { types, unreadable } = cameIn
  const head = title('CAME IN', `${count(cameIn.count)} reports, ${rate(cameIn.perSecond)}, ${types.length} types${unreadable > 0 ? `, ${count(unreadable)} unreadable` : ''}`, width)
  if (lines >= 6) return padded([head, ...typeLines(cameIn, width, lines - 1)], Math.min(lines, MOST_TYPES))
  const items = types.map(({ report, count: number, perSecond }) => `${report} ${count(number)} (${rate(perSecond)})`)
  const families = new Set(types.flatMap(({ categories }) => categories.map(category => category.split('.')[0] ?? '')))
  const holding = flow([...families], { width: width - 10, lines: 1, gap: ', ' })
  return padded([head, ...indent(flow(items, { width: width - 1, lines: lines - 2 })), ...holding.map(line => colors.dim(` holding: ${line}`))], lines)
}

function typeLines ({ types }: DemoView['cameIn'], width: number, lines: number): string[] {
  const shown = types.slice(0, types.length > lines ? lines - 1 : lines)
  const rest = types.slice(shown.length)
  const rows = shown.map(({ report, count: number, perSecond, categories }) => counted(report, number, rate(perSecond), kinds(categories), width))
  if (rest.length === 0) return rows
  return [...rows, counted(`${rest.length} more types`, rest.reduce((sum, type) => sum + type.count, 0), '', rest.map(({ report }) => report), width)]
}

export function leftPanel ({ recipients }: DemoView, width: number): string[] {
  return [title('WHAT LEFT', 'kinds of fields in it, each as coarse as its rule says', width), ...enabled(recipients).map(recipient =>
    counted(recipient.name, recipient.left, rate(recipient.perSecond), recipient.categories.length === 0 ? [nothingYet(recipient)] : kinds(recipient.categories), width))]
}

function counted (name: string, number: number, speed: string, items: readonly string[], width: number): string {
  const room = width - NAME_WIDTH - 19
  return ` ${left(name, NAME_WIDTH)}${right(count(number), 8)}${right(speed, 8)}  ${colors.dim(flow(items, { width: room, lines: 1, gap: ', ' }).join(''))}`
}

/** Categories by family, in their order: `device.id/model, time.event`; of a large family the first few. */
function kinds (categories: readonly string[]): string[] {
  const families = new Map<string, Set<string>>()
  for (const category of categories) {
    const [family = '', member = ''] = category.split('.', 2)
    families.set(family, (families.get(family) ?? new Set()).add(member))
  }
  return [...families].map(([family, members]) => {
    const [first, second, third, ...others] = members
    const shown = [first, second, third].filter(member => member !== undefined).join('/')
    return `${family}.${shown}${others.length > 0 ? `/+${others.length}` : ''}`
  })
}

function nothingYet ({ waiting, waitsUntilMs }: RecipientView): string {
  if (waitsUntilMs === undefined) return 'nothing yet'
  const at = new Date(waitsUntilMs)
  return `${count(waiting)} wait for ${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}, as its rule says`
}

/** The sums leave out reports that the recipient does not list: they say nothing of anybody's choice. */
export function withheldPanel ({ recipients }: DemoView, width: number): string[] {
  const off = recipients.filter(recipient => !recipient.enabled).map(({ name }) => name)
  const head = title('WITHHELD', `reports, and why${off.length === 0 ? '' : ` (${off.join(', ')}: switched off)`}`, width)
  const word = width < ROOMY ? shortWord : longWord
  return [head, ...enabled(recipients).map(({ name, withheld }) => {
    const reasons = withheld.map(({ reason, count: number }) => `${count(number)} ${word(reason)}`)
    const sum = withheld.reduce((total, { reason, count: number }) => reason === 'report-not-listed' ? total : total + number, 0)
    return ` ${left(name, NAME_WIDTH)}${right(count(sum), 8)}  ${colors.yellow(flow(reasons, { width: width - NAME_WIDTH - 11, lines: 1, gap: ', ' }).join(''))}`
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
  const said = `${account} ${state === 'granted' ? 'granted' : 'withdrew'} ${purpose} ${Math.floor(agoMs / 1000)}s ago`
  const [reports, disclosures] = width < ROOMY ? ['', ''] : [' reports', ' disclosures']
  return title('A CHANGE', `${said}; since then ${count(reported)}${reports} in, ${count(departed)}${disclosures} left`, width)
}

export function footer ({ addresses: { byKind, inText, planted, leaked }, strangers }: DemoView, width: number): string {
  const kept = `  ${count(byKind + inText)}${width < ROOMY ? '' : ' MAC/IP'} fields kept in, ${leaked} of ${count(planted)} left`
  const refused = `  ${count(strangers.refused)}× unknown device`
  const paint = leaked === 0 ? colors.green : colors.red
  const room = width - 'ADDRESSES'.length - '  REFUSED'.length
  return colors.bold('ADDRESSES') + paint(clip(kept, room)) + colors.bold('  REFUSED') + clip(refused, Math.max(0, room - kept.length))
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
