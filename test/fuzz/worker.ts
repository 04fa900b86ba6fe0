/** The thread in which attempts run, and the memory in which it leaves the input that it tries. */

import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { readCorpus } from './corpus.js'
import { fuzz } from './fuzz.js'
import { TARGETS } from './targets.js'

const ROOM = 1 << 20
const HEAD = 8

export interface Task {
  readonly name: string
  readonly seed: number
  readonly seconds: number
  readonly shared: SharedArrayBuffer
}

export interface Report {
  readonly runs: number
  readonly blocks: number
  readonly pool: readonly Uint8Array[]
  readonly finding: { readonly error: string, readonly input: Uint8Array } | undefined
}

/** `[attempts: 4 bytes][length: 4 bytes][input]` */
export function sharedInput (): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD + ROOM)
}

export function inputIn (shared: SharedArrayBuffer): { attempts: number, input: Uint8Array } {
  const [attempts = 0, length = 0] = new Uint32Array(shared, 0, 2)
  return { attempts, input: Uint8Array.from(new Uint8Array(shared, HEAD, length)) }
}

if (!isMainThread) {
  const { name, seed, seconds, shared } = workerData as Task
  const target = TARGETS.find(target => target.name === name)
  if (target === undefined) throw new TypeError('no such target')
  const head = new Uint32Array(shared, 0, 2)
  const room = new Uint8Array(shared, HEAD)
  const endMs = Date.now() + seconds * 1000
  const { finding, ...rest } = await fuzz(target, {
    seed,
    seeds: readCorpus(name),
    goOn: () => Date.now() < endMs,
    onAttempt: input => {
      head[0]!++
      head[1] = Math.min(input.length, ROOM)
      room.set(input.subarray(0, ROOM))
    }
  })
  const report: Report = { ...rest, finding: finding && { error: String((finding.error as Error | undefined)?.stack ?? finding.error), input: finding.input } }
  parentPort?.postMessage(report)
}
