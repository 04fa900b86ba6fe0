/**
 * The same question as in `excess.ts`, for the fields of one report.
 *
 * Walks the two path matchers in step, one class of keys after the other: every key that either names, and one that neither
 * does. So it sees which field caught a value before, whatever paths are added, taken away or shadowed by others.
 */

import type { AllowRule, Category, CompiledField, CompiledPolicy, CompiledRecipient, CompiledReport, PathNode } from '../model/policy.js'
import type { Excess } from './difference.js'
import { leavingExcess, type Leaving } from './form-order.js'
import type { Side } from './situation.js'
import { transformAtMost } from './transform-order.js'
import { spellTransform } from './transform-spelling.js'

/** A key that no path names. */
const OTHER = Symbol('other')

/** Reports are the same where they come on the same topic, whatever they are called. */
export function reportExcess (name: string, more: Side, less: Side): Excess[] {
  const report = more.policy.reports.get(name)
  if (report === undefined || !reportLeaves(report, more)) return []
  const known = less.policy.reportsByTopic.get(report.topicTail.join('/'))
  const place = { report: name, moreRule: report.rule, ...(known !== undefined && { lessRule: known.rule }) }
  if (known === undefined) return [{ ...topicExcess(report, less.policy.reports.get(name)), ...place }]
  if (!less.recipient.reports.has(known.name)) return [{ aspect: 'report', ...place }]
  if (less.recipient.excludeOrigins.has(known.origin)) return [{ aspect: 'origin', more: report.origin, ...place }]
  const walk = new Walk(report, more, less)
  walk.visit(report.root, known.root, known)
  return walk.found.map(each => ({ ...place, ...each }))
}

/** True if a value of the report can leave for the recipient. */
export function reportLeaves (report: CompiledReport, side: Side): boolean {
  if (!side.recipient.reports.has(report.name) || side.recipient.excludeOrigins.has(report.origin)) return false
  return leavesAnything(report.root, report, side)
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
  const place = { path, category: category.name, moreRule: more.rule }
  if (!discloses(less, knownCategory)) return [{ aspect: 'field', more: spellTransform(more.transform), ...place }]
  if (transformAtMost(more.transform, less.transform)) return []
  return [{ aspect: 'transform', more: spellTransform(more.transform), less: spellTransform(less.transform), lessRule: less.rule, ...place }]
}

