/** What became of a policy, as observers are told. */

import type { GatewayEvent } from '../model/events.js'
import type { Told } from './policy-desk.js'
import { spellProblem } from './problem.js'

/** Of a folder that is all wrong. */
const MOST_PROBLEMS = 20

export function eventOf (told: Told): GatewayEvent {
  switch (told.outcome) {
    case 'refused': return { type: 'configuration-refused', count: told.problems.length, problems: told.problems.slice(0, MOST_PROBLEMS).map(problem => spellProblem(problem, '')) }
    case 'failed': return { type: 'policy', outcome: 'failed', policy: told.digest, code: told.code }
    case 'restart-needed': return { type: 'restart-needed', keys: told.keys }
    default: {
      const { outcome, digest, why, verdict, needed, given } = told
      return { type: 'policy', outcome, policy: digest, why, needed, given, ...(verdict !== undefined && { verdict }) }
    }
  }
}
