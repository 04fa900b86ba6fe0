/**
 * Why each field of a report left or stayed, for every recipient: what `curtilage explain` prints and the API answers.
 *
 * Shows paths, categories, rules and reasons, and the disclosure itself; a raw value never, and an unclassified path only
 * in the words of the name dictionary.
 */

import { shownPath } from './classify/walk.js'
import { writtenValue } from './guard/spell.js'
import { spellTransform } from './policy/transform-spelling.js'
import type { FieldDecision, Grounds } from './model/decision.js'
import type { DraftLeaf, DraftNode } from './model/draft.js'
import type { Json, Scalar } from './model/json.js'
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
  /** Only where asked for. */
  readonly leaves?: readonly LeafExplanation[]
}

/** One value of the report, or one of its keys where the key is a field. Its place is content of the report. */
export interface LeafExplanation {
  /** JSON pointer (RFC 6901) into the report. */
  readonly at: string
  /** The key is meant, not what stands under it. */
  readonly isKey?: true
  /** Which of `fields` tells its fate. */
  readonly line: number
  /** As it leaves; absent where it does not. */
  readonly value?: Scalar
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
  return explainAll(taken, dictionary, false)
}

/** As `explain`, and value by value: only for whoever has the report, since it tells of every place in it. */
export function explainByLeaf (taken: Taken, dictionary: ReadonlySet<string>): Explanation {
  return explainAll(taken, dictionary, true)
}

function explainAll (taken: Taken, dictionary: ReadonlySet<string>, byLeaf: boolean): Explanation {
  if (taken.outcome === 'quarantined') return { recipients: [], quarantined: taken.reason }
  return {
    recipients: taken.judgements.map(judgement => {
      const { leaves, ...explained } = explainRecipient(judgement, taken.report, dictionary)
      return byLeaf ? { ...explained, leaves } : explained
    })
  }
}

function explainRecipient (judgement: Judgement, report: Report, dictionary: ReadonlySet<string>): RecipientExplanation & { leaves: readonly LeafExplanation[] } {
  const { fields, leaves } = explainFields(judgement, report, dictionary)
  const recipient = judgement.recipient.name
  if (judgement.effect === 'withheld') {
    const grounds = judgement.decision ?? { rule: judgement.recipient.rule }
    return { recipient, outcome: 'withheld', ...why(judgement.reason, grounds), fields, leaves }
  }
  const disclosure = JSON.parse(Buffer.from(judgement.disclosure.bytes).toString('utf8')) as Json
  const first = fields.find(({ outcome }) => outcome === 'disclosed')
  return { recipient, outcome: 'disclosed', reason: null, rule: judgement.recipient.rule, consent: first?.consent ?? null, clause: judgement.recipient.purpose.clause, fields, disclosure, leaves }
}

function explainFields (judgement: Judgement, report: Report, dictionary: ReadonlySet<string>): { fields: FieldExplanation[], leaves: LeafExplanation[] } {
  const lines = new Map<string, { number: number, line: FieldExplanation }>()
  const add = (line: FieldExplanation): number => {
    const key = `${line.path} ${line.category} ${line.outcome} ${line.reason}`
    const { number, line: before } = lines.get(key) ?? { number: lines.size, line: undefined }
    lines.set(key, { number, line: { ...line, count: (before?.count ?? 0) + 1 } })
    return number
  }
  const { draft } = judgement
  if (draft !== undefined) {
    add(draftLine('@device', 'device.id', draft.device))
    add(draftLine('@time', 'time.event', draft.time))
  }
  const leaves = [...pairs(report.root, draft?.data, { path: '', at: '' }, dictionary)].map(({ path, at, isKey, field, draft: leaf }) => {
    const line = add(leaf === undefined ? undecidedLine(path, field, judgement) : draftLine(path, field?.category.name ?? null, leaf))
    const leaves = judgement.effect === 'disclosed' && leaf !== undefined && leaf.suppressed === undefined
    return { at, ...(isKey && { isKey }), line, ...(leaves && { value: writtenValue(leaf) }) }
  })
  return { fields: [...lines.values()].map(({ line }) => line), leaves }
}

interface Pair {
  readonly path: string
  readonly at: string
  readonly isKey: boolean
  readonly field: CompiledField | undefined
  readonly draft: DraftLeaf | undefined
}

/** Where a node stands: as it may be shown, and as it is. */
interface Place {
  readonly path: string
  readonly at: string
}

/** Report and draft have the same shape; walks both. */
function * pairs (node: ReportNode, draft: DraftNode | undefined, { path, at }: Place, dictionary: ReadonlySet<string>): Generator<Pair> {
  if (node.kind === 'leaf') {
    yield { path: node.field?.path ?? path, at, isKey: false, field: node.field, draft: draft?.kind === 'leaf' ? draft : undefined }
  } else if (node.kind === 'array') {
    for (const [i, item] of node.items.entries()) yield * pairs(item, draft?.kind === 'array' ? draft.items[i] : undefined, { path: `${path}[]`, at: `${at}/${i}` }, dictionary)
  } else {
    for (const [i, { key, keyField, node: child }] of node.entries.entries()) {
      const entry = draft?.kind === 'object' ? draft.entries[i] : undefined
      const place = { path: shownPath(path, key, dictionary), at: `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` }
      if (keyField !== undefined) yield { path: keyField.path, at: place.at, isKey: true, field: keyField, draft: entry?.key }
      yield * pairs(child, entry?.node, place, dictionary)
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
