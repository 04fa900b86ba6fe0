/** Cuts what a crash left behind: a last line without its line feed. */

import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

const LINE_FEED = 0x0a
const STRIDE = 64 * 1024

/** Shortens the file to its last line feed, durably, and answers whether it had to. What is cut was never acknowledged, and comes again. */
export async function cutTornTail (path: string): Promise<boolean> {
  const handle = await open(path, constants.O_RDWR | constants.O_NOFOLLOW)
  try {
    const { size } = await handle.stat()
    const whole = await endOfLastLine(handle, size)
    if (whole === size) return false
    await handle.truncate(whole)
    await handle.datasync()
    return true
  } finally {
    await handle.close()
  }
}

async function endOfLastLine (handle: FileHandle, size: number): Promise<number> {
  const buffer = Buffer.alloc(Math.min(STRIDE, size))
  for (let end = size; end > 0; end -= buffer.length) {
    const start = Math.max(0, end - buffer.length)
    const { bytesRead } = await handle.read(buffer, 0, end - start, start)
    const at = buffer.subarray(0, bytesRead).lastIndexOf(LINE_FEED)
    if (at >= 0) return start + at + 1
  }
  return 0
}
