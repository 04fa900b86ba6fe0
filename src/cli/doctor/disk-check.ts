/** The disk that holds the data: room, and whether a write to it can be relied on. */

import { existsSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LEAST_FREE_BYTES, LEAST_FREE_FOR_REPORTS_BYTES } from '../../store/free-space.js'
import type { Examination } from './examination.js'
import type { Findings } from './finding.js'

const MIB = 1024 * 1024

/** Magic numbers of file systems (statfs(2)) on which a memory map, a lock or a sync cannot be relied on. */
const UNSAFE: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB 2',
  0x65735546: 'FUSE',
  0x01021997: '9P',
  0x00c36400: 'Ceph',
  0x5346414f: 'AFS',
  0x786f4256: 'a shared folder of VirtualBox'
}
/** What lies on these is gone with the machine or the container. */
const PASSING: Readonly<Record<number, string>> = { 0x01021994: 'tmpfs', 0x858458f6: 'ramfs', 0x794c7630: 'the writable layer of a container (overlay)' }

export async function checkDisk ({ data, configuration }: Examination, findings: Findings): Promise<void> {
  const { bavail, bsize, ffree, files, type } = statfsSync(nearest(data))
  checkKind(type, findings)
  checkRoom(bavail * bsize, configuration?.gateway.limits.maxOutboxBytes, findings)
  if (files > 0 && ffree < 1_000) findings.problem('the disk can take fewer than 1000 more files', 'remove files, or move the data folder to another disk')
}

function checkKind (type: number, findings: Findings): void {
  const kind = type >>> 0
  const [unsafe, passing] = [UNSAFE[kind], PASSING[kind]]
  if (unsafe !== undefined) findings.problem(`the data folder lies on ${unsafe}: the store needs a local disk, or what was acknowledged can be lost and the store damaged`, 'move the data folder to a local disk')
  else if (passing !== undefined) findings.warning(`the data folder lies on ${passing}: what was acknowledged is gone with it`, 'move it to a disk, or mount a volume there')
}

function checkRoom (free: number, maxOutboxBytes: number | undefined, findings: Findings): void {
  const room = `${Math.floor(free / MIB)} MiB are free on the disk of the data folder`
  if (free < LEAST_FREE_BYTES) findings.problem(`${room}: nothing is written below ${LEAST_FREE_BYTES / MIB}`, 'make room')
  else if (free < LEAST_FREE_FOR_REPORTS_BYTES) findings.problem(`${room}: no reports are taken below ${LEAST_FREE_FOR_REPORTS_BYTES / MIB}`, 'make room')
  else if (maxOutboxBytes !== undefined && free < maxOutboxBytes + LEAST_FREE_FOR_REPORTS_BYTES) findings.warning(`${room}: less than limits.maxOutboxBytes (${Math.floor(maxOutboxBytes / MIB)} MiB), so the disk would be full before the outbox is`, 'make room, or lower limits.maxOutboxBytes')
  else findings.ok(room)
}

/** The folder itself, or the one in which it would be made. */
function nearest (path: string): string {
  let folder = resolve(path)
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}
