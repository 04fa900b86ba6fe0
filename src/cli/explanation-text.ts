/** An explanation as text for people. */

import type { Explanation, FieldExplanation, RecipientExplanation } from '../explain.js'
import { table, wrap, type Row } from './table.js'
import { colors, width } from './terminal.js'
import { transformText } from './transform-text.js'

export function explanationText ({ recipients, quarantined }: Explanation): string {
  if (quarantined !== undefined) return `no recipient gets anything: the report cannot be read (${quarantined}); it is acknowledged, counted and put in quarantine`
  return recipients.map(recipientText).join('\n\n')
}

function recipientText (one: RecipientExplanation): string {
  const parts = [headline(one), indent(table([['PATH', 'CATEGORY', 'WHAT BECOMES OF IT', 'RULE', 'CONSENT', 'CLAUSE'], ...one.fields.map(fieldRow)], width() - 2))]
  if (one.disclosure !== undefined) parts.push('  leaves:', indent(JSON.stringify(one.disclosure, null, 2).split('\n').flatMap(line => wrap(line, width() - 2)).join('\n')))
  return parts.join('\n')
}

function headline ({ recipient, outcome, reason, rule, consent, clause }: RecipientExplanation): string {
  const style = outcome === 'disclosed' ? colors.green : colors.yellow
  const grounds = [rule, consent !== null && `consent ${consent}`, clause !== null && `clause ${clause}`].filter(Boolean).join(', ')
  return `${colors.bold(recipient)}: ${style(reason === null ? outcome : `${outcome}, ${reason}`)}${grounds === '' ? '' : ` (${grounds})`}`
}

function fieldRow ({ path, category, transform, outcome, reason, rule, consent, clause, count }: FieldExplanation): Row {
  const leaves = outcome === 'disclosed'
  return [
    count === 1 ? path : `${path} (${count} times)`,
    category ?? '-',
    { text: leaves ? transformText(transform) : `stays: ${reason ?? 'withheld'}`, style: leaves ? colors.green : colors.dim },
    rule ?? '-',
    consent ?? '-',
    clause ?? '-'
  ]
}

function indent (text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
