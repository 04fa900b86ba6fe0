/**
 * The gateway's secret in `DATA/secret`, mode 600, made at first start.
 *
 * ```
 * 32 random bytes                                   one generation, number 1
 * {"generations":[{"generation","sinceMs","secret"}],"lasting":{label:key}}    after the first rotation; base64
 * ```
 */

import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CurtilageError } from '../model/errors.js'
import { Keyring, type Generation, type Generations } from './keyring.js'
import { createPrivateFile, removeDrafts, replacePrivateFile } from './private-file.js'

const SECRET_BYTES = 32
const OTHERS = 0o077
/** Uses whose key has to outlive every rotation. */
const LASTING = ['replay'] as const

/**
 * Reads the secret of a data folder; makes it where there is none yet.
 *
 * @throws CurtilageError secret-unsafe if it is no plain file, readable by group or world, or not a secret
 */
export function loadKeyring (dataFolder: string): Keyring {
  const path = join(dataFolder, 'secret')
  const found = readSecret(path)
  if (found !== undefined) return new Keyring(found)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  createPrivateFile(path, randomBytes(SECRET_BYTES))
  return new Keyring(readSecret(path) ?? fail(path, 'vanished while it was made'))
}

/** The folder's lock must be held. */
export function removeSecretDrafts (dataFolder: string): void {
  removeDrafts(join(dataFolder, 'secret'))
}

/**
 * Adds a generation, which is in force for what begins from now on. Durable when it returns; a crash anywhere leaves the
 * old secret or the new one.
 */
export function addGeneration (dataFolder: string, keyring: Keyring, nowMs: number): Generation {
  const { all } = keyring.generations
  const { generation, sinceMs } = keyring.newest
  const added = { generation: generation + 1, sinceMs: Math.max(nowMs, sinceMs + 1), secret: randomBytes(SECRET_BYTES) }
  write(dataFolder, keyring, [...all, added])
  return added
}

/** Destroys generations; the newest stays. What was made under them alone is void. */
export function dropGenerations (dataFolder: string, keyring: Keyring, numbers: readonly number[]): void {
  const left = keyring.generations.all.filter(({ generation }) => generation === keyring.newest.generation || !numbers.includes(generation))
  if (left.length < keyring.generations.all.length) write(dataFolder, keyring, left)
}

function write (dataFolder: string, keyring: Keyring, all: readonly Generation[]): void {
  const generations = { all, lasting: Object.fromEntries(LASTING.map(label => [label, keyring.lasting(label)])) }
  try {
    replacePrivateFile(join(dataFolder, 'secret'), Buffer.from(spell(generations)))
  } catch (error) {
    throw new CurtilageError('secret-write', 'the secret could not be written: check the disk, and start again', undefined, { cause: error })
  }
  keyring.replace(generations)
}

function readSecret (path: string): Generations | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (!stat.isFile()) return fail(path, 'is not a plain file')
  if ((stat.mode & OTHERS) !== 0) return fail(path, 'can be read by others: chmod 600')
  const bytes = readFileSync(path)
  if (bytes.length === SECRET_BYTES) return { all: [{ generation: 1, sinceMs: 0, secret: bytes }], lasting: {} }
  return parse(bytes.toString('utf8')) ?? fail(path, `holds neither ${SECRET_BYTES} bytes nor generations of them`)
}

interface Written {
  readonly generations: readonly { readonly generation: number, readonly sinceMs: number, readonly secret: string }[]
  readonly lasting: Readonly<Record<string, string>>
}

function spell ({ all, lasting }: Generations): string {
  const written: Written = {
    generations: all.map(({ secret, ...rest }) => ({ ...rest, secret: Buffer.from(secret).toString('base64') })),
    lasting: Object.fromEntries(Object.entries(lasting).map(([label, key]) => [label, Buffer.from(key).toString('base64')]))
  }
  return JSON.stringify(written) + '\n'
}

/** Undefined where it is none. */
function parse (text: string): Generations | undefined {
  try {
    const { generations, lasting } = JSON.parse(text) as Written
    const all = generations.map(({ generation, sinceMs, secret }) => ({ generation, sinceMs, secret: keyOf(secret) }))
    const ascending = all.every(({ generation, sinceMs }, i) => generation > (all[i - 1]?.generation ?? 0) && sinceMs > (all[i - 1]?.sinceMs ?? -1))
    if (all.length === 0 || !ascending) return undefined
    return { all, lasting: Object.fromEntries(Object.entries(lasting).map(([label, key]) => [label, keyOf(key)])) }
  } catch {
    return undefined
  }
}

function keyOf (base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== SECRET_BYTES) throw new TypeError('no key')
  return bytes
}

function fail (path: string, what: string): never {
  throw new CurtilageError('secret-unsafe', `${path} ${what}`)
}
