/** What `npm run bench` writes: a file for each row, with the state of the sources and of the machine. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import type { Figure } from './figures/figure.js'

export interface State {
  readonly at: string
  /** The last that changed what is measured; with a plus where that had changed since. Undefined outside a repository. */
  readonly commit?: string
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** Processes that wanted a core when the row began, as the minute before had it. */
  readonly busy: number
}

export interface SavedResult extends State {
  readonly row: string
  readonly seconds: number
  readonly figures: readonly Figure[]
  readonly detail?: unknown
}

const MEASURED = ['src', 'config']

export function stateNow (): State {
  const commit = git('log', '-1', '--format=%h', '--', ...MEASURED)
  const changed = git('status', '--porcelain', '--', ...MEASURED)
  return {
    at: new Date().toISOString(),
    ...(commit !== '' && { commit: changed === '' ? commit : `${commit}+` }),
    node: process.version,
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    busy: loadavg()[0] ?? 0
  }
}

export function saveResult (folder: string, result: SavedResult): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${result.row}.json`), JSON.stringify(result, undefined, 1) + '\n')
}

export function readResults (folder: string): SavedResult[] {
  return readdirSync(folder).filter(name => name.endsWith('.json')).sort().map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as SavedResult)
}

function git (...args: string[]): string {
  return spawnSync('git', args, { encoding: 'utf8' }).stdout?.trim() ?? ''
}
