/** One file of whole lines, written to its end only. */

import { constants } from 'node:fs'
import { lstat, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from './durable-folder.js'

const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW

/** How files are opened; a test brings one whose disk fails. */
export type OpenFile = (path: string, flags: number, mode: number) => Promise<Pick<FileHandle, 'write' | 'datasync' | 'truncate' | 'stat' | 'close'>>

type Handle = Awaited<ReturnType<OpenFile>>

export class LineFile {
  readonly path: string
  readonly #handle: Handle
  #length: number

  private constructor (path: string, handle: Handle, length: number) {
    this.path = path
    this.#handle = handle
    this.#length = length
  }

  /** Opens or creates, mode 600; the folder's entry is durable afterwards. A symbolic link is refused. */
  static async open (path: string, openFile: OpenFile = open): Promise<LineFile> {
    const handle = await openFile(path, APPEND, 0o600)
    try {
      const { size } = await handle.stat()
      if (size === 0) await syncFolder(dirname(path))
      return new LineFile(path, handle, size)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** Bytes known to be durable. */
  get length (): number {
    return this.#length
  }

  /**
   * One write and an fdatasync; rejects also where the file is no longer to be found under its path, for what was written
   * then is gone, or somewhere else. After a rejection the file must be closed; it is cut back to where it was, or, if the
   * disk does not even allow that, may end in a torn line.
   */
  async append (lines: Buffer): Promise<void> {
    try {
      const { bytesWritten } = await this.#handle.write(lines)
      if (bytesWritten < lines.length) throw Object.assign(new Error('the disk took a part only'), { code: 'short write' })
      await this.#handle.datasync()
      await this.#demandInPlace()
    } catch (error) {
      await this.#handle.truncate(this.#length).catch(() => {})
      throw error
    }
    this.#length += lines.length
  }

  async close (): Promise<void> {
    await this.#handle.close()
  }

  async #demandInPlace (): Promise<void> {
    const [own, found] = await Promise.all([this.#handle.stat(), lstat(this.path)])
    if (own.ino !== found.ino || own.dev !== found.dev) throw Object.assign(new Error('another file has its place'), { code: 'ESTALE' })
  }
}
