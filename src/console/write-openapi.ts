/**
 * Writes the API's OpenAPI document: `node write-openapi.js [FILE]`. It is committed; a test holds it against the routes.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { openCore } from '../core.js'
import { buildApi } from './api.js'

/** The document as text. The routes are those of an empty data folder. */
export async function openApiText (config: string): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'curtilage-openapi-'))
  const core = await openCore({ config, data }, 'command')
  const api = buildApi({ core })
  try {
    const { payload } = await api.inject('/openapi.json')
    return `${JSON.stringify(JSON.parse(payload), null, 2)}\n`
  } finally {
    await api.close()
    await core.close()
    await rm(data, { recursive: true })
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) await writeFile(argv[2] ?? 'docs/openapi.json', await openApiText('config'))
