/** A configuration compiled, and what it would change: as the thread that is spared for it does, or the one that asks. */

import type { Configuration, Refused } from './compile.js'
import { compileSources } from './compile.js'
import { compareConfigurations } from './compare-configurations.js'
import { diff, type Diff } from './diff.js'
import { digestSources } from './digest.js'
import type { Comparison } from './order.js'
import type { Problem } from './problem.js'

const KEPT = 4

export interface Draft {
  readonly sources: ReadonlyMap<string, string>
  /** Found when they were read. */
  readonly problems?: readonly Problem[]
  /** Sources of the policy that it would take the place of. */
  readonly against?: ReadonlyMap<string, string>
}

export interface Assessment {
  readonly compiled: Configuration | Refused
  /** Where it compiles, and there is something that it was to be compared with. */
  readonly comparison?: Comparison
}

/** Two configurations to be compared in full, by their sources. */
export interface Pair {
  readonly old: ReadonlyMap<string, string>
  readonly new: ReadonlyMap<string, string>
  /** The compiled ones are wanted too. */
  readonly isCounted: boolean
}

export type Compared =
  | { readonly diff: Diff, readonly sides?: readonly [old: Configuration, now: Configuration] }
  | Refused & { readonly side: 'old' | 'new' }

export type Assess = (draft: Draft) => Promise<Assessment>

/** Keeps the last few that it compiled: one that is asked about is asked about again, and what it is compared with stays. */
export class Assessor {
  readonly #known = new Map<string, Configuration>()

  assess ({ sources, problems = [], against }: Draft): Assessment {
    const compiled = problems.length > 0 ? compileSources(sources, problems) : this.#compile(sources)
    if ('problems' in compiled || against === undefined) return { compiled }
    const before = this.#compile(against)
    return { compiled, ...(!('problems' in before) && { comparison: compareConfigurations(before, compiled) }) }
  }

  compare ({ old, new: next, isCounted }: Pair): Compared {
    const before = this.#compile(old)
    if ('problems' in before) return { side: 'old', ...before }
    const after = this.#compile(next)
    if ('problems' in after) return { side: 'new', ...after }
    return { diff: diff(before, after), ...(isCounted && { sides: [before, after] as const }) }
  }

  #compile (sources: ReadonlyMap<string, string>): Configuration | Refused {
    const digest = digestSources(sources)
    const compiled = this.#known.get(digest) ?? compileSources(sources)
    if ('problems' in compiled) return compiled
    this.#known.delete(digest)
    this.#known.set(digest, compiled)
    for (const oldest of [...this.#known.keys()].slice(0, -KEPT)) this.#known.delete(oldest)
    return compiled
  }
}
