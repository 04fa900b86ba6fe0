/**
 * The same question as in `excess.ts`, for the fields of one report.
 *
 * Walks the two path matchers in step, one class of keys after the other: every key that either names, and one that neither
 * does. So it sees which field caught a value before, whatever paths are added, taken away or shadowed by others.
 */

import type { AllowRule, Category, CompiledField, CompiledPolicy, CompiledRecipient, CompiledReport, PathNode } from '../model/policy.js'
import { differing, type Excess } from './difference.js'
import { transformAtMost } from './transform-order.js'
import { spellTransform } from './transform-spelling.js'

export interface Side {
  readonly recipient: CompiledRecipient
  readonly policy: CompiledPolicy
}

/** A field and the rule under which it leaves. */
interface Leaving {
  readonly field: CompiledField
  readonly rule: AllowRule
}

/** A key that no path names. */
const OTHER = Symbol('other')

export function reportExcess (name: string, more: Side, less: Side): Excess[] {
  const report = more.policy.reports.get(name)
  if (report === undefined || more.recipient.excludeOrigins.has(report.origin)) return []
  const walk = new Walk(report, more, less)
  if (!walk.leavesAnything(report.root)) return []
  const known = less.policy.reports.get(name)
  const place = { report: name, moreRule: report.rule, ...(known !== undefined && { lessRule: known.rule }) }
  if (known === undefined || !less.recipient.reports.has(name)) return [{ aspect: 'report', ...place }]
  if (less.recipient.excludeOrigins.has(known.origin)) return [{ aspect: 'origin', more: report.origin, ...place }]
  walk.visit(report.root, known.root, known)
  return [...differing('topic', report.topicTail.join('/'), known.topicTail.join('/')), ...walk.found].map(each => ({ ...place, ...each }))
}

/** The device and the time of the envelope. */
export function envelopeExcess (recipient: CompiledRecipient, more: CompiledPolicy, known: CompiledRecipient, less: CompiledPolicy): Excess[] {
  return [
    ...partExcess('@device', recipient.deviceRule, more.deviceCategory, known.deviceRule, less.deviceCategory),
    ...partExcess('@time', recipient.timeRule, more.timeCategory, known.timeRule, less.timeCategory)
  ]
}

function partExcess (path: string, more: AllowRule | undefined, category: Category, less: AllowRule | undefined, knownCategory: Category): Excess[] {
  if (!discloses(more, category)) return []
  if (!discloses(less, knownCategory)) return [{ aspect: 'field', path, more: spellTransform(more.transform), moreRule: more.rule }]
  return [...transformExcess(path, more, less), ...differing('type', spellTypes(category), spellTypes(knownCategory)).map(each => ({ ...each, path }))]
}

class Walk {
  readonly found: Excess[] = []
  private readonly report: CompiledReport
  private readonly more: Side
  private readonly less: Side

  constructor (report: CompiledReport, more: Side, less: Side) {
    this.report = report
    this.more = more
    this.less = less
  }

  visit (more: PathNode, less: PathNode | undefined, known: CompiledReport): void {
    this.compareFields(leaving(more.field, this.report, this.more), leaving(less?.field, known, this.less), known)
    if (more.element !== undefined) this.visit(more.element, less?.element, known)
    for (const key of keysOf(more, less)) this.visitKey(step(more, key), less && step(less, key), known)
  }

  /** True if a value of the report can leave from here. */
  leavesAnything (node: PathNode): boolean {
    if (leaving(node.field, this.report, this.more) !== undefined) return true
    const keyed = node.keyed !== undefined && leaving(node.keyed.key, this.report, this.more) !== undefined ? [node.keyed.next] : []
    const next = [...node.exact.values(), ...keyed, node.any, node.element]
    return next.some(each => each !== undefined && this.leavesAnything(each))
  }

  /** A key placeholder that may not leave takes its subtree along; any other key leaves as it is. */
  private visitKey (more: Step | undefined, less: Step | undefined, known: CompiledReport): void {
    if (more === undefined || !this.leavesAnything(more.next)) return
    const key = leaving(more.key, this.report, this.more)
    if (more.key !== undefined && key === undefined) return
    const knownKey = leaving(less?.key, known, this.less)
    const passes = less?.key === undefined || knownKey !== undefined
    if (passes && knownKey !== undefined) {
      if (key === undefined) this.found.push({ aspect: 'key', path: knownKey.field.path, more: 'keep', less: spellTransform(knownKey.rule.transform), lessRule: knownKey.rule.rule })
      else this.compareFields(key, knownKey, known)
    }
    this.visit(more.next, passes ? less?.next : undefined, known)
  }