function topicExcess ({ topicTail }: CompiledReport, known: CompiledReport | undefined): Excess {
  if (known === undefined) return { aspect: 'report' }
  return { aspect: 'topic', more: topicTail.join('/'), less: known.topicTail.join('/'), lessRule: known.rule }
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
    this.compareFields(leaving(more.field, this.report, this.more), less?.field, known)
    if (more.element !== undefined) this.visit(more.element, less?.element, known)
    for (const key of keysOf(more, less)) this.visitKey(step(more, key), less && step(less, key), known)
  }

  /** A key placeholder that may not leave takes its subtree along; any other key leaves as it is. */
  private visitKey (more: Step | undefined, less: Step | undefined, known: CompiledReport): void {
    if (more === undefined || !leavesAnything(more.next, this.report, this.more)) return
    const key = leaving(more.key, this.report, this.more)
    if (more.key !== undefined && key === undefined) return
    const knownKey = leaving(less?.key, known, this.less)
    const passes = less?.key === undefined || knownKey !== undefined
    if (passes && knownKey !== undefined) {
      if (key === undefined) this.compareKey(knownKey)
      else this.compareFields(key, knownKey.field, known)
    }
    this.visit(more.next, passes ? less?.next : undefined, known)
  }

  /** A key that leaves as it is, and was a field before: its consent was asked, and its value perhaps changed. */
  private compareKey ({ field: { path, category, rule: lessRule }, rule: { transform } }: Leaving): void {
    if (transform.kind === 'keep' && !asksConsent(this.less)) return
    this.found.push({ aspect: 'key', path, category: category.name, more: 'keep', less: spellTransform(transform), lessRule })
  }

  private compareFields (more: Leaving | undefined, knownField: CompiledField | undefined, known: CompiledReport): void {
    if (more === undefined) return
    const { field, rule } = more
    const less = leaving(knownField, known, this.less)
    const category = field.category.name
    if (less === undefined) {
      // the rule is the news where the field was listed before
      const places = knownField?.category.name === category
        ? { moreRule: rule.rule, lessRule: this.less.recipient.rule }
        : { moreRule: field.rule, lessRule: knownField?.rule ?? known.rule }
      this.found.push({ aspect: 'field', path: field.path, category, more: spellTransform(rule.transform), ...places })
    } else {
      this.found.push(...[...this.categoryExcess(more, less), ...leavingExcess(more, less), ...this.gridExcess(more, less, known)].map(each => ({ ...each, category })))
    }
  }

  /** Another category is another question to the account, and gives other pseudonyms. */
  private categoryExcess ({ field, rule }: Leaving, less: Leaving): Excess[] {
    const isOther = field.category.name !== less.field.category.name
    if (!isOther || !(asksConsent(this.less) || rule.transform.kind === 'pseudonymize')) return []
    return [{ aspect: 'category', path: field.path, more: field.category.name, less: less.field.category.name, moreRule: field.rule, lessRule: less.field.rule }]
  }

  /**
   * A grid is computed from a finer one only where cells are told apart in the field's own units, and where coordinates are
   * paired as before.
   */
  private gridExcess (more: Leaving, less: Leaving, known: CompiledReport): Excess[] {
    const [grid, finer] = [more.rule.transform, less.rule.transform]
    if (grid.kind !== 'grid' || finer.kind !== 'grid') return []
    const told = grid.sideKm === finer.sideKm || finer.sideKm > KM_PER_DEGREE * resolution(less.field)
    if (told && partnersOf(more.field, this.report) === partnersOf(less.field, known)) return []
    return [{ aspect: 'coordinates', path: more.field.path, moreRule: more.rule.rule, lessRule: less.rule.rule }]
  }
}

/** The longest degree of a meridian, WGS 84. */
const KM_PER_DEGREE = 111.7

/** Plain degrees are spelled with six decimals, scaled ones as whole numbers. */
function resolution ({ scale }: CompiledField): number {
  return scale === 1 ? 1e-6 : scale
}

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

function leavesAnything (node: PathNode, report: CompiledReport, side: Side): boolean {
  if (leaving(node.field, report, side) !== undefined) return true
  const keyed = node.keyed !== undefined && leaving(node.keyed.key, report, side) !== undefined ? [node.keyed.next] : []
  const next = [...node.exact.values(), ...keyed, node.any, node.element]
  return next.some(each => each !== undefined && leavesAnything(each, report, side))
}

function leaving (field: CompiledField | undefined, report: CompiledReport, { recipient }: Side): Leaving | undefined {
  if (field === undefined) return undefined
  const rule = recipient.plans.get(report.name)?.[field.index]
  return discloses(rule, field.category) ? { field, rule } : undefined
}

function discloses (rule: AllowRule | undefined, category: Category): rule is AllowRule {
  return rule !== undefined && !category.never && rule.transform.kind !== 'suppress'
}

/** What an account says about a single category counts. */
function asksConsent ({ recipient: { purpose, kind } }: Side): boolean {
  return !purpose.required || kind.access !== 'open'
}

/** Coordinates of the same container, in the order in which they are paired. */
function partnersOf (field: CompiledField, { fields }: CompiledReport): string {
  const container = containerOf(field.path)
  return JSON.stringify(fields.filter(({ axis, path }) => axis !== undefined && containerOf(path) === container).map(({ path }) => path))
}

function containerOf (path: string): string {
  return path.slice(0, path.lastIndexOf('.') + 1)
}
