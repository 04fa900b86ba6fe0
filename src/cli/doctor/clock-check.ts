/** The clock: consents run out, epochs of pseudonyms change and days of files begin by it. */

import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openTables, readHead } from '../../consent/ledger-tables.js'
import type { Store } from '../../store/store.js'
import type { Examination } from './examination.js'
import type { Findings } from './finding.js'

/** Of the first version: no honest clock tells less. */
const EARLIEST_MS = Date.UTC(2026, 10, 1)
const LATEST_MS = Date.UTC(2100, 0, 1)
/** What a clock that is being slewed, and a slow start, may differ. */
const SLACK_MS = 120_000
/** Of /proc/PID/stat, on every system that Node runs on. */
const TICKS_A_SECOND = 100

export async function checkClock (store: Store | undefined, { data, gateway, nowMs }: Examination, findings: Findings): Promise<void> {
  const remedy = 'set the clock, and keep it by NTP'
  if (nowMs < EARLIEST_MS || nowMs > LATEST_MS) findings.problem(`the clock says ${spell(nowMs)}`, remedy)
  const lastMs = store === undefined ? 0 : readHead(openTables(store)).at
  if (lastMs > nowMs + SLACK_MS) findings.problem(`the clock is behind the ledger's last entry, of ${spell(lastMs)}: it went back, or was ahead then`, `${remedy}; what was recorded stays in its order`)
  const jumpMs = gateway === undefined ? undefined : jumpSinceStart(gateway.started, statSync(join(data, 'gateway.lock')).mtimeMs, nowMs)
  if (jumpMs !== undefined && Math.abs(jumpMs) > SLACK_MS) findings.warning(`the clock was set by some ${Math.round(jumpMs / 1000)} s since the gateway started, or its start took that long`, 'look at what keeps the clock')
  if (findings.found.length === 0) findings.ok(`the clock says ${spell(nowMs)}, and nothing was recorded later`)
}

/** By how much the wall clock went on more than the one that nobody can set, since the gateway wrote its lock. */
function jumpSinceStart (started: string, writtenMs: number, nowMs: number): number | undefined {
  try {
    const uptimeMs = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000
    const ageMs = uptimeMs - Number(started) * 1000 / TICKS_A_SECOND
    return started === '' || Number.isNaN(ageMs) ? undefined : nowMs - writtenMs - ageMs
  } catch {
    return undefined
  }
}

function spell (ms: number): string {
  return new Date(ms).toISOString()
}
