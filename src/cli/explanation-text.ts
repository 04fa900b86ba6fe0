/** An explanation as text for people. */

import type { Explanation, FieldExplanation, RecipientExplanation } from '../explain.js'
import type { Json } from '../model/json.js'
import { table, wrap, type Row } from './table.js'
import { colors, width } from './terminal.js'
import { transformText } from './transform-text.js'

export function explanationText ({ recipients, quarantined }: Explanation): string {
  if (quarantined !== undefined) return `no recipient gets anything: the report cannot be read (${quarantined}); it is acknowledged, counted and put in quarantine`
  return recipients.map(recipientText).join('\n\n')
}

function recipientText (one: RecipientExplanation): string {
  const parts = [headline(one)]
  if (isAlike(one)) parts.push(indent(`all ${one.fields.reduce((sum, { count }) => sum + count, 0)} fields stay for that reason`))
  else parts.push(indent(table([['PATH', 'CATEGORY', 'WHAT BECOMES OF IT', 'RULE', 'CONSENT', 'CLAUSE'], ...one.fields.map(field => fieldRow(field, fileOf(one.rule)))], width() - 2)))
  if (one.disclosure !== undefined) parts.push('  leaves:', indent(disclosureText(one.disclosure)))
  return parts.join('\n')
}

/** The recipient was refused before any field was asked about. */
function isAlike ({ outcome, reason, fields }: RecipientExplanation): boolean {
  return outcome === 'withheld' && fields.length > 0 && fields.every(field => field.reason === reason || field.reason === 'unclassified') && fields.every(({ consent }) => consent === null)
}

/** Characters that would change what a terminal shows are written out. */
function disclosureText (disclosure: Json): string {
  const text = JSON.stringify(disclosure, null, 2).replace(/[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return text.split('\n').flatMap(line => wrap(line, width() - 2)).join('\n')
}

function headline ({ recipient, outcome, reason, rule, consent, clause }: RecipientExplanation): string {
  const style = outcome === 'disclosed' ? colors.green : colors.yellow
  const grounds = [rule, consent !== null && `consent ${consent}`, clause !== null && `clause ${clause}`].filter(Boolean).join(', ')
  return [`${colors.bold(recipient)}: ${style(reason === null ? outcome : `${outcome}, ${reason}`)}`, ...wrap(grounds, width() - 2).map(indent)].filter(line => line !== '').join('\n')
}

function fieldRow ({ path, category, transform, outcome, reason, rule, consent, clause, count }: FieldExplanation, file: string | undefined): Row {
  const leaves = outcome === 'disclosed'
  return [
    count === 1 ? path : `${path} (${count} times)`,
    category ?? '-',
    { text: leaves ? transformText(transform) : `stays: ${reason ?? 'withheld'}`, style: leaves ? colors.green : colors.dim },
    file !== undefined && rule?.startsWith(`${file}:`) ? `line ${rule.slice(file.length + 1)}` : rule ?? '-',
    consent ?? '-',
    clause ?? '-'
  ]
}

function fileOf (rule: string | null): string | undefined {
  return rule?.replace(/:\d+$/, '')
}

function indent (text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
