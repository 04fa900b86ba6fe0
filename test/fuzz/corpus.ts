/** The committed inputs of each target: seeds, what reached something new, and what once failed. */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const CORPUS = resolve('test/fuzz/corpus')

/** In the order of their names. A file that ends in `.hex` is read as such. */
export function readCorpus (target: string): Uint8Array[] {
  const folder = join(CORPUS, target)
  if (!existsSync(folder)) return []
  return readdirSync(folder).sort().map(name => {
    const bytes = readFileSync(join(folder, name))
    return name.endsWith('.hex') ? Buffer.from(bytes.toString('latin1').replace(/\s/g, ''), 'hex') : bytes
  })
}

/** Writes inputs that are not there yet, as text where they are; returns how many. */
export function addToCorpus (target: string, inputs: readonly Uint8Array[]): number {
  const folder = join(CORPUS, target)
  mkdirSync(folder, { recursive: true })
  const known = new Set(readCorpus(target).map(digest))
  const added = inputs.filter(input => !known.has(digest(input)))
  for (const input of added) writeInput(join(folder, digest(input)), input)
  return added.length
}

/** Returns the path written. */
export function writeInput (path: string, input: Uint8Array): string {
  const text = Buffer.from(input).toString('utf8')
  const isText = Buffer.from(text).equals(input) && !/[^\n\x20-\x7e]/.test(text)
  writeFileSync(`${path}.${isText ? 'txt' : 'hex'}`, isText ? text : Buffer.from(input).toString('hex').replace(/.{1,100}/g, '$&\n'))
  return `${path}.${isText ? 'txt' : 'hex'}`
}

/** In letters, so that no name looks like an address. */
function digest (input: Uint8Array): string {
  return [...createHash('sha256').update(input).digest().subarray(0, 10)].map(byte => String.fromCharCode(0x67 + byte % 20)).join('')
}
