/** Recipients: what leaves to each, what is withheld and why, what waits; pause and resume. */

import { useState } from 'preact/hooks'
import type { Line } from '../../api/snapshot.js'
import { Badge } from '../../parts/badge.js'
import { DataTable, type Column } from '../../parts/data-table.js'
import { mayWrite } from '../../session.js'
import { ageText, countText, rateText } from '../../words/format.js'
import { stayedText } from '../../words/reason.js'
import { troubleText } from '../../words/trouble.js'
import { isHeldBack, total, type Sums } from './flow-sums.js'
import { PauseDialog, ResumeDialog } from './pause-dialogs.js'

/** As `/v1/recipients` tells it. */
export interface Recipient {
  readonly recipient: string
  readonly enabled: boolean
  readonly purpose: string
  readonly paused?: { readonly reason: string, readonly by: string, readonly atMs: number }
}

interface Shown {
  readonly recipients: readonly Recipient[]
  readonly lines: readonly Line[]
  readonly sums: Sums
  readonly atMs: number
  readonly onChanged: () => void
}

export function RecipientsPanel ({ recipients, lines, sums, atMs, onChanged }: Shown) {
  const [asked, setAsked] = useState<Recipient>()
  const lineOf = ({ recipient }: Recipient): Line | undefined => lines.find(line => line.recipient === recipient)
  const columns: readonly Column<Recipient>[] = [
    { title: 'Recipient', head: true, cell: ({ recipient, purpose }) => <>{recipient}<br /><small class='soft'>for {purpose}</small></> },
    { title: 'State', cell: one => <State recipient={one} line={lineOf(one)} atMs={atMs} /> },
    { title: 'Left', number: true, cell: ({ recipient, enabled }) => !enabled ? '–' : <>{countText(sums.delivered.get(recipient) ?? 0)}<br /><small class='soft'>{rateText((sums.delivered.get(recipient) ?? 0) / sums.seconds)}</small></> },
    { title: 'Withheld', cell: ({ recipient, enabled }) => enabled ? <WithheldFrom recipient={recipient} sums={sums} /> : '–' },
    { title: 'Waiting', number: true, cell: one => countText(lineOf(one)?.waiting ?? 0) },
    { title: 'Oldest', number: true, cell: one => oldestText(lineOf(one), atMs) },
    { title: 'Dead letters', number: true, cell: one => countText(lineOf(one)?.deadLetters ?? 0) },
    ...mayWrite.value
      ? [{
          title: 'Actions',
          untitled: true,
          cell: (one: Recipient) => one.enabled && <button type='button' class='compact' aria-label={`${isPaused(one, lineOf(one)) ? 'Resume' : 'Pause'} ${one.recipient}`} onClick={() => setAsked(one)}>{isPaused(one, lineOf(one)) ? 'Resume' : 'Pause'}</button>
        }]
      : []
  ]
  const Dialog = asked !== undefined && isPaused(asked, lineOf(asked)) ? ResumeDialog : PauseDialog
  return (
    <section class='panel' aria-labelledby='recipients'>
      <h2 id='recipients'>Recipients</h2>
      <DataTable label='Recipients' columns={columns} rows={recipients} keyOf={({ recipient }) => recipient} empty='The policy names no recipient.' />
      {asked !== undefined && <Dialog recipient={asked.recipient} waiting={lineOf(asked)?.waiting ?? 0} onDone={onChanged} onClose={() => setAsked(undefined)} />}
    </section>
  )
}

function isPaused ({ paused }: Recipient, line: Line | undefined): boolean {
  return line?.paused ?? paused !== undefined
}

function oldestText (line: Line | undefined, atMs: number): string {
  return line?.oldestMs === undefined ? '–' : ageText(atMs - line.oldestMs)
}

function State ({ recipient, line, atMs }: { recipient: Recipient, line: Line | undefined, atMs: number }) {
  const { enabled, paused } = recipient
  if (!enabled) return <Badge>switched off</Badge>
  if (isPaused(recipient, line)) {
    return <><Badge tone='accent'>paused</Badge>{paused !== undefined && <><br /><small class='soft'>{paused.reason} ({paused.by}, {ageText(atMs - paused.atMs)} ago)</small></>}</>
  }
  if (line?.trouble !== undefined) return <><Badge tone='alarm'>waits</Badge><br /><small class='soft'>{troubleText(line.trouble)}</small></>
  return <Badge tone='leaves'>delivering</Badge>
}

function WithheldFrom ({ recipient, sums }: { recipient: string, sums: Sums }) {
  const lines = sums.withheld.filter(line => line.recipient === recipient && isHeldBack(line)).sort((a, b) => b.count - a.count)
  if (lines.length === 0) return <>0</>
  const [first, second, ...more] = lines
  return (
    <>
      {countText(total(lines))}<br />
      <small class='soft'>
        {[first, second].filter(line => line !== undefined).map(({ reason, count }) => `${countText(count)} ${stayedText(reason)}`).join(', ')}
        {more.length > 0 && `, ${countText(total(more))} for other reasons`}
      </small>
    </>
  )
}
