/** Recipients × categories: what each may get of what, and what it takes. Data for `curtilage matrix`. */

import type { Category, CompiledPolicy, CompiledRecipient } from '../model/policy.js'
import { spellTransform } from './transform-spelling.js'

/**
 * What must be there before a value leaves: nothing (`none`), consent to the purpose, a grant that names the recipient, or
 * there is no way (`closed`).
 */
export type ConsentNeeded = 'none' | 'purpose' | 'recipient' | 'closed'

export interface MatrixCell {
  readonly recipient: string
  readonly category: string
  /** Canonical spelling; undefined where no rule covers the category. */
  readonly transform: string | undefined
  readonly rule: string | undefined
  /** Of the category. */
  readonly clause: string
  readonly consent: ConsentNeeded
  /** Report types of the recipient that hold the category. */
  readonly reports: readonly string[]
}

export interface MatrixRow {
  readonly recipient: string
  readonly enabled: boolean
  readonly kind: string
  readonly purpose: string
  /** Of the purpose. */
  readonly clause: string
  readonly cells: readonly MatrixCell[]
}

/** Categories stand in the notice's order, recipients in the order of their files. */
export function matrix (policy: CompiledPolicy): MatrixRow[] {
  return policy.recipients.map(recipient => ({
    recipient: recipient.name,
    enabled: recipient.enabled,
    kind: recipient.kind.name,
    purpose: recipient.purpose.name,
    clause: recipient.purpose.clause,
    cells: [...policy.categories.values()].map(category => cellOf(recipient, category, policy))
  }))
}

function cellOf (recipient: CompiledRecipient, category: Category, policy: CompiledPolicy): MatrixCell {
  const rule = recipient.allow.find(({ pattern }) => covers(pattern, category.name))
  return {
    recipient: recipient.name,
    category: category.name,
    transform: rule === undefined ? undefined : spellTransform(rule.transform),
    rule: rule?.rule,
    clause: category.clause,
    consent: category.never ? 'closed' : consentNeeded(recipient),
    reports: [...recipient.reports].filter(name => policy.reports.get(name)?.fields.some(field => field.category.name === category.name))
  }
}

function covers (pattern: string, category: string): boolean {
  return pattern === category || (pattern.endsWith('.*') && category.startsWith(pattern.slice(0, -1)))
}

function consentNeeded ({ enabled, kind, purpose }: CompiledRecipient): ConsentNeeded {
  if (!enabled || kind.access === 'aggregate' || kind.access === 'closed') return 'closed'
  if (kind.access === 'recipient-consent') return 'recipient'
  return purpose.required ? 'none' : 'purpose'
}
