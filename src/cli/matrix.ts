/** `curtilage matrix`: who may get what, and what it takes. */

import type { Command } from 'commander'
import type { MatrixRow } from '../policy/matrix.js'
import { examples, withConfig, type ConfigOptions } from './options.js'
import { table } from './table.js'
import { print, printJson, width } from './terminal.js'
import { transformText } from './transform-text.js'

const CONSENT = { none: 'none needed', purpose: 'to the purpose', recipient: 'to this recipient', closed: 'closed' } as const

export function addMatrixCommand (program: Command): void {
  examples(withConfig(program.command('matrix').description('recipients × categories: which transform, and what consent it takes')
    .option('--all', 'categories too that no recipient may have')), [
    'curtilage matrix',
    'curtilage matrix --all --json'
  ]).action(async ({ config, json, all }: ConfigOptions & { all?: true }) => {
    const [{ readConfiguration }, { matrix }] = await Promise.all([import('../core.js'), import('../policy/matrix.js')])
    const rows = matrix((await readConfiguration(config)).policy)
    if (json) printJson({ recipients: rows })
    else print(matrixText(rows, all === true))
  })
}

function matrixText (rows: readonly MatrixRow[], all: boolean): string {
  const categories = (rows[0]?.cells ?? []).map(({ category }) => category)
  const shown = categories.filter((_, i) => all || rows.some(({ cells }) => cells[i]?.transform !== undefined))
  return table([
    ['RECIPIENT', ...rows.map(({ recipient }) => recipient)],
    ['purpose', ...rows.map(({ purpose, clause }) => `${purpose} (clause ${clause})`)],
    ['consent', ...rows.map(row => row.enabled ? consentOf(row) : 'switched off')],
    ['CATEGORY', ...rows.map(() => '')],
    ...shown.map(category => [category, ...rows.map(({ cells }) => transformText(cells.find(cell => cell.category === category)?.transform))])
  ], width())
}

/** Closed categories apart, it is the same for all of a recipient. */
function consentOf ({ cells }: MatrixRow): string {
  const needed = new Set(cells.map(({ consent }) => consent))
  return CONSENT[(['recipient', 'purpose', 'none'] as const).find(one => needed.has(one)) ?? 'closed']
}
