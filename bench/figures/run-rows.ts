/**
 * Runs rows one after the other, prints their figures as a table, and answers whether all were reached.
 *
 *     --short      smaller counts
 *     --only NAME  one row; may be given again
 *     --json       a figure a line instead of the table
 *
 * A row that throws is a figure that was not reached.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import type { Figure, Row } from './figure.js'

export type Rows = Readonly<Record<string, Row>>

export async function runRows (title: string, rows: Rows, args: readonly string[]): Promise<boolean> {
  const { values: { short, only, json } } = parseArgs({ args: [...args], options: { short: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } } })
  const unknown = only?.find(name => rows[name] === undefined)
  if (unknown !== undefined) throw new TypeError(`no row ${unknown}; there are ${Object.keys(rows).join(', ')}`)
  const figures: Figure[] = []
  for (const [name, row] of Object.entries(rows)) {
    if (only === undefined || only.includes(name)) figures.push(...await runRow(name, row, short))
  }
  if (json) for (const figure of figures) console.log(JSON.stringify(figure))
  else console.log(tableOf(title, figures))
  return figures.every(({ pass }) => pass)
}

/** Runs one row in a folder of its own, which is gone afterwards. */
export async function runRow (name: string, row: Row, short: boolean): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'curtilage-figures-'))
  const startedMs = performance.now()
  const note = (text: string): void => { process.stderr.write(`${name} ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${text}\n`) }
  try {
    return await row({ short, folder, note })
  } catch (error) {
    return [{ what: name, reach: 'the run ends', seen: error instanceof Error ? error.stack ?? error.message : String(error), pass: false }]
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

export function tableOf (title: string, figures: readonly Figure[]): string {
  const table = new Table({ head: [title, 'to reach', 'seen', ''], style: { head: [], border: [] }, colWidths: [44, 34, 62, 8], wordWrap: true })
  for (const { what, reach, seen, pass, measured } of figures) table.push([what, reach, seen, pass ? 'pass' : measured === undefined ? 'FAIL' : 'missed'])
  return table.toString()
}
