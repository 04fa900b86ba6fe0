/** Where the data lies: `--data`, or what gateway.yaml says. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DataOptions } from './options.js'

const DEFAULT = 'data'

/** Never rejects: a folder that is being edited must not keep a command from the gateway that runs. */
export async function dataFolderOf ({ data, config }: DataOptions): Promise<string> {
  if (data !== undefined) return data
  try {
    const { parse } = await import('yaml')
    const settings: unknown = parse(readFileSync(join(config, 'gateway.yaml'), 'utf8'))
    const written = (settings as { data?: unknown } | null)?.data
    return typeof written === 'string' && written !== '' ? written : DEFAULT
  } catch {
    return DEFAULT
  }
}
