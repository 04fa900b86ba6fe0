/**
 * Why each field of a report left or stayed, for every recipient: what `curtilage explain` prints and the API answers.
 *
 * Shows paths, categories, rules and reasons, and the disclosure itself; a raw value never, and an unclassified path only
 * in the words of the name dictionary.
 */

import { shownPath } from './classify/walk.js'
import { spellTransform } from './policy/transform-spelling.js'
import type { FieldDecision, Grounds } from './model/decision.js'
import type { DraftLeaf, DraftNode } from './model/draft.js'
import type { Json } from './model/json.js'
import type { CompiledField } from './model/policy.js'
import type { Report, ReportNode } from './model/report.js'
import type { Judgement, Taken } from './pipeline.js'

export interface Explanation {
  readonly recipients: readonly RecipientExplanation[]
  /** Present where the report never came as far as a recipient. */
  readonly quarantined?: string
}

interface Why {
  readonly reason: string | null
  readonly rule: string | null
  readonly consent: string | null
  readonly clause: string | null
}

export interface RecipientExplanation extends Why {
  readonly recipient: string
  readonly outcome: 'disclosed' | 'withheld'
  readonly fields: readonly FieldExplanation[]
  readonly disclosure?: Json
}

/** Fields of one path that met the same fate are one line; `count` says how many. */
export interface FieldExplanation extends Why {
  readonly path: string
  readonly category: string | null
  readonly transform: string | null
  readonly outcome: 'disclosed' | 'suppressed'
  readonly count: number
}

/** Explains what `takeReport` found. */
export function explain (taken: Taken, dictionary: ReadonlySet<string>): Explanation {
  if (taken.outcome === 'quarantined') return { recipients: [], quarantined: taken.reason }
  return { recipients: taken.judgements.map(judgement => explainRecipient(judgement, taken.report, dictionary)) }
}

function explainRecipient (judgement: Judgement, report: Report, dictionary: ReadonlySet<string>): RecipientExplanation {
  const fields = explainFields(judgement, report, dictionary)
  const recipient = judgement.recipient.name
  if (judgement.effect === 'withheld') {
    const grounds = judgement.decision ?? { rule: judgement.recipient.rule }
    return { recipient, outcome: 'withheld', ...why(judgement.reason, grounds), fields }
  }
  const disclosure = JSON.parse(Buffer.from(judgement.disclosure.bytes).toString('utf8')) as Json
  const first = fields.find(({ outcome }) => outcome === 'disclosed')
  return { recipient, outcome: 'disclosed', reason: null, rule: judgement.recipient.rule, consent: first?.consent ?? null, clause: judgement.recipient.purpose.clause, fields, disclosure }
}

function explainFields (judgement: Judgement, report: Report, dictionary: ReadonlySet<string>): FieldExplanation[] {
  const lines = new Map<string, FieldExplanation>()
  const add = (line: FieldExplanation): void => {
    const key = `${line.path} ${line.category} ${line.outcome} ${line.reason}`
    lines.set(key, { ...line, count: (lines.get(key)?.count ?? 0) + 1 })
  }
  const { draft } = judgement
  if (draft !== undefined) {
    add(draftLine('@device', 'device.id', draft.device))
    add(draftLine('@time', 'time.event', draft.time))
  }
  for (const { path, field, draft: leaf } of pairs(report.root, draft?.data, '', dictionary)) {
    add(leaf === undefined ? undecidedLine(path, field, judgement) : draftLine(path, field?.category.name ?? null, leaf))
  }
  return [...lines.values()]
}

interface Pair {
  readonly path: string
  readonly field: CompiledField | undefined
  readonly draft: DraftLeaf | undefined
}

/** Report and draft have the same shape; walks both. */
function * pairs (node: ReportNode, draft: DraftNode | undefined, path: string, dictionary: ReadonlySet<string>): Generator<Pair> {
  if (node.kind === 'leaf') {
    yield { path: node.field?.path ?? path, field: node.field, draft: draft?.kind === 'leaf' ? draft : undefined }
  } else if (node.kind === 'array') {
    for (const [i, item] of node.items.entries()) yield * pairs(item, draft?.kind === 'array' ? draft.items[i] : undefined, `${path}[]`, dictionary)
  } else {
    for (const [i, { key, keyField, node: child }] of node.entries.entries()) {
      const entry = draft?.kind === 'object' ? draft.entries[i] : undefined
      if (keyField !== undefined) yield { path: keyField.path, field: keyField, draft: entry?.key }
      yield * pairs(child, entry?.node, shownPath(path, key, dictionary), dictionary)
    }
  }
}

function draftLine (path: string, category: string | null, leaf: DraftLeaf): FieldExplanation {
  const { decision, suppressed } = leaf
  const transform = decision?.effect === 'disclose' ? spellTransform(decision.allow.transform) : null
  return { path, category, transform, outcome: suppressed === undefined ? 'disclosed' : 'suppressed', ...why(suppressed ?? null, decision ?? {}), count: 1 }
}

/** The recipient was refused before a draft was made. */
function undecidedLine (path: string, field: CompiledField | undefined, judgement: Judgement): FieldExplanation {
  if (field === undefined) return { path, category: null, transform: null, outcome: 'suppressed', ...why('unclassified', {}), count: 1 }
  const decision = judgement.effect === 'withheld' ? judgement.decision : undefined
  const own: FieldDecision | undefined = decision?.plan?.fields[field.index]
  const reason = own?.effect === 'suppress' ? own.reason : decision?.reason ?? null
  return { path, category: field.category.name, transform: null, outcome: 'suppressed', ...why(reason, own ?? decision ?? {}), count: 1 }
}

function why (reason: string | null, { rule, consent, clause }: Grounds): Why {
  return { reason, rule: rule ?? null, consent: consent ?? null, clause: clause ?? null }
}
