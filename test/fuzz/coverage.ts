/**
 * Which blocks of the sources ran, and how often, as V8 itself counts them.
 *
 * V8 tells a block apart only where its count differs from that of what is around it: one that ran as often as its function
 * is not listed. So the places where blocks begin are remembered, and each reading is asked for the count at each of them.
 *
 * Reading takes a millisecond or more, so it pays to read once after many attempts.
 */

import { Session, type Profiler } from 'node:inspector'
import { setFlagsFromString } from 'node:v8'

/** How often each block ran since the last reading; blocks that did not run are absent. */
export type Blocks = ReadonlyMap<string, number>

/** One for the whole process: what was compiled before it began, or after it ended, has no counters for its blocks. */
const session = new Session()
session.connect()
// a function that is inlined into optimized code is not counted as called, and then not listed at all
setFlagsFromString('--no-opt')
post('Profiler.enable')
post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

export class CoverageMeter {
  readonly #sources: RegExp
  /** Where the blocks of each function begin, as far as any reading has told; ascending. */
  readonly #places = new Map<string, number[]>()

  /** `sources`: of all that runs, the modules whose URL counts. */
  constructor (sources: RegExp) {
    this.#sources = sources
  }

  /** The counts since the reading before. */
  read (): Blocks {
    const { result } = post('Profiler.takePreciseCoverage') as Profiler.TakePreciseCoverageReturnType
    const blocks = new Map<string, number>()
    for (const { url, functions } of result) {
      if (!this.#sources.test(url)) continue
      for (const { ranges } of functions) this.#readFunction(url, ranges, blocks)
    }
    return blocks
  }

  #readFunction (url: string, ranges: readonly Profiler.CoverageRange[], blocks: Map<string, number>): void {
    const name = `${url}:${ranges[0]?.startOffset}-${ranges[0]?.endOffset}`
    const places = [...new Set([...this.#places.get(name) ?? [], ...ranges.map(({ startOffset }) => startOffset)])].sort((a, b) => a - b)
    this.#places.set(name, places)
    let next = 0
    const around: Profiler.CoverageRange[] = []
    for (const place of places) {
      while (next < ranges.length && ranges[next]!.startOffset <= place) around.push(ranges[next++]!)
      while (around.length > 0 && around.at(-1)!.endOffset <= place) around.pop()
      const count = around.at(-1)?.count ?? 0
      if (count > 0) blocks.set(`${name}:${place}`, count)
    }
  }
}

/** A session on the own thread answers before `post` returns. */
function post (method: string, params: object = {}): unknown {
  let answer: unknown
  session.post(method, params, (error, result) => {
    if (error !== null) throw error
    answer = result
  })
  return answer
}

/** Work in blocks that ran: the same for the same input, whatever the machine does beside. */
export function workOf (blocks: Blocks): number {
  let work = 0
  for (const count of blocks.values()) work += count
  return work
}
