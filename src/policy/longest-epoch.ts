/** How long pseudonyms last at most. */

import type { CompiledPolicy } from '../model/policy.js'

/** 0 where there are no pseudonyms. */
export function longestEpochMs ({ recipients }: CompiledPolicy): number {
  return Math.max(0, ...recipients.flatMap(({ allow }) => allow.map(({ transform }) => transform.kind === 'pseudonymize' ? transform.epochMs : 0)))
}
