/** Reads the files of a configuration folder, and nothing outside it. */

import { isUtf8 } from 'node:buffer'
import type { Stats } from 'node:fs'
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { isIgnored, kindFolders, optionalFolders, singleFiles } from './file-kind.js'
import { nearestName } from './nearest-name.js'
import type { Problem, ProblemCode } from './problem.js'
import { quote } from './quote.js'

const MAX_FILE_BYTES = 1024 * 1024

export interface FolderContent {
  /** Text by path relative to the folder, parted by `/`. */
  readonly sources: Map<string, string>
  readonly problems: Problem[]
}

/** Never rejects: what cannot be read is a problem. Symbolic links are followed as long as they stay in the folder. */
export async function readFolder (folder: string): Promise<FolderContent> {
  const content: FolderContent = { sources: new Map(), problems: [] }
  try {
    const reader = new FolderReader(await realpath(folder), content)
    await reader.readRoot()
  } catch (error) {
    complain(content, '.', 'missing-file', `the configuration folder cannot be read (${errorCode(error)})`)
  }
  return content
}

class FolderReader {
  private readonly root: string
  private readonly content: FolderContent

  constructor (root: string, content: FolderContent) {
    this.root = root
    this.content = content
  }

  async readRoot (): Promise<void> {
    const names = (await readdir(this.root)).filter(name => !isIgnored(name)).sort()
    for (const name of names) await this.readRootEntry(name)
    for (const file of singleFiles.keys()) this.demand(names, file, 'file')
    for (const folder of kindFolders.keys()) if (!optionalFolders.has(folder)) this.demand(names, folder, 'folder')
  }

  private demand (names: readonly string[], name: string, noun: string): void {
    if (!names.includes(name)) complain(this.content, name, 'missing-file', `the ${noun} ${quote(name)} is missing`)
  }

  private async readRootEntry (name: string): Promise<void> {
    const info = await this.inspect(name)
    if (info === undefined || name === 'schema') return
    if (kindFolders.has(name)) return await this.readKindFolder(name, info)
    if (singleFiles.has(name)) return await this.readOne(name, info)
    const nearest = nearestName(name.replace(/\.ya?ml$/, ''), [...singleFiles.keys(), ...kindFolders.keys()].map(known => known.replace('.yaml', '')))
    const offer = [...singleFiles.keys(), ...kindFolders.keys()].find(known => known.replace('.yaml', '') === nearest)
    this.refuse(name, `no part of the configuration${offer === undefined ? '' : `, did you mean ${quote(offer)}?`}`)
  }

  private async readKindFolder (folder: string, info: Stats): Promise<void> {
    if (!info.isDirectory()) return this.refuse(folder, 'must be a folder')
    for (const name of (await this.list(folder)).filter(name => !isIgnored(name)).sort()) {
      const file = `${folder}/${name}`
      const entry = await this.inspect(file)
      if (entry === undefined) continue
      if (entry.isDirectory()) this.refuse(file, 'a folder here is not read: put the files one level up')
      else if (extname(name) !== '.yaml') this.refuse(file, `files here must end in .yaml, not in ${quote(extname(name))}`)
      else await this.readOne(file, entry)
    }
  }

  private async list (folder: string): Promise<string[]> {
    try {
      return await readdir(join(this.root, folder))
    } catch (error) {
      complain(this.content, folder, 'unreadable', `cannot be read (${errorCode(error)})`)
      return []
    }
  }

  /** Undefined, and a problem, where the entry is gone or leads out of the folder. */
  private async inspect (file: string): Promise<Stats | undefined> {
    const path = join(this.root, file)
    try {
      if ((await lstat(path)).isSymbolicLink() && !(await realpath(path)).startsWith(this.root + sep)) {
        return complain(this.content, file, 'outside-folder', 'a symbolic link that leads out of the configuration folder')
      }
      return await stat(path)
    } catch (error) {
      return complain(this.content, file, 'unreadable', `cannot be read (${errorCode(error)})`)
    }
  }

  private async readOne (file: string, info: Stats): Promise<void> {
    if (!info.isFile()) return complain(this.content, file, 'unreadable', 'must be a regular file')
    if (info.size > MAX_FILE_BYTES) return complain(this.content, file, 'unreadable', 'larger than 1 MiB')
    try {
      this.keep(file, await readFile(join(this.root, file)))
    } catch (error) {
      complain(this.content, file, 'unreadable', `cannot be read (${errorCode(error)})`)
    }
  }

  private keep (file: string, bytes: Buffer): void {
    if (isUtf8(bytes)) this.content.sources.set(file, bytes.toString('utf8').replace(/^\uFEFF/, ''))
    else complain(this.content, file, 'not-utf8', 'not UTF-8 text', firstBadLine(bytes))
  }

  private refuse (file: string, message: string): void {
    complain(this.content, file, 'unexpected-file', message)
  }
}

function complain (content: FolderContent, file: string, code: ProblemCode, message: string, line = 1): undefined {
  content.problems.push({ file, line, column: 1, code, message })
  return undefined
}

function firstBadLine (bytes: Buffer): number {
  let start = 0
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start)
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line
    start = end + 1
  }
}

function errorCode (error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
