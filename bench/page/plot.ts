/**
 * All figures beside those to reach, as an SVG: how many times as good as the figure to reach, on a logarithmic scale.
 *
 * A line from the least to the most of the rounds, a dot at the median; right of the middle line is reached.
 */

import { spell, type Measured } from '../figures/figure.js'
import type { SavedResult } from '../results.js'
import { inOrder, isPreliminary } from './page.js'

const LABELS = 560
const WIDTH = 1040
const LINE = 22
const TOP = 54
const RIGHT = 70
/** Figures beyond stand at the edge. */
const [LEAST, MOST] = [0.001, 100]
const TICKS = [0.001, 0.01, 0.1, 1, 10, 100]
const [INK, GRAY, REACHED, MISSED] = ['#1c2024', '#8b9198', '#1a7f4b', '#b3401f']

interface Line {
  readonly what: string
  readonly measured: Measured
}

export function plotOf (results: readonly SavedResult[]): string {
  const lines = inOrder(results).flatMap(({ figures }) => figures.flatMap(({ what, measured }): Line[] => measured === undefined ? [] : [{ what, measured }]))
  const height = TOP + lines.length * LINE + 16
  const note = results.some(isPreliminary) ? ' (preliminary: the machine was busy)' : ''
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>Figures seen beside the figures to reach${note}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(12, 20, `Times as good as the figure to reach; right of 1 is reached${note}`, INK, 'start', 14),
    ...TICKS.flatMap(tick => [
      `<line x1="${at(tick)}" x2="${at(tick)}" y1="${TOP - 8}" y2="${height - 12}" stroke="${tick === 1 ? INK : '#e3e6e9'}"/>`,
      text(at(tick), TOP - 14, String(tick), GRAY, 'middle')
    ]),
    ...lines.flatMap((line, i) => drawn(line, TOP + i * LINE + LINE / 2)),
    '</svg>', ''
  ].join('\n')
}

function drawn ({ what, measured }: Line, y: number): string[] {
  const { minimum, median, maximum, unit } = measured
  const [from, to] = [goodness(measured, minimum), goodness(measured, maximum)].sort((a, b) => a - b) as [number, number]
  const middle = goodness(measured, median)
  const color = middle >= 1 ? REACHED : MISSED
  return [
    text(12, y + 4, what.length > 92 ? `${what.slice(0, 91)}…` : what, INK, 'start'),
    `<line x1="${at(from)}" x2="${at(to)}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="3" stroke-opacity="0.45" stroke-linecap="round"/>`,
    `<circle cx="${at(middle)}" cy="${y}" r="4.5" fill="${color}"/>`,
    text(WIDTH - 8, y + 4, `${spell(median)}${unit === '' ? '' : ` ${unit}`}`, color, 'end')
  ]
}

function goodness ({ bound }: Measured, figure: number): number {
  return 'atMost' in bound ? bound.atMost / figure : figure / bound.atLeast
}

function at (times: number): number {
  const share = Math.log(Math.min(MOST, Math.max(LEAST, times)) / LEAST) / Math.log(MOST / LEAST)
  return Math.round(LABELS + share * (WIDTH - LABELS - RIGHT))
}

function text (x: number, y: number, content: string, fill: string, anchor: 'start' | 'middle' | 'end', size = 12): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x}" y="${y}" fill="${fill}" text-anchor="${anchor}" font-size="${size}">${escaped}</text>`
}
