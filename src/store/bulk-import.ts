/**
 * Import of NDJSON: every bad line is reported with its number and what is wrong, the good ones go in by batches.
 *
 * What is reported never holds a value of the line: it may be a password or an address.
 */

import type { z } from 'zod'
import { CurtilageError } from '../model/errors.js'

const BATCH_LINES = 4_000
const MAX_LINE_LENGTH = 16_384

export type Lines = AsyncIterable<string> | Iterable<string>

export interface BadLine {
  /** Counted from 1. */
  readonly line: number
  readonly problem: string
}

export interface ImportProgress {
  readonly lines: number
  readonly imported: number
  readonly bad: number
}

export interface ImportResult extends ImportProgress {
  readonly problems: readonly BadLine[]
}

export interface LineImport<T> {
  readonly schema: z.ZodType<T>
  /** Throws a CurtilageError for a line that cannot go in. */
  readonly accept: (item: T) => void
  /** Writes a batch, all or none; throws a CurtilageError where it cannot. */
  readonly write: (items: readonly T[]) => Promise<void>
  readonly onProgress?: ((progress: ImportProgress) => void) | undefined
}

interface Numbered<T> {
  readonly line: number
  readonly item: T
}

/** Rejects only where the store does not take a batch; what was imported before stays. */
export async function importLines<T> (lines: Lines, { schema, accept, write, onProgress }: LineImport<T>): Promise<ImportResult> {
  const problems: BadLine[] = []
  let [line, imported] = [0, 0]
  let batch: Numbered<T>[] = []
  const flush = async () => {
    imported += await writeBatch(batch, write, problems)
    batch = []
    onProgress?.({ lines: line, imported, bad: problems.length })
  }
  for await (const text of lines) {
    line += 1
    if (text.trim() === '') continue
    const parsed = parseLine(text, schema, accept)
    if ('problem' in parsed) problems.push({ line, problem: parsed.problem })
    else batch.push({ line, item: parsed.item })
    if (batch.length >= BATCH_LINES) await flush()
  }
  await flush()
  return { lines: line, imported, bad: problems.length, problems: problems.sort((a, b) => a.line - b.line) }
}

/** A batch that is refused is tried line by line, so that one bad line takes no other with it. */
async function writeBatch<T> (batch: readonly Numbered<T>[], write: LineImport<T>['write'], problems: BadLine[]): Promise<number> {
  if (batch.length === 0) return 0
  try {
    await write(batch.map(({ item }) => item))
    return batch.length
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
  const before = problems.length
  for (const { line, item } of batch) {
    try { await write([item]) } catch (error) {
      if (!isRefusal(error)) throw error
      problems.push({ line, problem: error.message })
    }
  }
  return batch.length - (problems.length - before)
}

function parseLine<T> (text: string, schema: z.ZodType<T>, accept: (item: T) => void): { item: T } | { problem: string } {
  if (text.length > MAX_LINE_LENGTH) return { problem: `longer than ${MAX_LINE_LENGTH} characters` }
  const json = parseJson(text)
  if (json === undefined) return { problem: 'not JSON' }
  const result = schema.safeParse(json)
  if (!result.success) return { problem: describe(result.error) }
  try { accept(result.data) } catch (error) {
    if (isRefusal(error)) return { problem: error.message }
    throw error
  }
  return { item: result.data }
}

function parseJson (text: string): unknown {
  try { return JSON.parse(text) } catch { return undefined }
}

/** Names the keys of the schema only, never a key or a value of the line. */
function describe (error: z.ZodError): string {
  const texts = error.issues.map(issue => {
    if (issue.code === 'unrecognized_keys') return 'unknown key'
    return issue.path.length === 0 ? 'not an object' : `${issue.path.join('.')}: ${issue.code === 'invalid_type' ? `expected ${issue.expected}` : 'malformed'}`
  })
  return [...new Set(texts)].join('; ')
}

/** Trouble of the line, not of the store. */
function isRefusal (error: unknown): error is CurtilageError {
  return error instanceof CurtilageError && error.code !== 'store-write'
}
