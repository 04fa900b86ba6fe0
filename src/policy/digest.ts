/** Digest of the sources of a configuration, spelled so that it can look like no address. */

import { createHash } from 'node:crypto'

const FIRST_LETTER = 'g'.charCodeAt(0)
const LETTERS = 20n
/** 20^60 > 2^256. */
const LENGTH = 60

/** SHA-256 over the sorted relative paths and contents, in the letters g–z. */
export function digestSources (sources: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const file of [...sources.keys()].sort()) {
    const content = Buffer.from(sources.get(file) ?? '', 'utf8')
    hash.update(`${Buffer.byteLength(file)}:${file}:${content.length}:`).update(content)
  }
  return lettersOf(hash.digest())
}

function lettersOf (bytes: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let letters = ''
  while (letters.length < LENGTH) {
    letters = String.fromCharCode(FIRST_LETTER + Number(rest % LETTERS)) + letters
    rest /= LETTERS
  }
  return letters
}
