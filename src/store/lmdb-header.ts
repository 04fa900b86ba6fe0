/**
 * Is this a file that LMDB can open? It maps the file and trusts it: on another one the process dies without a word.
 *
 * ```
 * two meta pages, the second one page size further
 *   +24  magic 0xBEEFC0DE, little endian      +48  page size, 32 bits, little endian
 * ```
 */

import { closeSync, openSync, readSync } from 'node:fs'

const MAGIC = 0xBEEFC0DE
const MAGIC_AT = 24
const PAGE_SIZE_AT = 48
const HEADER_BYTES = 64

/** True for an empty file and for none: LMDB makes it then. */
export function looksLikeLmdb (path: string): boolean {
  const file = openOrUndefined(path)
  if (file === undefined) return true
  try {
    const first = readHeader(file, 0)
    if (first.length === 0) return true
    return hasMagic(first) && hasMagic(readHeader(file, first.readUInt32LE(PAGE_SIZE_AT)))
  } finally { closeSync(file) }
}

function readHeader (file: number, position: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, position))
}

function hasMagic (header: Buffer): boolean {
  return header.length === HEADER_BYTES && header.readUInt32LE(MAGIC_AT) === MAGIC
}

function openOrUndefined (path: string): number | undefined {
  try { return openSync(path, 'r') } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
