/**
 * Room on the disk, asked before every write.
 *
 * INVARIANT: the store is never let run into a full disk. lmdb 3.5.6 corrupts its heap there and ends the process, so a
 * write is refused while there is still room; nothing is lost by that, since nothing was acknowledged.
 */

import { statfsSync } from 'node:fs'

const MIB = 1024 * 1024

/** Below this nothing is written. */
export const LEAST_FREE_BYTES = 16 * MIB
/** Below this nothing new is taken; what is there can still be delivered, withdrawn and removed. */
export const LEAST_FREE_FOR_REPORTS_BYTES = 64 * MIB

/** Bytes that this process may still write below a folder; 0 where the disk does not answer. */
export function freeBytesOf (folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return 0
  }
}
