/** The order on policies: is the new one the same, narrower, wider, or different (which counts as wider)? */

import type { CompiledPolicy, Transform } from '../model/policy.js'
import type { Excess } from './difference.js'
import { excess } from './excess.js'
import type { Situation } from './situation.js'
import { transformAtMost } from './transform-order.js'
import { readTransform, spellTransform } from './transform-spelling.js'

export type Verdict = 'same' | 'narrower' | 'wider' | 'different'

export interface Change {
  readonly effect: Exclude<Verdict, 'same'>
  /** What differs: `recipient`, `report`, `field`, `transform`, `release`, … */
  readonly aspect: string
  readonly recipient?: string
  readonly report?: string
  readonly path?: string
  /** Of the field, as the policy that discloses more has it. */
  readonly category?: string
  readonly old?: string
  readonly new?: string
  /** `file:line` in the old and in the new configuration. */
  readonly oldRule?: string
  readonly newRule?: string
  /** An account whose reports show the change. */
  readonly example?: Situation
}

export interface Comparison {
  readonly verdict: Verdict
  readonly changes: readonly Change[]
}

/**
 * `same` and `narrower` are proven: whatever the new policy discloses can be computed from what the old one discloses, for
 * every recipient, report and consent state. Anything else is `wider`, or `different` where something goes and something comes.
 */
export function compare (oldPolicy: CompiledPolicy, newPolicy: CompiledPolicy): Comparison {
  const changes = new Map<string, Change>()
  for (const found of excess(newPolicy, oldPolicy)) changes.set(keyOf(found), changeTo('wider', found))
  for (const found of excess(oldPolicy, newPolicy)) {
    const wider = changes.get(keyOf(found))
    changes.set(keyOf(found), wider === undefined ? changeTo('narrower', swap(found)) : { ...wider, effect: 'different' })
  }
  return { verdict: verdictOf([...changes.values()]), changes: [...changes.values()] }
}

/**
 * Asked when a disclosure leaves the outbox: true if what the applied transform left of a value can be computed from what the
 * active one would leave. `applied` is a canonical spelling; one that cannot be read is covered by nothing but itself.
 */
export function stillCovers (active: Transform, applied: string): boolean {
  if (spellTransform(active) === applied) return true
  const transform = readTransform(applied)
  return transform !== undefined && transformAtMost(transform, active)
}

export function verdictOf (changes: readonly Change[]): Verdict {
  const effects = new Set(changes.map(({ effect }) => effect))
  const [effect] = effects
  return effects.size > 1 ? 'different' : effect ?? 'same'
}

function keyOf ({ recipient, report, path, aspect }: Excess): string {
  return JSON.stringify([recipient, report, path, aspect])
}

function swap ({ more, less, moreRule, lessRule, ...rest }: Excess): Excess {
  return {
    ...rest,
    ...(less !== undefined && { more: less }),
    ...(more !== undefined && { less: more }),
    ...(lessRule !== undefined && { moreRule: lessRule }),
    ...(moreRule !== undefined && { lessRule: moreRule })
  }
}

function changeTo (effect: Change['effect'], { more, less, moreRule, lessRule, ...rest }: Excess): Change {
  return {
    effect,
    ...rest,
    ...(less !== undefined && { old: less }),
    ...(more !== undefined && { new: more }),
    ...(lessRule !== undefined && { oldRule: lessRule }),
    ...(moreRule !== undefined && { newRule: moreRule })
  }
}
