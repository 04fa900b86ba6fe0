/** Digest of the sources of a configuration, spelled so that it can look like no address. */

import { createHash } from 'node:crypto'
import { lettersOf } from '../letters.js'

/** SHA-256 over the sorted relative paths and contents, in the letters g–z. */
export function digestSources (sources: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const file of [...sources.keys()].sort()) {
    const content = Buffer.from(sources.get(file) ?? '', 'utf8')
    hash.update(`${Buffer.byteLength(file)}:${file}:${content.length}:`).update(content)
  }
  return lettersOf(hash.digest())
}
