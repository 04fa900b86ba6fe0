/** One thing that one policy discloses and another is not proven to. */

import type { Situation } from './situation.js'

export interface Excess {
  /** What differs, in one or two words: `transform`, `region eu`. */
  readonly aspect: string
  readonly recipient?: string
  readonly report?: string
  readonly path?: string
  /** Of the field, as the policy that discloses more has it. */
  readonly category?: string
  /** As it stands in the policy that discloses more, and in the other; absent: not there. */
  readonly more?: string
  readonly less?: string
  /** `file:line` of the two. */
  readonly moreRule?: string
  readonly lessRule?: string
  /** An account whose reports show it. */
  readonly example?: Situation
}

export function differing (aspect: string, more: string, less: string): Excess[] {
  return more === less ? [] : [{ aspect, more, less }]
}
