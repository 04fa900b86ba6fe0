/** Reads a file that a person names; `-` is standard input. */

import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { UsageError } from './failure.js'

/** @throws UsageError where it cannot be read */
export async function readInput (file: string): Promise<Uint8Array> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(file)
  } catch (error) {
    throw new UsageError(`the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`)
  }
}
