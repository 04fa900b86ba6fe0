/** A gateway whose memory is watched from outside. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setTimeout } from 'node:timers/promises'
import { GatewayProcess } from '../figures/gateway-process.js'
import { cpuMsOf } from '../figures/process-cost.js'
import { writeConfiguration } from '../figures/write-configuration.js'
import type { Memory } from './memory-probe.js'

/** To load with `--import`, beside `--expose-gc`. */
export const PROBE = pathToFileURL(join('dist', 'bench', 'soak', 'memory-probe.js')).href

/** One recipient, with a file sink; shipped limits but those given. */
export async function startWatched (folder: string, limits: Readonly<Record<string, string | number>> = {}, nodeArgs: readonly string[] = []): Promise<GatewayProcess> {
  const config = writeConfiguration(folder, [{ name: 'soak-file', purpose: 'improve-products', sink: '{ type: file, folder: soak-file }' }], limits)
  return await GatewayProcess.start({ config, data: join(folder, 'data'), nodeArgs: ['--expose-gc', `--import=${PROBE}`, ...nodeArgs] })
}

/** After collections, when it has not shrunk any more for that many looks, three a second. */
export async function settledMemory (gateway: { ask<T> (question: string): Promise<T> }, looks: number): Promise<Memory> {
  let least = await gateway.ask<Memory>('memory')
  for (let quiet = 0; quiet < looks;) {
    await setTimeout(300)
    const memory = await gateway.ask<Memory>('memory')
    quiet = memory.rssBytes < least.rssBytes * 0.995 ? 0 : quiet + 1
    if (memory.rssBytes < least.rssBytes) least = memory
  }
  return least
}

/** From here on `peakBytes` counts. */
export function resetPeak ({ pid }: GatewayProcess): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}

/** Most resident memory at one time. */
export function peakBytes ({ pid }: GatewayProcess): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kibibytes) * 1024
}

/** Processor time that it has used so far: what a busy machine does not stretch. */
export function cpuSeconds ({ pid }: GatewayProcess): number {
  return cpuMsOf(pid) / 1000
}
