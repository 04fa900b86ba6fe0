/** Where the data lies: `--data`, or what gateway.yaml says. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { DataOptions } from './options.js'

const DEFAULT = 'data'

/** Never throws: a folder that is being edited must not keep a command from the gateway that runs. */
export function dataFolderOf ({ data, config }: DataOptions): string {
  if (data !== undefined) return data
  try {
    const settings: unknown = parse(readFileSync(join(config, 'gateway.yaml'), 'utf8'))
    const written = (settings as { data?: unknown } | null)?.data
    return typeof written === 'string' && written !== '' ? written : DEFAULT
  } catch {
    return DEFAULT
  }
}
