/** The order on policies as they take force: beside what leaves, how many have to agree that more leaves. */

import type { Configuration } from './compile.js'
import type { ApprovalSettings } from './gateway-settings.js'
import { compare, verdictOf, type Change, type Comparison } from './order.js'

/** Fewer approvals are wider: otherwise whoever edits the folder could lower them together with a rule. */
export function compareConfigurations (before: Configuration, after: Configuration): Comparison {
  const { changes } = compare(before.policy, after.policy)
  const all = [...changes, ...approvalsChange(before.approvals, after.approvals)]
  return { verdict: verdictOf(all), changes: all }
}

/** It takes force by itself. */
export function isAtMost ({ verdict }: Comparison): boolean {
  return verdict === 'same' || verdict === 'narrower'
}

function approvalsChange (before: ApprovalSettings, after: ApprovalSettings): Change[] {
  if (before.needed === after.needed) return []
  return [{
    effect: after.needed < before.needed ? 'wider' : 'narrower',
    aspect: 'approvals',
    old: String(before.needed),
    new: String(after.needed),
    oldRule: before.rule,
    newRule: after.rule
  }]
}