  private compareFields (more: Leaving | undefined, less: Leaving | undefined, known: CompiledReport): void {
    if (more === undefined) return
    const { field: { path, rule: moreRule }, rule } = more
    if (less === undefined) this.found.push({ aspect: 'field', path, more: spellTransform(rule.transform), moreRule })
    else {
      const changes = fieldExcess(more.field, less.field).map(each => ({ ...each, path, moreRule, lessRule: less.field.rule }))
      this.found.push(...changes, ...transformExcess(path, rule, less.rule), ...this.gridExcess(more, less, known))
    }
  }

  /**
   * A grid is computed from a finer one only where cells are told apart in the field's own units, and where coordinates are
   * paired as before.
   */
  private gridExcess (more: Leaving, less: Leaving, known: CompiledReport): Excess[] {
    const [grid, finer] = [more.rule.transform, less.rule.transform]
    if (grid.kind !== 'grid' || finer.kind !== 'grid') return []
    const told = grid.sideKm === finer.sideKm || finer.sideKm > KM_PER_DEGREE * less.field.scale
    if (told && coordinateOrder(this.report) === coordinateOrder(known)) return []
    return [{ aspect: 'coordinates', path: more.field.path, moreRule: more.rule.rule, lessRule: less.rule.rule }]
  }
}

/** The longest degree of a meridian, WGS 84. */
const KM_PER_DEGREE = 111.7

interface Step {
  /** Set where the key itself is a field. */
  readonly key: CompiledField | undefined
  readonly next: PathNode
}

/** Exactly as reports are classified: the key as written first, then a key placeholder, then `*`. */
function step (node: PathNode, key: string | typeof OTHER): Step | undefined {
  const exact = key === OTHER ? undefined : node.exact.get(key)
  if (exact !== undefined) return { key: undefined, next: exact }
  if (node.keyed !== undefined) return node.keyed
  return node.any && { key: undefined, next: node.any }
}

function keysOf (more: PathNode, less: PathNode | undefined): Iterable<string | typeof OTHER> {
  return new Set<string | typeof OTHER>([...more.exact.keys(), ...less?.exact.keys() ?? [], OTHER])
}

function leaving (field: CompiledField | undefined, report: CompiledReport, { recipient }: Side): Leaving | undefined {
  if (field === undefined) return undefined
  const rule = recipient.plans.get(report.name)?.[field.index]
  return discloses(rule, field.category) ? { field, rule } : undefined
}

function discloses (rule: AllowRule | undefined, category: Category): rule is AllowRule {
  return rule !== undefined && !category.never && rule.transform.kind !== 'suppress'
}

function transformExcess (path: string, more: AllowRule, less: AllowRule): Excess[] {
  if (transformAtMost(more.transform, less.transform)) return []
  return [{ aspect: 'transform', path, more: spellTransform(more.transform), less: spellTransform(less.transform), moreRule: more.rule, lessRule: less.rule }]
}

/** A field read in another way discloses something else; looking for tails as well only takes away. */
function fieldExcess (more: CompiledField, less: CompiledField): Excess[] {
  return [
    ...differing('category', more.category.name, less.category.name),
    ...differing('type', spellTypes(more.category), spellTypes(less.category)),
    ...differing('spelling', spellForm(more), spellForm(less)),
    ...(!more.category.freeText && less.category.freeText ? [{ aspect: 'no free text' }] : [])
  ]
}

function spellTypes ({ types }: Category): string {
  return [...types].sort().join(' or ')
}

function spellForm ({ encoding, format, axis, scale, unset }: CompiledField): string {
  return [encoding, format, axis, `scale ${scale}`, unset === undefined ? undefined : `unset ${unset}`].filter(part => part !== undefined).join(', ')
}

function coordinateOrder ({ fields }: CompiledReport): string {
  return JSON.stringify(fields.filter(field => field.axis !== undefined).map(field => field.path))
}
