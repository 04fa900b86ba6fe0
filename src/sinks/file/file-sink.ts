/**
 * Writes disclosures into the gateway's own files, a line each.
 *
 * Delivered means after fdatasync; the day is the day of delivery, UTC. A reader that follows the files sees a batch as
 * soon as it is written. Lines whose write failed are cut off again and come a second time. Where a folder is taken away
 * while the gateway runs, it is made again, and the lines of that moment come again.
 */

import { join } from 'node:path'
import type { Disclosure } from '../../model/disclosure.js'
import { CurtilageError } from '../../model/errors.js'
import type { Sink } from '../../outbox/sink.js'
import { dayOf, filePath, lastNumber, listDays, makeDay } from './day-folder.js'
import { makeFolder } from './durable-folder.js'
import { FolderTurns } from './folder-turns.js'
import { LineFile, type OpenFile } from './line-file.js'
import { removeOldDays } from './retention.js'
import { cutTornTail } from './torn-tail.js'

const LINE_FEED = Buffer.from('\n')
const FOLDER = /^[A-Za-z0-9_-]{1,64}$/
const MAX_FILE_BYTES = 64 * 1024 * 1024
const RETENTION_EVERY_MS = 3_600_000

export interface FileSinkSettings {
  /** Holds a folder for each recipient: `DATA/recipients`. Its parent must exist. */
  readonly recipients: string
  /** A plain name, unique over recipients. */
  readonly folder: string
  readonly nowMs: () => number
  /** A file of this length or more is not appended to. */
  readonly maxFileBytes?: number
  readonly openFile?: OpenFile
  /** Days that ended longer ago than this are removed, at the start and every hour. */
  readonly retentionMs?: number
  /** Told how many days were removed, where any were; undefined: they could not be. */
  readonly onRetention?: (removed: number | undefined) => void
  /** Told of each file that a crash had left with an unfinished line, when the folder is opened. */
  readonly onTornTail?: () => void
  /** Shared with whoever writes files of the folder anew; its own where nobody does. */
  readonly turns?: FolderTurns
}

/** Makes the folder, cuts torn tails. Rejects with `file-sink-folder`. */
export async function openFileSink (settings: FileSinkSettings): Promise<FileSink> {
  const { recipients, folder } = settings
  if (!FOLDER.test(folder)) throw new CurtilageError('file-sink-folder', 'the folder of a file sink is a plain name of 1 to 64 letters, digits, _ and -')
  const path = join(recipients, folder)
  try {
    await makeFolder(recipients)
    await makeFolder(path)
    await keepRetention(path, settings)
    for (const day of await listDays(path)) if (await cutLast(day)) settings.onTornTail?.()
  } catch (error) {
    throw new CurtilageError('file-sink-folder', `the folder ${folder} of a file sink cannot be used (${codeOf(error)})`)
  }
  return new FileSink(path, settings)
}

export class FileSink implements Sink {
  readonly maxBatch = 256
  readonly #path: string
  readonly #settings: FileSinkSettings
  readonly #timer: NodeJS.Timeout | undefined
  #retention: Promise<void> | undefined
  #file: LineFile | undefined
  #day = ''
  readonly #turns: FolderTurns
  #rewrites = 0

  constructor (path: string, settings: FileSinkSettings) {
    this.#path = path
    this.#settings = settings
    if (settings.retentionMs !== undefined) this.#timer = setInterval(() => { this.#retention = keepRetention(path, settings) }, RETENTION_EVERY_MS).unref()
    this.#turns = settings.turns ?? new FolderTurns()
  }

  /** A write once begun is finished: an abort that comes later is too late. */
  async deliver (batch: readonly Disclosure[], signal: AbortSignal): Promise<void> {
    await this.#turns.run(this.#settings.folder, async () => await this.#write(batch, signal))
  }

  async close (): Promise<void> {
    clearInterval(this.#timer)
    await this.#retention
    await this.#closeFile()
  }

  async #write (batch: readonly Disclosure[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    try {
      await this.#closeIfRewritten()
      const file = await this.#current()
      await file.append(Buffer.concat(batch.flatMap(({ bytes }) => [bytes, LINE_FEED])))
    } catch (error) {
      await this.#closeFile().catch(() => {})
      throw new CurtilageError('file-sink-write', `the file sink ${this.#settings.folder} could not write (${codeOf(error)}); check the disk`)
    }
  }

  async #closeFile (): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close()
  }

  async #closeIfRewritten (): Promise<void> {
    const rewrites = this.#turns.rewrites(this.#settings.folder)
    if (rewrites !== this.#rewrites) await this.#closeFile()
    this.#rewrites = rewrites
  }

  async #current (): Promise<LineFile> {
    const { nowMs } = this.#settings
    if (this.#file !== undefined && (this.#isFull(this.#file) || this.#day !== dayOf(nowMs()))) await this.#closeFile()
    this.#file ??= await this.#openLast(nowMs())
    return this.#file
  }

  async #openLast (epochMs: number): Promise<LineFile> {
    await makeFolder(this.#path)
    const day = await makeDay(this.#path, epochMs)
    this.#day = dayOf(epochMs)
    const last = Math.max(await lastNumber(day), 1)
    await cutLast(day)
    const file = await LineFile.open(filePath(day, last), this.#settings.openFile)
    if (!this.#isFull(file)) return file
    await file.close()
    return await LineFile.open(filePath(day, last + 1), this.#settings.openFile)
  }

  #isFull (file: LineFile): boolean {
    return file.length >= (this.#settings.maxFileBytes ?? MAX_FILE_BYTES)
  }
}

/** Never rejects: disclosures are taken nevertheless. */
async function keepRetention (path: string, { retentionMs, nowMs, onRetention = () => {} }: FileSinkSettings): Promise<void> {
  if (retentionMs === undefined) return
  const removed = await removeOldDays(path, retentionMs, nowMs()).catch(() => undefined)
  if (removed !== 0) onRetention(removed)
}

async function cutLast (day: string): Promise<boolean> {
  const last = await lastNumber(day)
  return last > 0 && await cutTornTail(filePath(day, last))
}

function codeOf (error: unknown): string {
  return (error as { code?: string }).code ?? 'no code'
}
