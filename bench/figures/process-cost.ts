/** What a process cost so far, from Linux' /proc. */

import { readFileSync } from 'node:fs'

/** proc(5): utime and stime are the fields 14 and 15, in ticks of 10 ms; the name before them may hold spaces. */
const TICK_MS = 10

/** User and system time of all threads, in milliseconds. */
export function cpuMsOf (pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
