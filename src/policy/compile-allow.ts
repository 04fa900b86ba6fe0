/** The `allow` section of a recipient as checked → compiled. */

import type { AllowRule, Category, Transform } from '../model/policy.js'
import { compileTransform, typesTaken } from './compile-transform.js'
import type { Names } from './names.js'
import { quote } from './quote.js'
import type { Reporter } from './reporter.js'
import type { RecipientFile } from './schema/recipient.js'

const FAMILY = /^(?:[^.*]+\.)+\*$/

export interface AllowContext {
  readonly names: Names
  readonly categories: ReadonlyMap<string, Category>
}

export interface CompiledAllow {
  readonly rules: readonly AllowRule[]
  /** The one rule that covers a category, by its name. */
  readonly byCategory: ReadonlyMap<string, AllowRule>
}

export function compileAllow (allow: RecipientFile['allow'] | undefined, context: AllowContext, reporter: Reporter): CompiledAllow {
  const rules: AllowRule[] = []
  const byCategory = new Map<string, AllowRule>()
  for (const [pattern, written] of Object.entries(allow ?? {})) {
    const path = ['allow', pattern]
    const names = coveredNames(pattern, context, reporter)
    const transform = compileTransform(written, path, reporter)
    if (names === undefined || transform === undefined) continue
    const rule = { pattern, transform, rule: reporter.source.placeOf(path) }
    rules.push(rule)
    checkCovered(rule, names.flatMap(name => context.categories.get(name) ?? []), reporter)
    for (const name of names) claim(name, rule, byCategory, reporter)
  }
  return { rules, byCategory }
}

/** Names of the categories that a pattern covers; undefined, and a problem, where there are none. */
function coveredNames (pattern: string, { names, categories }: AllowContext, reporter: Reporter): readonly string[] | undefined {
  const path = ['allow', pattern]
  const known = names.categories ?? new Set(categories.keys())
  if (!pattern.includes('*')) return reporter.knows('category', pattern, names.categories, path, 'key') ? [pattern] : undefined
  if (!FAMILY.test(pattern)) {
    return reporter.atKey(path, 'invalid-value', `${quote(pattern)} is neither a category nor a family such as 'sensor.*'`, { key: pattern })
  }
  const covered = [...known].filter(name => name.startsWith(pattern.slice(0, -1)))
  if (covered.length > 0 || names.categories === undefined) return covered
  const families = new Set([...known].map(name => `${name.slice(0, name.lastIndexOf('.'))}.*`))
  reporter.knows('family', pattern, families, path, 'key')
  return undefined
}

function checkCovered ({ pattern, transform }: AllowRule, covered: readonly Category[], reporter: Reporter): void {
  for (const category of covered) {
    const path = ['allow', pattern]
    const through = category.name === pattern ? '' : `, which ${quote(pattern)} covers`
    if (category.never && transform.kind !== 'suppress') {
      reporter.atKey(path, 'never-disclosed', `no rule can allow category ${quote(category.name)}${through}`, { key: pattern })
    } else if (!fits(transform, category)) {
      reporter.atValue(path, 'misfit', `${quote(transform.kind)} does not fit category ${quote(category.name)}${through}: its type is ${[...category.types].join(' or ')}`, { key: pattern })
    }
  }
}

function fits (transform: Transform, category: Category): boolean {
  return typesTaken(transform).some(type => category.types.has(type))
}

function claim (name: string, rule: AllowRule, byCategory: Map<string, AllowRule>, reporter: Reporter): void {
  const earlier = byCategory.get(name)
  if (earlier === undefined) byCategory.set(name, rule)
  else {
    reporter.atKey(['allow', rule.pattern], 'overlap',
      `${quote(rule.pattern)} (${rule.rule}) and ${quote(earlier.pattern)} (${earlier.rule}) both cover category ${quote(name)}`, { key: rule.pattern })
  }
}
