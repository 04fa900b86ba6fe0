/**
 * What the cases of a configuration touch: a category where a case sends it to a recipient that it names, a rule where it
 * decides about a field of such a report.
 */

import type { DraftLeaf, DraftNode } from '../model/draft.js'
import type { Judgement } from '../pipeline.js'
import type { Configuration } from '../policy/compile.js'
import type { Report, ReportNode } from '../model/report.js'
import { takeCase } from '../try/run-cases.js'

export interface UntouchedRule {
  readonly recipient: string
  /** A category, or a family such as `sensor.*`. */
  readonly category: string
  /** `file:line`. */
  readonly rule: string
}

export interface Part<T> {
  readonly total: number
  readonly untouched: readonly T[]
}

export interface Coverage {
  readonly rules: Part<UntouchedRule>
  readonly recipients: Part<string>
  /** Of those that a report type lists. */
  readonly categories: Part<string>
  readonly reports: Part<string>
}

export function coverageOf (configuration: Configuration): Coverage {
  const { policy, cases } = configuration
  const touched = { rules: new Set<string>(), recipients: new Set<string>(), categories: new Set<string>(), reports: new Set<string>() }
  for (const one of cases) {
    const taken = takeCase(one, configuration)
    for (const recipient of one.expect.keys()) touched.recipients.add(recipient)
    if (taken.outcome === 'quarantined') continue
    touched.reports.add(taken.report.type.name)
    const judged = taken.judgements.filter(({ recipient }) => one.expect.has(recipient.name) && recipient.reports.has(taken.report.type.name))
    if (judged.length > 0) for (const category of categoriesIn(taken.report)) touched.categories.add(category)
    for (const judgement of judged) for (const rule of rulesIn(judgement)) touched.rules.add(rule)
  }
  const rules = policy.recipients.flatMap(({ name, allow }) => allow.map(({ pattern, rule }) => ({ recipient: name, category: pattern, rule })))
  const listed = [...new Set([...policy.reports.values()].flatMap(({ fields }) => fields.map(({ category }) => category.name)))].sort()
  return {
    rules: part(rules, ({ rule }) => touched.rules.has(rule)),
    recipients: part(policy.recipients.map(({ name }) => name), name => touched.recipients.has(name)),
    categories: part(listed, category => touched.categories.has(category)),
    reports: part([...policy.reports.keys()], report => touched.reports.has(report))
  }
}

function part<T> (all: readonly T[], isTouched: (one: T) => boolean): Part<T> {
  return { total: all.length, untouched: all.filter(one => !isTouched(one)) }
}

function categoriesIn ({ root }: Report): Set<string> {
  const found = new Set<string>()
  const walk = (node: ReportNode): void => {
    if (node.kind === 'leaf') {
      if (node.field !== undefined) found.add(node.field.category.name)
    } else if (node.kind === 'array') {
      node.items.forEach(walk)
    } else {
      for (const { keyField, node: child } of node.entries) {
        if (keyField !== undefined) found.add(keyField.category.name)
        walk(child)
      }
    }
  }
  walk(root)
  return found
}

function rulesIn ({ draft }: Judgement): Set<string> {
  const found = new Set<string>()
  const add = ({ decision }: DraftLeaf): void => { if (decision?.effect === 'disclose') found.add(decision.allow.rule) }
  const walk = (node: DraftNode): void => {
    if (node.kind === 'leaf') return add(node)
    if (node.kind === 'array') return node.items.forEach(walk)
    for (const { key, node: child } of node.entries) {
      add(key)
      walk(child)
    }
  }
  if (draft === undefined) return found
  add(draft.device)
  add(draft.time)
  walk(draft.data)
  return found
}
