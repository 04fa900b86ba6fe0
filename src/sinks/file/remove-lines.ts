/**
 * Takes lines out of the files of a recipient, durably: for erasures.
 *
 * ```
 * YYYY-MM-DD/0001.ndjson             read while others write; where a line has to go, written anew without it:
 * YYYY-MM-DD/0001.ndjson.rewriting   fsync, then renamed over it, fsync of the folder
 * ```
 * A crash in the middle leaves the old file or the new one, and perhaps a `.rewriting`, which the next run removes. A file in
 * which no line has to go stays as it is, so that readers who follow the files see as little as possible: a file that was
 * written anew is another one under the same name.
 */

import { constants } from 'node:fs'
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { listDays } from './day-folder.js'
import { syncFolder } from './durable-folder.js'

const LINE_FEED = 0x0a
const READ_BYTES = 256 * 1024
const REWRITING = '.rewriting'
/** The envelope begins so; both are spelled without escapes. */
const HEAD = /^\{"id":"([g-z]{1,64})","recipient":"([^"\\]{1,64})"/
const HEAD_BYTES = 160

export interface LineHead {
  readonly id: string
  readonly recipient: string
}

export interface LineRemoval {
  /** Has the line to go? */
  readonly goes: (head: LineHead) => boolean
  /** Runs the work while nobody else writes in the folder. */
  readonly alone: (work: () => Promise<void>) => Promise<void>
}

/** Resolves to the number of lines that went. Rejects with the file system's error; then some files may be done already. */
export async function removeLines (folder: string, removal: LineRemoval): Promise<number> {
  let removed = 0
  for (const day of await unlessGone(listDays(folder), [])) {
    for (const path of await filesOf(day)) removed += await removeFrom(path, day, removal)
  }
  return removed
}

async function filesOf (day: string): Promise<string[]> {
  const names = await unlessGone(readdir(day), [])
  for (const name of names.filter(name => name.endsWith(REWRITING))) await rm(join(day, name), { force: true })
  return names.filter(name => name.endsWith('.ndjson')).sort().map(name => join(day, name))
}

async function removeFrom (path: string, day: string, { goes, alone }: LineRemoval): Promise<number> {
  if (!await unlessGone(hasLine(path, goes), false)) return 0
  let removed = 0
  await alone(async () => {
    removed = await unlessGone(rewrite(path, goes), 0)
    await unlessGone(syncFolder(day), undefined)
  })
  return removed
}

async function hasLine (path: string, goes: LineRemoval['goes']): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    for await (const line of linesOf(file)) if (lineGoes(line, goes)) return true
    return false
  } finally {
    await file.close()
  }
}

async function rewrite (path: string, goes: LineRemoval['goes']): Promise<number> {
  const old = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const fresh = await open(path + REWRITING, 'w', 0o600)
    try {
      const removed = await copyWithout(old, fresh, goes)
      await fresh.sync()
      await rename(path + REWRITING, path)
      return removed
    } finally {
      await fresh.close()
    }
  } finally {
    await old.close()
  }
}

async function copyWithout (from: FileHandle, to: FileHandle, goes: LineRemoval['goes']): Promise<number> {
  let [removed, bytes]: [number, number] = [0, 0]
  let kept: Buffer[] = []
  const flush = async () => {
    if (kept.length > 0) await to.writeFile(Buffer.concat(kept))
    kept = []
    bytes = 0
  }
  for await (const line of linesOf(from)) {
    if (lineGoes(line, goes)) { removed += 1; continue }
    kept.push(line)
    bytes += line.length
    if (bytes >= READ_BYTES) await flush()
  }
  await flush()
  return removed
}

function lineGoes (line: Buffer, goes: LineRemoval['goes']): boolean {
  const [, id, recipient] = HEAD.exec(line.subarray(0, HEAD_BYTES).toString('latin1')) ?? []
  return id !== undefined && recipient !== undefined && goes({ id, recipient })
}

/** Each with its line feed; the last one may lack it. */
async function * linesOf (file: FileHandle): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, null)
    if (bytesRead === 0) break
    const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
    let start = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      yield bytes.subarray(start, end + 1)
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
  if (rest.length > 0) yield rest
}

/** Days may be moved away or deleted meanwhile. */
async function unlessGone<T> (work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise
    throw error
  }
}
