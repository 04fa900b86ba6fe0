/**
 * Which process: its number, when it started and in which boot of the machine, so that a number used again by
 * another process is told apart.
 *
 * Where /proc is missing (not Linux) only the number is known. A process of another container that shares the
 * folder but not the process numbers counts as dead.
 */

import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot, as text; empty where unknown. */
  readonly started: string
  /** Empty where unknown. */
  readonly boot: string
}

export function ownIdentity (): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? '', boot: bootId() }
}

export function isAlive (identity: ProcessIdentity): boolean {
  if (identity.boot !== bootId()) return false
  if (identity.started !== '') return startOf(identity.pid) === identity.started
  return answersSignals(identity.pid)
}

/** Field 22 of /proc/PID/stat; the second field, in parentheses, may hold anything. A zombie holds nothing any more. */
function startOf (pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : fields?.[19]
}

function bootId (): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

function readText (path: string): string | undefined {
  try { return readFileSync(path, 'utf8') } catch { return undefined }
}

function answersSignals (pid: number): boolean {
  try { process.kill(pid, 0); return true } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
