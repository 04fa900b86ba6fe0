/**
 * Writes the JSON Schema of each kind of configuration file, for editors: `node generate-schema.js [FOLDER]`.
 *
 * The schemas are committed; a test holds them against the zod schemas that they come from.
 */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { schemas, type FileKind } from './file-kind.js'

/** Text of every schema file, by its name. */
export function schemaFiles (): Map<string, string> {
  return new Map((Object.keys(schemas) as FileKind[]).map(kind => {
    const schema = z.toJSONSchema(schemas[kind], { io: 'input', target: 'draft-7' })
    return [`${kind}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`]
  }))
}

async function writeSchemas (folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [file, text] of schemaFiles()) await writeFile(join(folder, file), text)
}

if (argv[1] === fileURLToPath(import.meta.url)) await writeSchemas(argv[2] ?? 'config/schema')
