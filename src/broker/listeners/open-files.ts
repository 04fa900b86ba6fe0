/**
 * How many sockets of strangers the process has room for: each is a file, and where none is left, nobody gets in, no sink
 * opens one, and no certificate is read.
 */

import { readFileSync } from 'node:fs'

/** Store, sinks, API, certificates. */
const OWN_FILES = 128
const LEAST_STRANGERS = 16

/** What the system allows this process; Node has raised it as far as it may. Infinity where it does not say. */
export function openFilesLimit (limits = readLimits()): number {
  const soft = /^Max open files +(\d+)/m.exec(limits)?.[1]
  return soft === undefined ? Infinity : Number(soft)
}

/** Half of what there is beside the gateway's own, so that a flood of them leaves room for those who are in. */
export function strangersThatFit (wanted: number, limit = openFilesLimit()): number {
  return Math.max(LEAST_STRANGERS, Math.min(wanted, Math.floor((limit - OWN_FILES) / 2)))
}

function readLimits (): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
