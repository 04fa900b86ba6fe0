/**
 * The files of one recipient and one UTC day of delivery.
 *
 * ```
 * recipients/{folder}/YYYY-MM-DD/0001.ndjson    full: at least maxFileBytes
 *                                0002.ndjson    the last one: appended to
 * ```
 * Every file is whole lines, each one disclosure; only the last may end in a torn line, after a crash.
 */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from './durable-folder.js'

const DAY = /^\d{4}-\d{2}-\d{2}$/
const FILE = /^(\d{4,})\.ndjson$/

export function dayOf (epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10)
}

/** Day folders of a recipient, oldest first. A symbolic link is none: it may lead anywhere. */
export async function listDays (folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter(entry => entry.isDirectory() && DAY.test(entry.name)).map(({ name }) => join(folder, name)).sort()
}

export function isOwnFile (name: string): boolean {
  return FILE.test(name)
}

/** Number of the last file; 0 where there is none. */
export async function lastNumber (day: string): Promise<number> {
  const numbers = (await readdir(day)).map(name => Number(FILE.exec(name)?.[1] ?? 0))
  return numbers.reduce((last, number) => Math.max(last, number), 0)
}

export function filePath (day: string, number: number): string {
  return join(day, `${String(number).padStart(4, '0')}.ndjson`)
}

export async function makeDay (folder: string, epochMs: number): Promise<string> {
  const day = join(folder, dayOf(epochMs))
  await makeFolder(day)
  return day
}
