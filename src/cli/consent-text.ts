/** What holds of an account's consent, as text for people. */

import type { ConsentOverview } from '../console/consent-overview.js'
import type { ConsentAnswer } from '../consent/status.js'
import { table, type Row } from './table.js'
import { colors, width } from './terminal.js'

export function consentText ({ account, at, facts, purposes, records }: ConsentOverview): string {
  const marks = [`regime ${facts.regime}`, `region ${facts.region}`, ...(facts.minor ? ['minor'] : []), ...(facts.optOutSignal ? ['opt-out signal on'] : [])]
  return [
    `account ${account} at ${timeText(at)}: ${marks.join(', ')}`,
    '',
    table([['PURPOSE', 'RECIPIENT', 'ANSWER', 'STATE', 'WHY'], ...purposes.flatMap(purposeRows)], width()),
    '',
    records.length === 0 ? 'no records' : table([['RECORD', 'AT', 'WHAT', 'SCOPE', 'BY'], ...records.map(recordRow)], width())
  ].join('\n')
}

function purposeRows ({ purpose, recipients, ...answer }: ConsentOverview['purposes'][number]): Row[] {
  return [
    answerRow(purpose, '', answer),
    ...recipients.flatMap(({ recipient, enabled, exceptions, ...own }) => [
      answerRow('', enabled ? recipient : `${recipient} (off)`, own),
      ...exceptions.map(({ category, device, ...exception }) => answerRow('', `  ${[category, device].filter(Boolean).join(', ')}`, exception))
    ])
  ]
}

function answerRow (purpose: string, recipient: string, { answer, state, grounds, reason }: ConsentAnswer): Row {
  return [purpose, recipient, { text: answer, style: answer === 'yes' ? colors.green : colors.yellow }, state, reason === undefined ? grounds : `${reason} (${grounds})`]
}

function recordRow (record: ConsentOverview['records'][number]): Row {
  const by = [record.actor, record.source].filter(Boolean).join(', ')
  if ('facts' in record) return [record.id, timeText(record.at), 'facts', Object.entries(record.facts).map(([name, value]) => `${name} ${String(value)}`).join(', '), by]
  const { purpose, recipient, category, device, expires, notice, state, stands } = record
  const scope = [purpose, recipient, category, device, expires !== undefined && `until ${timeText(expires)}`, `notice ${notice}`]
  return [record.id, timeText(record.at), stands === false ? `${state}, replaced` : state, scope.filter(Boolean).join(', '), by].map(text => stands === false ? { text, style: colors.dim } : text)
}

function timeText (epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z')
}
