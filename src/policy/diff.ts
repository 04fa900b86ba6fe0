/**
 * Two configurations, compared: what an approval asks, what `curtilage diff` prints, what the API answers and the console
 * shows. There is one order, in `compare-configurations.ts`; this adds what was edited without any effect, and numbers.
 */

import type { CompiledPolicy } from '../model/policy.js'
import { fileOf } from './cause.js'
import { compareConfigurations, type Comparable } from './compare-configurations.js'
import { editsBetween, type Edit, type TracedEdit } from './edits.js'
import type { Change, Comparison, Verdict } from './order.js'

export interface Diff extends Comparison {
  readonly old: DiffSide
  readonly new: DiffSide
  /** How many changes of each effect there are, and how many edits without any. */
  readonly counts: Readonly<Record<Verdict, number>>
  /** Settings that read otherwise, and let out neither more nor less nor anything else. */
  readonly same: readonly Edit[]
  /** What was looked at: recipients, report types and fields, those of either side. */
  readonly compared: { readonly recipients: number, readonly reports: number, readonly fields: number }
}

export interface DiffSide {
  readonly digest: string
  readonly notice: string
}

export function diff (before: Comparable, after: Comparable): Diff {
  const { verdict, changes } = compareConfigurations(before, after)
  const effective = effectOf(changes, before.policy, after.policy)
  const same = editsBetween(before.sources, after.sources).filter(edit => !effective(edit)).map(({ within, ...edit }) => edit)
  const count = (effect: Change['effect']): number => changes.filter(change => change.effect === effect).length
  return {
    old: sideOf(before.policy),
    new: sideOf(after.policy),
    verdict,
    counts: { wider: count('wider'), different: count('different'), narrower: count('narrower'), same: same.length },
    changes,
    same,
    compared: comparedOf(before.policy, after.policy)
  }
}

function sideOf ({ digest, noticeVersion }: CompiledPolicy): DiffSide {
  return { digest, notice: noticeVersion }
}

function comparedOf (...policies: readonly CompiledPolicy[]): Diff['compared'] {
  const recipients = policies.flatMap(policy => policy.recipients.map(({ name }) => name))
  const reports = policies.flatMap(policy => [...policy.reportsByTopic.keys()])
  const fields = policies.flatMap(policy => [...policy.reports.values()].flatMap(({ name, fields }) => fields.map(({ path }) => `${name} ${path}`)))
  return { recipients: new Set(recipients).size, reports: new Set(reports).size, fields: new Set(fields).size }
}

/** Tells which edits are behind a change: at its line or within what stands there; in a file that came or went with it, all. */
function effectOf (changes: readonly Change[], ...policies: readonly CompiledPolicy[]): (edit: TracedEdit) => boolean {
  const lines = new Set(changes.flatMap(({ oldRule, newRule }) => [`old ${oldRule}`, `new ${newRule}`]))
  const files = new Set(changes.flatMap(({ aspect, recipient, report }) => policies.flatMap(policy => {
    if (aspect === 'recipient') return policy.recipients.filter(({ name }) => name === recipient).map(({ rule }) => fileOf(rule))
    return aspect === 'report' && report !== undefined ? fileOf(policy.reports.get(report)?.rule ?? '') : []
  })))
  return ({ file, within, old, new: now }) => [...within].some(line => lines.has(line)) || ((old === undefined || now === undefined) && files.has(file))
}
