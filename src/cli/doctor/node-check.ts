/** The program and its surroundings: Node, and what would write memory to a disk. */

import { readFileSync } from 'node:fs'
import { exposing } from '../memory-dumps.js'
import type { Examination } from './examination.js'
import type { Findings } from './finding.js'

/** `engines` of package.json; a test holds both together. */
export const LEAST_NODE = '20.19'

export async function checkNode (findings: Findings): Promise<void> {
  const { node } = process.versions
  if (isOlder(node, LEAST_NODE)) findings.problem(`Node ${node} is older than ${LEAST_NODE}`, `install Node ${LEAST_NODE} or newer`)
  else findings.ok(`Node ${node}`)
}

/** Of the gateway that runs; of what would be started from here where none does. */
export async function checkMemoryDumps ({ gateway }: Examination, findings: Findings): Promise<void> {
  const exposed = [...exposing(process.execArgv, process.env)]
  if (exposed.length > 0) findings.problem(`${exposed.join(', ')} makes Node write memory or traffic: the gateway does not start with it`, 'take it out of NODE_OPTIONS and the environment')
  checkCores(gateway?.pid, findings)
  checkSwap(findings)
}

function checkCores (pid: number | undefined, findings: Findings): void {
  const limits = textOf(`/proc/${pid ?? 'self'}/limits`)
  const [, soft] = /^Max core file size +(\S+)/m.exec(limits) ?? []
  const who = pid === undefined ? 'a gateway started from here' : `the gateway (process ${pid})`
  if (soft === undefined) findings.warning('whether a core of the gateway would be written cannot be told here', 'set LimitCORE=0 or ulimit -c 0')
  else if (soft === '0') findings.ok('no core is written when the process is aborted')
  else findings.warning(`a core of ${who} would be written when it is aborted, and holds reports and keys`, 'LimitCORE=0 for a systemd unit, ulimit -c 0 elsewhere')
}

/** A swap in memory, or on a mapped device, which is how encrypted ones are made, is left alone. */
function checkSwap (findings: Findings): void {
  const swaps = textOf('/proc/swaps').split('\n').slice(1).map(line => line.split(/\s/)[0] ?? '').filter(name => name !== '')
  const plain = swaps.filter(name => !/^\/dev\/(zram|dm-|mapper\/)/.test(name))
  if (plain.length > 0) findings.warning('there is swap that seems not to be encrypted: parts of memory may stay on it', 'encrypt it, or set MemorySwapMax=0 for the unit')
}

function isOlder (version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return major < leastMajor || (major === leastMajor && minor < leastMinor)
}

function textOf (path: string): string {
  try { return readFileSync(path, 'utf8') } catch { return '' }
}
