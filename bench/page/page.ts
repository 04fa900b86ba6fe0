/** The generated part of docs/performance.md: between two comments, Markdown tables of all results. */

import { spell } from '../figures/figure.js'
import type { Spread } from '../figures/spread.js'
import type { RelayFigure, RelayResult } from '../relay/relay.js'
import type { SavedResult } from '../results.js'
import { ROWS } from '../rows.js'

export const PAGE = 'docs/performance.md'
export const PLOT = 'docs/images/performance.svg'

const BEGIN = '<!-- npm run figures: from here on generated -->\n'
const END = '<!-- npm run figures: to here -->'
const ORDER = Object.keys(ROWS)

/** Throws where the page has no place for it. */
export function pageWith (text: string, results: readonly SavedResult[]): string {
  const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)]
  if (from < BEGIN.length || to < from) throw new Error(`${PAGE} has no two comments to write between`)
  return text.slice(0, from) + '\n' + tablesOf(inOrder(results)) + text.slice(to)
}

export function inOrder (results: readonly SavedResult[]): SavedResult[] {
  return [...results].sort((a, b) => ORDER.indexOf(a.row) - ORDER.indexOf(b.row))
}

/** Another process wanted the cores as well, or the sources were between two commits. */
export function isPreliminary ({ busy, cores, commit }: SavedResult): boolean {
  return busy > cores / 2 || commit === undefined || commit.endsWith('+')
}

function tablesOf (results: readonly SavedResult[]): string {
  return [
    table(['figure', 'to reach', 'seen: median (least–most)', '', 'row'], results.flatMap(({ row, figures }) => figures.map(({ what, reach, seen, pass, measured }) => [what, reach, seen, pass ? '' : measured === undefined ? '**fails**' : '**missed**', `\`${row}\``]))),
    table(['row', 'measured', 'sources', 'processes that wanted one of the cores', 'took', ''], results.map(result => [`\`${result.row}\``, result.at.slice(0, 10), result.commit ?? '', `${result.busy.toFixed(1)} of ${result.cores}`, `${result.seconds.toFixed(0)} s`, isPreliminary(result) ? '**preliminary**' : ''])),
    `Node ${[...new Set(results.map(({ node, cpu }) => `${node}, ${cpu}`))].join('; ')}. Sources with a plus had changes that were not committed.\n`,
    ...results.filter(({ row }) => ['relay', 'crowd'].includes(row)).flatMap(({ detail }) => (detail as (RelayResult & { connections: number, qos: number })[] | undefined ?? []).map(relayed))
  ].join('\n')
}

function relayed ({ connections, qos, figures, ceiling }: RelayResult & { connections: number, qos: number }): string {
  const rows = figures.map(figure => figure.absent !== undefined ? [figure.peer, `skipped: ${figure.absent}`, '', '', '', ''] : relayRow(figure))
  return table([`${connections.toLocaleString('en')} connections, QoS ${qos}`, 'reports a second', 'times plain aedes', 'µs of CPU a report', 'arrive with an address', 'load\'s core'], [...rows, ['the load alone, into a sink-hole', String(Math.round(ceiling)), '', '', '', '']])
}

function relayRow ({ peer, perSecond, rateRatio, cpuMicros, leaking, loadShare }: RelayFigure): string[] {
  return [peer, spread(perSecond), spread(rateRatio), spread(cpuMicros), leaking === undefined ? '' : `${leaking.leaking} of ${leaking.checked}`, spread(loadShare)]
}

function spread (figure: Spread | undefined): string {
  return figure === undefined ? '' : `${spell(figure.median)} (${spell(figure.minimum)}–${spell(figure.maximum)})`
}

function table (head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('\n', ' ').replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line), ''].join('\n')
}
