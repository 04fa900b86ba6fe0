/** What the reference path found, as the gateway tells of it: the same words as those of the one-pass filter. */

import { firmwareTexts, unclassifiedPaths } from './classify/walk.js'
import { draftLeaves } from './minimize/draft-fields.js'
import type { JudgedReport, RecipientJudgement, SuppressedCount } from './model/judged.js'
import type { Judgement, Taken } from './pipeline.js'

export function judgedOf (taken: Extract<Taken, { outcome: 'judged' }>, dictionary: ReadonlySet<string>): JudgedReport {
  const { report, judgements, ownAddresses } = taken
  return { type: report.type, judgements: judgements.map(judgementOf), unclassified: unclassifiedPaths(report.root, dictionary), firmware: [...firmwareTexts(report.root)], ownAddresses }
}

function judgementOf (judgement: Judgement): RecipientJudgement {
  const { recipient } = judgement
  const suppressed = suppressedIn(judgement)
  if (judgement.effect === 'withheld') return { effect: 'withheld', recipient, suppressed, reason: judgement.reason }
  return { effect: 'disclosed', recipient, suppressed, disclosure: judgement.disclosure, header: judgement.header }
}

function suppressedIn ({ draft }: Judgement): SuppressedCount[] {
  const counts = new Map<string, SuppressedCount>()
  if (draft === undefined) return []
  for (const { suppressed: reason, field } of draftLeaves(draft.data)) {
    if (reason === undefined) continue
    const category = field?.category.name ?? 'unclassified'
    const key = `${category} ${reason}`
    counts.set(key, { category, reason, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()]
}
