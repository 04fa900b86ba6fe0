/** Reads the audit entries of the ledger, in its order, by account or by its index of actions. */

import { setImmediate as breathe } from 'node:timers/promises'
import { isAudit, unpackGroup, type AuditRecord } from './entry.js'
import { groupRange, type AuditRow, type LedgerTables } from './ledger-tables.js'

const STRIDE = 1_000

export interface AuditFilter {
  readonly account?: string
  readonly action?: string
  /** Epoch milliseconds, both included. */
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Sequence of the last entry of the page before. */
  readonly after?: number
  readonly limit: number
  /** Newest first; `after` is then the sequence of the oldest entry seen. */
  readonly newestFirst?: boolean
}

/** An audit entry with the account that it is about; none where it is about none, or that one was not registered. */
export interface AuditEntry extends AuditRecord {
  readonly account?: string
}

/** At most `limit` entries; lets others have a turn now and then. */
export async function listAudit (tables: LedgerTables, filter: AuditFilter): Promise<AuditEntry[]> {
  if (filter.newestFirst === true) return await listBackward(tables, filter)
  const found: AuditEntry[] = []
  let next: number | undefined = Math.max((filter.after ?? 0) + 1, firstSince(tables, filter.sinceMs))
  while (next !== undefined) {
    const rows: Row[] = filter.account === undefined ? indexed(tables, next) : ofAccount(tables, filter.account, next)
    for (const { sequence, row } of rows) {
      if (filter.untilMs !== undefined && row[0] > filter.untilMs) return found
      const record = filter.action === undefined || row[1] === filter.action ? read(tables, sequence, row) : undefined
      if (record !== undefined) found.push({ ...record, ...(row[2] !== '' && { account: row[2] }) })
      if (found.length >= filter.limit) return found
    }
    next = rows.length < STRIDE ? undefined : (rows.at(-1)?.sequence ?? 0) + 1
    await breathe()
  }
  return found
}

async function listBackward (tables: LedgerTables, filter: AuditFilter): Promise<AuditEntry[]> {
  const found: AuditEntry[] = []
  let before: number | undefined = Math.min(filter.after ?? Infinity, firstSince(tables, filter.untilMs === undefined ? Infinity : filter.untilMs + 1))
  while (before !== undefined) {
    const rows: Row[] = filter.account === undefined ? indexedBefore(tables, before) : ofAccountBefore(tables, filter.account, before)
    for (const { sequence, row } of rows) {
      if (filter.sinceMs !== undefined && row[0] < filter.sinceMs) return found
      const record = filter.action === undefined || row[1] === filter.action ? read(tables, sequence, row) : undefined
      if (record !== undefined) found.push({ ...record, ...(row[2] !== '' && { account: row[2] }) })
      if (found.length >= filter.limit) return found
    }
    before = rows.length < STRIDE ? undefined : rows.at(-1)?.sequence
    await breathe()
  }
  return found
}

interface Row {
  readonly sequence: number
  readonly row: AuditRow
}

function indexed ({ audit }: LedgerTables, from: number): Row[] {
  return [...audit.getRange({ start: from, limit: STRIDE })].map(({ key, value }) => ({ sequence: key, row: value }))
}

function indexedBefore ({ audit }: LedgerTables, before: number): Row[] {
  return [...audit.getRange({ start: before - 1, end: 0, reverse: true, limit: STRIDE })].map(({ key, value }) => ({ sequence: key, row: value }))
}

function ofAccountBefore ({ groups, audit }: LedgerTables, account: string, before: number): Row[] {
  const rows: Row[] = []
  for (const { key: [, sequence], value: [, group] } of groups.getRange({ start: [account, before - 1], end: [account, 0], reverse: true })) {
    const row = unpackGroup(group).some(isAudit) ? audit.get(sequence) : undefined
    if (row !== undefined && rows.push({ sequence, row }) >= STRIDE) break
  }
  return rows
}

function ofAccount ({ groups, audit }: LedgerTables, account: string, from: number): Row[] {
  const rows: Row[] = []
  for (const { key: [, sequence], value: [, group] } of groups.getRange({ ...groupRange(account), start: [account, from] })) {
    const row = unpackGroup(group).some(isAudit) ? audit.get(sequence) : undefined
    if (row !== undefined && rows.push({ sequence, row }) >= STRIDE) break
  }
  return rows
}

/** An audit entry is a group of its own. Undefined where its account was erased meanwhile. */
function read ({ groups }: LedgerTables, sequence: number, [, , account]: AuditRow): AuditRecord | undefined {
  const group = groups.get([account, sequence])
  return group === undefined ? undefined : unpackGroup(group[1]).find(isAudit)
}

/** The ledger's clock never goes back, so sequences and times ascend together. */
function firstSince ({ audit }: LedgerTables, sinceMs: number | undefined): number {
  if (sinceMs === undefined) return 1
  let [low, high] = [1, ([...audit.getKeys({ reverse: true, limit: 1 })][0] ?? 0) + 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [row] = audit.getRange({ start: middle, limit: 1 })
    if (row === undefined || row.value[0] >= sinceMs) high = middle
    else low = row.key + 1
  }
  return low
}
