/** An account's lines in the gateway's own files, of recipients past and present: found by their ids, taken out. */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { FolderTurns } from '../sinks/file/folder-turns.js'
import { removeLines, type LineHead } from '../sinks/file/remove-lines.js'
import { CurtilageError } from '../model/errors.js'
import { idsUnder } from './disclosure-id.js'

export interface LineFiles {
  /** Holds a folder for each recipient; may be missing. */
  readonly recipients: string
  readonly turns: FolderTurns
}

/** The keys of an account with those recipients whose lines go; undefined for one whose lines stay. */
export type KeyWith = (recipient: string) => Uint8Array | undefined

/** Resolves to the number of lines, durably gone. Rejects with file-sink-write; some may be gone then. */
export async function removeAccountLines ({ recipients, turns }: LineFiles, keyWith: KeyWith): Promise<number> {
  const goes = lineTest(keyWith)
  let removed = 0
  try {
    for (const folder of await foldersIn(recipients)) {
      removed += await removeLines(join(recipients, folder), { goes, alone: async work => await turns.rewrite(folder, work) })
    }
  } catch (error) {
    throw new CurtilageError('file-sink-write', `lines of an account could not be taken out of the files (${(error as NodeJS.ErrnoException).code ?? 'unknown'}): check the disk and ask again`)
  }
  return removed
}

function lineTest (keyWith: KeyWith): (head: LineHead) => boolean {
  const tests = new Map<string, (id: string) => boolean>()
  return ({ id, recipient }) => {
    const test = tests.get(recipient) ?? testFor(keyWith(recipient))
    tests.set(recipient, test)
    return test(id)
  }
}

function testFor (key: Uint8Array | undefined): (id: string) => boolean {
  return key === undefined ? () => false : idsUnder(key)
}

async function foldersIn (recipients: string): Promise<string[]> {
  try {
    return (await readdir(recipients, { withFileTypes: true })).filter(entry => entry.isDirectory()).map(({ name }) => name).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
