/** Days of delivery have their time in the gateway's own files. */

import { readdir, rmdir, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isOwnFile, listDays } from './day-folder.js'
import { syncFolder } from './durable-folder.js'

const DAY_MS = 86_400_000

/**
 * Removes days that ended longer ago than the retention, so that every line is kept that long and at most a day longer;
 * today never is. Resolves to the number of days. Files that are not the gateway's stay, and their folder with them.
 *
 * Rejects with the system's error when all that can be removed are.
 */
export async function removeOldDays (folder: string, retentionMs: number, nowMs: number): Promise<number> {
  const old = (await listDays(folder)).filter(day => Date.parse(basename(day)) + DAY_MS + retentionMs <= nowMs)
  const results = await Promise.allSettled(old.map(removeDay))
  if (old.length > 0) await syncFolder(folder)
  for (const result of results) if (result.status === 'rejected') throw result.reason
  return results.filter(result => result.status === 'fulfilled' && result.value).length
}

/** False: nothing of it is the gateway's. */
async function removeDay (day: string): Promise<boolean> {
  const names = await readdir(day)
  const own = names.filter(isOwnFile)
  for (const name of own) await unlink(join(day, name))
  if (own.length === names.length) await rmdir(day)
  return own.length > 0 || names.length === 0
}
