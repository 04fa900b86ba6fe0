/**
 * The order on policies as they take force: beside what leaves, the longest report that is read, and how many have to agree
 * that more leaves. Each change with the settings behind it; the most dangerous first.
 */

import { Causes } from './cause.js'
import type { Configuration } from './compile.js'
import type { ApprovalSettings } from './gateway-settings.js'
import { compare, verdictOf, type Change, type Comparison } from './order.js'

export type Comparable = Pick<Configuration, 'policy' | 'maxReportBytes' | 'approvals' | 'sources'>

const RANK: Readonly<Record<Change['effect'], number>> = { wider: 0, different: 1, narrower: 2 }

/** Fewer approvals are wider: otherwise whoever edits the folder could lower them together with a rule. */
export function compareConfigurations (before: Comparable, after: Comparable): Comparison {
  const { changes } = compare(before.policy, after.policy)
  const all = [...changes, ...longestReportChange(before.maxReportBytes, after.maxReportBytes), ...approvalsChange(before.approvals, after.approvals)]
  const [was, is] = [new Causes(before), new Causes(after)]
  const placed = all.map(change => {
    const [oldRule, newRule] = [was.of(change, change.oldRule), is.of(change, change.newRule)]
    return { ...change, ...(oldRule !== undefined && { oldRule }), ...(newRule !== undefined && { newRule }) }
  })
  return { verdict: verdictOf(placed), changes: placed.sort((a, b) => RANK[a.effect] - RANK[b.effect]) }
}

/** It takes force by itself. */
export function isAtMost ({ verdict }: Comparison): boolean {
  return verdict === 'same' || verdict === 'narrower'
}

/** A longer report is put in quarantine, and discloses nothing. No other limit decides what leaves. */
function longestReportChange (old: number, now: number): Change[] {
  return old === now ? [] : [{ effect: now > old ? 'wider' : 'narrower', aspect: 'longest report', old: `${old} bytes`, new: `${now} bytes` }]
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
