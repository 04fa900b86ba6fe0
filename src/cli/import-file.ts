/** Import of an NDJSON file through the API: in requests of some lines each, every bad line told by its number. */

import { createReadStream, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import type { SingleBar } from 'cli-progress'
import { UsageError, found } from './failure.js'
import { note, printJson } from './terminal.js'
import type { ApiClient } from './api-client.js'

const MAX_LINES = 1000
const MAX_BYTES = 1024 * 1024
/** The API tells lines longer than 16 KiB from others by their length alone. */
const MAX_LINE = 16 * 1024 + 1

interface Answer {
  readonly imported: number
  readonly problems: readonly { readonly line: number, readonly problem: string }[]
  readonly passwords?: readonly object[]
}

interface Summary {
  lines: number
  imported: number
  bad: number
  readonly problems: { line: number, problem: string }[]
}

/** Prints passwords that were made as NDJSON; tells bad lines and the count beside it, or with `json` in a last line. */
export async function importFile (api: ApiClient, route: string, file: string, json: boolean): Promise<void> {
  const summary: Summary = { lines: 0, imported: 0, bad: 0, problems: [] }
  const { source, size } = open(file)
  const progress = await progressBar(size)
  try {
    for await (const { lines, bytes } of chunks(source)) {
      take(await api.call<Answer>('POST', route, { lines }), lines.length, summary)
      progress?.increment(bytes)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    throw new UsageError(`the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)
  } finally {
    progress?.stop()
  }
  tell(summary, json)
}

function take ({ imported, problems, passwords = [] }: Answer, count: number, summary: Summary): void {
  for (const made of passwords) printJson(made)
  summary.imported += imported
  summary.bad += problems.length
  for (const { line, problem } of problems) summary.problems.push({ line: line + summary.lines, problem })
  summary.lines += count
}

function tell (summary: Summary, json: boolean): void {
  for (const { line, problem } of summary.problems) note(`line ${line}: ${problem}`)
  if (json) printJson(summary)
  else note(`${summary.imported} imported, ${summary.bad} bad, of ${summary.lines} lines`)
  if (summary.bad > 0) found()
}

function open (file: string): { source: Readable, size: number | undefined } {
  if (file === '-') return { source: process.stdin, size: undefined }
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) throw new UsageError('there is no such file')
  return { source: createReadStream(file), size: stat.isFile() ? stat.size : undefined }
}

async function * chunks (source: Readable): AsyncGenerator<{ lines: string[], bytes: number }> {
  let lines: string[] = []
  let bytes = 0
  for await (const line of linesOf(source)) {
    lines.push(line)
    bytes += Buffer.byteLength(line) + 1
    if (lines.length < MAX_LINES && bytes < MAX_BYTES) continue
    yield { lines, bytes }
    lines = []
    bytes = 0
  }
  if (lines.length > 0) yield { lines, bytes }
}

/** Lines without their ends; one that is too long is cut, so that it takes no memory. */
async function * linesOf (source: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of source.setEncoding('utf8')) {
    const parts = (rest + String(chunk)).split('\n')
    rest = (parts.pop() ?? '').slice(0, MAX_LINE)
    for (const line of parts) yield line.slice(0, MAX_LINE).replace(/\r$/, '')
  }
  if (rest !== '') yield rest
}

/** On a terminal only. */
async function progressBar (size: number | undefined): Promise<SingleBar | undefined> {
  if (size === undefined || size === 0 || process.stderr.isTTY !== true) return undefined
  const { default: { SingleBar } } = await import('cli-progress')
  const bar = new SingleBar({ format: '{bar} {percentage}% {eta_formatted} left', stream: process.stderr, hideCursor: true, clearOnComplete: true })
  bar.start(size, 0)
  return bar
}
