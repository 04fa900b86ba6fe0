/** Writes a file that was not there. */

import { writeFile } from 'node:fs/promises'
import { UsageError } from './failure.js'

/** @throws UsageError where there is one already, or where it cannot be written */
export async function writeNew (file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new UsageError(code === 'EEXIST' ? `${file} is there already: nothing is overwritten` : `${file} cannot be written (${code})`)
  }
}
