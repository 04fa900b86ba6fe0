/** What stands open now: recipients that are paused or wait, dead letters, guard alarms. Each leads to where it is mended. */

import type { ComponentChildren } from 'preact'
import { ask } from '../../api/request.js'
import { Badge, type Tone } from '../../parts/badge.js'
import { Loading } from '../../parts/loading.js'
import { useLoaded } from '../../parts/use-loaded.js'
import { linkTo } from '../../router.js'
import { ageText, countOf, countText } from '../../words/format.js'
import { troubleText } from '../../words/trouble.js'
import { byReason, type Alarms } from './alarm-sums.js'

interface Outbox {
  readonly entries: number
  readonly maxEntries: number
  readonly recipients: readonly {
    readonly recipient: string
    readonly waiting: number
    readonly oldestMs?: number
    readonly deadLetters: number
    readonly paused?: { readonly reason: string, readonly by: string, readonly atMs: number }
    readonly trouble?: { readonly sinceMs: number, readonly code: string }
  }[]
}

interface Item {
  readonly tone: Tone
  readonly word: string
  readonly text: ComponentChildren
  readonly to: readonly string[]
  readonly link: string
}

export function NeedsALook ({ alarms }: { alarms: Alarms }) {
  const { value, problem, reload } = useLoaded(async signal => await ask<Outbox>('/v1/outbox', { signal }), [alarms])
  const items = value === undefined ? [] : itemsOf(value, alarms)
  return (
    <section class='panel' aria-labelledby='now'>
      <h2 id='now'>Now</h2>
      {value === undefined || problem !== undefined
        ? <Loading problem={problem} reload={reload} />
        : items.length === 0
          ? <div class='empty'><strong>Nothing needs a look</strong>No recipient is paused or waits, there are no dead letters, and the guard had no alarm in the last day.</div>
          : (
            <ul class='looks'>
              {items.map(({ tone, word, text, to, link }, index) => (
                <li key={index}><Badge tone={tone}>{word}</Badge><span>{text}</span><a href={linkTo(...to)}>{link}</a></li>
              ))}
            </ul>
            )}
    </section>
  )
}

function itemsOf ({ recipients, entries, maxEntries }: Outbox, alarms: Alarms): Item[] {
  const items: Item[] = []
  const guard = byReason(alarms, 0).filter(({ kind }) => kind === 'guard-alarm')
  for (const { recipient, count } of guard) items.push({ tone: 'alarm', word: 'guard alarm', text: <><strong>{recipient}</strong>: {countOf(count, 'disclosure')} withheld, since the last check found an address</>, to: ['flow'], link: 'Flow' })
  for (const { recipient, deadLetters, paused, trouble, waiting } of recipients) {
    if (deadLetters > 0) items.push({ tone: 'alarm', word: 'dead letters', text: <><strong>{recipient}</strong> refused {countOf(deadLetters, 'disclosure')} for good</>, to: ['alarms', 'dead-letters'], link: 'Retry or discard' })
    if (paused !== undefined) items.push({ tone: 'accent', word: 'paused', text: <><strong>{recipient}</strong> for {ageText(alarms.atMs - paused.atMs)}, by {paused.by}: {paused.reason}. {countText(waiting)} wait</>, to: ['flow'], link: 'Resume' })
    else if (trouble !== undefined) items.push({ tone: 'alarm', word: 'waits', text: <><strong>{recipient}</strong> for {ageText(alarms.atMs - trouble.sinceMs)}: {troubleText(trouble.code)}. {countText(waiting)} wait</>, to: ['flow'], link: 'Flow' })
  }
  if (entries > maxEntries / 2) items.push({ tone: 'alarm', word: 'outbox', text: `holds ${countText(entries)} of ${countText(maxEntries)} disclosures`, to: ['flow'], link: 'Flow' })
  return items
}
