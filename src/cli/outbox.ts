/** `curtilage outbox`: what waits for whom, and what recipients refused for good. */

import type { Command } from 'commander'
import { withApi, withQuery, type ApiClient } from './api-client.js'
import { found, UsageError } from './failure.js'
import { examples, withData, type DataOptions } from './options.js'
import type { Pause } from './recipient.js'
import { table } from './table.js'
import { note, print, printJson, width } from './terminal.js'

const PAGE = 1000

interface Line {
  readonly recipient: string
  readonly waiting: number
  readonly bytes: number
  readonly oldestMs?: number
  readonly deadLetters: number
  readonly paused?: Pause
  readonly trouble?: { readonly sinceMs: number, readonly code: string }
}

interface Status {
  readonly entries: number
  readonly maxEntries: number
  readonly bytes: number
  readonly maxBytes: number
  readonly recipients: readonly Line[]
}

interface Letter {
  readonly id: string
  readonly recipient: string
  readonly report: string
  readonly reason: string
  readonly firstMs: number
  readonly lastMs: number
  readonly refusals: number
  readonly bytes: number
}

interface Choice {
  readonly recipient?: string
  readonly all?: true
}

export function addOutboxCommands (program: Command): void {
  const group = program.command('outbox').description('disclosures on their way to recipients')

  examples(withData(group.command('status').description('what waits for whom, since when, and what holds it up')), [
    'curtilage outbox status',
    'curtilage outbox status --json'
  ]).action(async (options: DataOptions) => {
    const status = await withApi(options, { create: false }, async api => await api.call<Status>('GET', '/v1/outbox'))
    if (options.json) return printJson(status)
    print(table([['RECIPIENT', 'WAITING', 'BYTES', 'OLDEST', 'DEAD', 'STATE'], ...status.recipients.map(row)], width()))
    print(`${status.entries} of ${status.maxEntries} disclosures, about ${status.bytes} of ${status.maxBytes} bytes`)
  })

  addDeadCommands(examples(group.command('dead').description('dead letters: disclosures that a recipient refused for good'), ['curtilage outbox dead list']))
}

function addDeadCommands (group: Command): void {
  examples(withData(group.command('list').description('which, why and since when; nothing of what they hold').option('--recipient <recipient>', 'of this recipient only')), [
    'curtilage outbox dead list --recipient product-analytics'
  ]).action(async (options: DataOptions & Choice) => {
    const deadLetters = await withApi(options, { create: false }, async api => await allLetters(api, options.recipient))
    if (options.json) return printJson({ deadLetters })
    const rows = deadLetters.map(({ id, recipient, report, reason, firstMs, lastMs, refusals, bytes }) => [id, recipient, report, reason, time(firstMs), time(lastMs), String(refusals), String(bytes)])
    print(table([['ID', 'RECIPIENT', 'REPORT', 'REASON', 'FIRST', 'LAST', 'TIMES', 'BYTES'], ...rows], width()))
  })

  examples(withChoice(group.command('retry [ids...]').description('send them again; consent and policy are asked once more')), [
    'curtilage outbox dead retry gquujtrxztrtgquujtrxztrt',
    'curtilage outbox dead retry --recipient product-analytics'
  ]).action(async (ids: string[], options: DataOptions & Choice) => { await change('retry', 'in line again', ids, options) })

  examples(withChoice(group.command('discard [ids...]').description('throw them away')), [
    'curtilage outbox dead discard --all'
  ]).action(async (ids: string[], options: DataOptions & Choice) => { await change('discard', 'discarded', ids, options) })
}

function withChoice (command: Command): Command {
  return withData(command.option('--recipient <recipient>', 'all of this recipient').option('--all', 'all there are'))
}

async function change (action: 'retry' | 'discard', done: string, ids: readonly string[], { recipient, all, ...options }: DataOptions & Choice): Promise<void> {
  const choices = [...(ids.length > 0 ? [{ ids }] : []), ...(recipient !== undefined ? [{ recipient }] : []), ...(all === true ? [{ all }] : [])]
  const [choice] = choices
  if (choice === undefined || choices.length > 1) throw new UsageError('say which: ids, --recipient or --all')
  const changed = await withApi(options, { create: false }, async api => await api.call<{ count: number, missing: number }>('POST', `/v1/outbox/dead/${action}`, choice))
  if (options.json) printJson(changed)
  else print(`${changed.count} ${done}`)
  if (changed.missing === 0) return
  note(`${changed.missing} of the ids are no dead letters`)
  found()
}

async function allLetters (api: ApiClient, recipient: string | undefined): Promise<Letter[]> {
  const letters: Letter[] = []
  for (;;) {
    const { deadLetters } = await api.call<{ deadLetters: Letter[] }>('GET', withQuery('/v1/outbox/dead', { recipient, after: letters.at(-1)?.id, limit: PAGE }))
    letters.push(...deadLetters)
    if (deadLetters.length < PAGE) return letters.sort((a, b) => a.lastMs - b.lastMs)
  }
}

function row ({ recipient, waiting, bytes, oldestMs, deadLetters, paused, trouble }: Line): string[] {
  return [recipient, String(waiting), String(bytes), oldestMs === undefined ? '-' : time(oldestMs), String(deadLetters), state(paused, trouble)]
}

function state (paused: Pause | undefined, trouble: Line['trouble']): string {
  if (paused !== undefined) return `paused since ${time(paused.atMs)} by ${paused.by}: ${paused.reason}`
  return trouble === undefined ? '-' : `${trouble.code} since ${time(trouble.sinceMs)}`
}

function time (epochMs: number): string {
  return new Date(epochMs).toISOString()
}
