/** A disk that a test can fill: a file system in memory of its own, where this process may mount one. */

import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, statfsSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const MIB = 1024 * 1024
const BLOCK = Buffer.alloc(MIB / 4)

export class SmallDisk {
  readonly folder: string

  private constructor (folder: string) {
    this.folder = folder
  }

  /** Undefined where nothing can be mounted: it takes root. */
  static mount (folder: string, mebibytes: number): SmallDisk | undefined {
    mkdirSync(folder)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' })
      return new SmallDisk(folder)
    } catch {
      return undefined
    }
  }

  get freeBytes (): number {
    const { bavail, bsize } = statfsSync(this.folder)
    return bavail * bsize
  }

  /** Writes ballast until no more than that is free; 0 fills it to the last byte. */
  fill (leaveBytes: number): void {
    const file = openSync(join(this.folder, 'ballast'), 'a')
    try {
      while (this.freeBytes > leaveBytes) writeSync(file, BLOCK, 0, Math.min(BLOCK.length, this.freeBytes - leaveBytes))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      closeSync(file)
    }
  }

  /** Takes the ballast away. */
  clear (): void {
    unlinkSync(join(this.folder, 'ballast'))
  }

  unmount (): void {
    execFileSync('umount', ['-l', this.folder], { stdio: 'ignore' })
  }
}
